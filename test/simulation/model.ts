/**
 * What the delivery engine should do, written a second time and differently: not as moves decided from a row, but as
 * what may be seen from outside after a history. Knows nothing of core.
 */

export type Channel = 'whatsapp' | 'sms'

export interface SendSeen {
  readonly deliveryId: string
  readonly channel: Channel
  readonly code: string
  readonly at: number
}

export interface Seen {
  readonly startedAt: number
  readonly expiresAt: number
  /** First moment an end was acknowledged or asked for; undefined: never. */
  readonly endedAt: number | undefined
  readonly status: string
  readonly sends: readonly SendSeen[]
  readonly deliveries: readonly {
    readonly id: string
    readonly channel: Channel
    readonly status: string
    readonly stepIndex: number
  }[]
  /** What the provider told, in the order the server took it. */
  readonly told: readonly {
    readonly deliveryId: string
    readonly status: string
    readonly at: number
    readonly isNamed: boolean
  }[]
  /** Deliveries whose message id came with an answer; receipts may name only that id. */
  readonly answered: readonly string[]
  readonly approvals: number
  readonly wrongCompared: number
  /** When somebody asked for another sending and was not refused. */
  readonly askedAt: readonly number[]
}

const rank = ['queued', 'sending', 'unknown', 'sent', 'failed', 'delivered', 'read']

/** Every rule a history broke, in words; empty when it kept them all. */
export function judge(
  seen: Seen,
  limits: { readonly checks: number; readonly sends: number; readonly lagMs: number },
): string[] {
  const broken: string[] = []
  const { sends, deliveries } = seen
  const told = understood(seen)

  const byDelivery = Map.groupBy(sends, ({ deliveryId }) => deliveryId)
  for (const [id, of] of byDelivery) if (of.length > 1) broken.push(`delivery ${id} was sent ${of.length} times`)

  const codes = new Set(sends.map(({ code }) => code))
  if (codes.size > 1) broken.push(`codes differ between sends: ${codes.size}`)

  if (seen.approvals > 1) broken.push(`approved ${seen.approvals} times`)
  if (seen.wrongCompared > limits.checks) broken.push(`${seen.wrongCompared} wrong codes were compared`)
  if (seen.wrongCompared >= limits.checks && seen.approvals > 0) broken.push('approved after the last check was spent')
  if (sends.length > limits.sends) broken.push(`${sends.length} messages were sent`)

  const end = Math.min(seen.endedAt ?? Infinity, seen.expiresAt)
  for (const { at, channel } of sends)
    if (at > end + limits.lagMs) broken.push(`a message left by ${channel} ${at - end} ms after the end`)

  for (const { id, status } of deliveries) {
    const news = told.filter(({ deliveryId }) => deliveryId === id).map((one) => rank.indexOf(one.status))
    const best = Math.max(-1, ...news)
    // A receipt only raises; what the server knows itself may be higher than what it was told.
    if (rank.indexOf(status) < best) broken.push(`delivery ${id} is ${status} though ${rank[best]} was told`)
  }

  // Each step is sent once by itself; every further sending on it was asked for.
  const automatic = Map.groupBy(deliveries, ({ stepIndex }) => stepIndex)
  const extra = [...automatic.values()].reduce((sum, of) => sum + of.length - 1, 0)
  if (extra > seen.askedAt.length) broken.push(`${extra} sendings were not asked for`)

  return broken
}

/** A receipt that names only a message id says nothing while nobody knows whose id it is. */
const understood = ({ told, answered }: Seen): Seen['told'] =>
  told.filter(
    ({ deliveryId, isNamed }) =>
      isNamed || answered.includes(deliveryId) || told.some((one) => one.deliveryId === deliveryId && one.isNamed),
  )

/** Must the workflow have gone on from WhatsApp to SMS by itself? */
export function mustHaveFallenBack(seen: Seen, waitMs: number, lagMs: number): boolean {
  const [first] = seen.deliveries
  if (!first || first.channel !== 'whatsapp') return false
  const end = Math.min(seen.endedAt ?? Infinity, seen.expiresAt)
  const due = seen.startedAt + waitMs
  const arrived = understood(seen).some(
    ({ deliveryId, status, at }) =>
      deliveryId === first.id && ['delivered', 'read'].includes(status) && at <= due + lagMs,
  )
  return !arrived && end > due + lagMs
}
