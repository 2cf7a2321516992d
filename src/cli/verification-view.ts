import { dateOf, paint, table, timeOf } from './terminal.ts'

export interface DeliveryView {
  readonly id: string
  readonly channel: string
  readonly status: string
  readonly detail: string | null
  readonly provider_code: string | null
}

/** A verification as the API spells it; only what is shown here. */
export interface VerificationView {
  readonly id: string
  readonly status: string
  readonly to: string
  readonly channel: string
  readonly purpose: string
  readonly test: boolean
  readonly checks_remaining: number
  readonly sends_remaining: number
  readonly created_at: string
  readonly expires_at: string
  readonly ended_at: string | null
  readonly transaction: { readonly amount: string; readonly currency: string; readonly payee: string } | null
  readonly deliveries: readonly DeliveryView[]
}

export interface TimelineView {
  readonly at: string
  readonly type: string
  readonly channel: string | null
  readonly reason: string | null
}

export interface CheckView {
  readonly id: string
  readonly status: string
  readonly valid: boolean
  readonly checks_remaining: number
}

const paintStatus = (status: string): string => {
  if (['approved', 'delivered', 'read'].includes(status)) return paint('green', status)
  if (['failed', 'blocked', 'undeliverable'].includes(status)) return paint('red', status)
  return ['expired', 'canceled'].includes(status) ? paint('dim', status) : paint('yellow', status)
}

export const describeList = (verifications: readonly VerificationView[]): string[] =>
  table(
    verifications.map(({ id, status, to, channel, created_at }) => [id, status, to, channel, dateOf(created_at)]),
    (cell, column) => (column === 1 ? paintStatus(cell) : cell),
  )

export function describeVerification(
  verification: VerificationView & { readonly timeline: readonly TimelineView[] },
): string[] {
  const { id, status, to, purpose, test, transaction, deliveries, timeline } = verification
  const isPending = status === 'pending'
  return [
    `${paint('bold', id)}  ${paintStatus(status)}`,
    ...table([
      ['  to', `${to}${test ? '  (test: nothing left the simulator)' : ''}`],
      ['  purpose', purpose],
      ...(transaction
        ? [['  authorises', `${transaction.amount} ${transaction.currency} to ${transaction.payee}`]]
        : []),
      ['  started', dateOf(verification.created_at)],
      isPending
        ? ['  expires', dateOf(verification.expires_at)]
        : ['  ended', dateOf(verification.ended_at ?? verification.expires_at)],
      ...(isPending
        ? [['  left', `${verification.checks_remaining} checks, ${verification.sends_remaining} sends`]]
        : []),
    ]),
    ...deliveries.map(
      ({ channel, status, detail, provider_code: code }) =>
        `  ${channel}: ${paintStatus(status)}${detail === null ? '' : `. ${detail}`}${code === null ? '' : ` (${code})`}`,
    ),
    ...table(
      timeline.map(({ at, type, channel, reason }) => [`  ${timeOf(at)}`, type, channel ?? '', reason ?? '']),
      (cell, column) => (column === 0 ? paint('dim', cell) : cell),
    ),
  ]
}
