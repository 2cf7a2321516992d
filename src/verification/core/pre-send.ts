import { spellId } from '#platform/core/id.ts'
import { type Channel, offeredChannels } from '#platform/core/channel.ts'
import type { Client } from '#messaging/core/may-leave.ts'
import { accessIds } from '#access/core/ids.ts'

export interface PreSendHookOwner {
  readonly businessId: string
  readonly applicationId: string
  readonly live: boolean
}

export const failurePolicies = ['allow', 'deny'] as const

/** A server of the business that is asked before a verification is sent. */
export interface PreSendHook extends PreSendHookOwner {
  readonly url: string
  /** The decision when there is no answer in time, or none that can be read. */
  readonly onFailure: (typeof failurePolicies)[number]
  readonly createdAt: Date
}

export interface PreSendQuestion {
  readonly recipient: string
  readonly purpose: string
  readonly locale: string
  /** When the caller named one. */
  readonly channel?: Channel | undefined
  readonly client?: Client | undefined
}

export type PreSendDecision = { readonly kind: 'allow'; readonly channel?: Channel } | { readonly kind: 'deny' }

export const preSendBody = (owner: PreSendHookOwner, question: PreSendQuestion, now: Date): string =>
  JSON.stringify({
    type: 'verification.pre_send',
    timestamp: now.toISOString(),
    data: {
      application_id: spellId(accessIds.application, owner.applicationId),
      to: question.recipient,
      purpose: question.purpose,
      locale: question.locale,
      channel: question.channel ?? null,
      client: question.client
        ? {
            ip: question.client.ip ?? null,
            user_agent: question.client.userAgent ?? null,
            device_id: question.client.deviceId ?? null,
          }
        : null,
      test: !owner.live,
    },
  })

/**
 * Reads an answer: `{"decision": "allow"}`, `{"decision": "allow", "channel": "sms"}`, `{"decision": "deny"}`.
 * @param text the body of a 2xx answer; undefined: there was none
 */
export function readPreSendAnswer(text: string | undefined, { onFailure }: PreSendHook): PreSendDecision {
  const { decision, channel } = parse(text)
  const isChannel = offeredChannels.some((one) => one === channel)
  if (decision === 'deny') return { kind: 'deny' }
  if (decision === 'allow' && (channel === undefined || channel === null)) return { kind: 'allow' }
  if (decision === 'allow' && isChannel) return { kind: 'allow', channel: channel as Channel }
  return { kind: onFailure }
}

function parse(text: string | undefined): { readonly decision?: unknown; readonly channel?: unknown } {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
