/** Everything that is told of a verification and its deliveries, and of the messages of chats. */
export const eventKinds = [
  'verification.started',
  'verification.moved_on',
  'verification.check_failed',
  'verification.approved',
  'verification.canceled',
  'verification.expired',
  'verification.blocked',
  'verification.undeliverable',
  'delivery.sent',
  'delivery.delivered',
  'delivery.read',
  'delivery.failed',
  'delivery.unknown',
  'delivery.deferred',
  'message.received',
  'message.sent',
  'message.delivered',
  'message.read',
  'message.failed',
  'message.unknown',
] as const

/** What an endpoint may ask for: a kind, or a group of them. */
export const eventPatterns = ['verification.*', 'delivery.*', 'message.*', ...eventKinds] as const
export type EventPattern = (typeof eventPatterns)[number]

/** A kind that is new since the endpoint was made belongs to its group. */
export const isWanted = (patterns: readonly string[], kind: string): boolean =>
  patterns.includes(kind) || patterns.includes(`${kind.split('.')[0]}.*`)
