import type { Static } from 'typebox'
import { spellId } from '#platform/core/id.ts'
import type { WorkflowStep } from '#access/core/policy.ts'
import type { Channel } from '#platform/core/channel.ts'
import { reasonText } from '#messaging/core/reasons.ts'
import {
  type Delivery,
  resendAfter,
  sendsRemaining,
  statusAt,
  type Verification,
} from '#verification/core/verification.ts'
import type { deliverySchema, timelineSchema, verificationSchema } from './schemas.ts'
import { verificationIds } from '#verification/core/ids.ts'

const iso = (date: Date | undefined): string | null => date?.toISOString() ?? null

export function representVerification(verification: Verification, now: Date): Static<typeof verificationSchema> {
  const { policy, sentRecently, workflow, stepIndex } = verification
  const status = statusAt(verification, now)
  const isPending = status === 'pending'
  const mayResendAt = isPending ? resendAfter(policy, sentRecently) : undefined
  return {
    id: spellId(verificationIds.verification, verification.id),
    status,
    to: verification.recipient,
    channel: verification.deliveries.at(-1)?.channel ?? (workflow[stepIndex] as WorkflowStep).channel,
    purpose: verification.purpose,
    locale: verification.locale,
    code_length: policy.codeLength,
    test: !verification.live,
    checks_remaining: isPending ? verification.checkCountMax - verification.checkCount : 0,
    sends_remaining: isPending ? sendsRemaining(policy, sentRecently) : 0,
    created_at: verification.createdAt.toISOString(),
    expires_at: verification.expiresAt.toISOString(),
    resend_after: iso(mayResendAt),
    resend_in_seconds: mayResendAt ? Math.max(0, Math.ceil((mayResendAt.getTime() - now.getTime()) / 1000)) : null,
    ended_at: iso(verification.endedAt ?? (status === 'expired' ? verification.expiresAt : undefined)),
    transaction: verification.transaction ?? null,
    metadata: (verification.metadata as Record<string, string> | undefined) ?? null,
    workflow: workflow.map(({ channel, waitSeconds }) => ({ channel, wait_seconds: waitSeconds })),
    deliveries: verification.deliveries.map(representDelivery),
  }
}

const representDelivery = (delivery: Delivery): Static<typeof deliverySchema> => ({
  id: spellId(verificationIds.delivery, delivery.id),
  channel: delivery.channel,
  status: delivery.status === 'sending' ? 'queued' : delivery.status,
  reason: delivery.failureReason ?? null,
  detail: delivery.failureReason ? reasonText(delivery.failureReason) : null,
  provider_code: delivery.providerCode ? delivery.providerCode : null,
  queued_at: delivery.queuedAt.toISOString(),
  sent_at: iso(delivery.sentAt),
  delivered_at: iso(delivery.deliveredAt),
  read_at: iso(delivery.readAt),
  failed_at: iso(delivery.failedAt),
})

interface TimelineEvent {
  readonly partId?: string
  readonly kind: string
  readonly data?: Readonly<Record<string, unknown>>
  readonly at: Date
}

export const representTimeline = (events: readonly TimelineEvent[]): Static<typeof timelineSchema> =>
  events.map(({ partId, kind, data, at }) => ({
    at: at.toISOString(),
    type: kind,
    channel: (data?.['channel'] as Channel | undefined) ?? null,
    reason: (data?.['reason'] as string | undefined) ?? null,
    provider_code: (data?.['provider_code'] as string | undefined) ?? null,
    delivery_id: partId === undefined ? null : spellId(verificationIds.delivery, partId),
  }))
