import type { Selectable } from 'kysely'
import type { Channel } from '#platform/core/channel.ts'
import type { FailureReason } from '#messaging/core/failure.ts'
import type { WorkflowStep } from '#access/core/policy.ts'
import { recentSends } from '#verification/core/start.ts'
import type {
  Delivery,
  Transaction,
  Verification,
  VerificationPolicy,
  VerificationStatus,
} from '#verification/core/verification.ts'
import type { DeliveryStatus } from '#platform/core/delivery-status.ts'
import type { VerificationTables } from './tables.ts'

/** A verification with the sends of its recipient, and its code when that is another one's. */
export type FoundVerification = Selectable<VerificationTables['verification']> & {
  readonly sent_at: Date[] | null
  readonly code_workflow: unknown
  readonly code_step_index: number | null
  readonly code_revision: number | null
  readonly code_over_at: Date | null
}
export type FoundDelivery = Selectable<VerificationTables['delivery']>

export const readVerification = (found: FoundVerification, deliveries: Delivery[], now: Date): Verification => ({
  businessId: found.business_id,
  id: found.id,
  applicationId: found.application_id,
  live: found.live,
  recipient: found.recipient,
  purpose: found.purpose,
  locale: found.locale,
  status: found.status as VerificationStatus,
  checkCount: found.check_count,
  checkCountMax: found.check_count_max,
  policy: found.policy as VerificationPolicy,
  codeId: found.code_id,
  ...(found.code_over_at && { codeEndedAt: found.code_over_at }),
  workflow: (found.workflow ?? found.code_workflow) as WorkflowStep[],
  stepIndex: found.code_step_index ?? found.step_index,
  revision: found.code_revision ?? found.revision,
  ...(found.transaction !== null && { transaction: found.transaction as Transaction }),
  ...(found.metadata !== null && { metadata: found.metadata as Record<string, unknown> }),
  createdAt: found.created_at,
  expiresAt: found.expires_at,
  ...(found.ended_at && { endedAt: found.ended_at }),
  deliveries,
  sentRecently: recentSends(found.sent_at ?? [], now),
})

export const readDelivery = (found: FoundDelivery): Delivery => ({
  id: found.id,
  stepIndex: found.step_index,
  channel: found.channel as Channel,
  senderId: found.sender_id,
  status: found.status as DeliveryStatus,
  ...(found.failure_reason !== null && { failureReason: found.failure_reason as FailureReason }),
  ...(found.provider_code !== null && { providerCode: found.provider_code }),
  ...(found.detail !== null && { detail: found.detail }),
  queuedAt: found.queued_at,
  ...(found.sent_at && { sentAt: found.sent_at }),
  ...(found.delivered_at && { deliveredAt: found.delivered_at }),
  ...(found.read_at && { readAt: found.read_at }),
  ...(found.failed_at && { failedAt: found.failed_at }),
})
