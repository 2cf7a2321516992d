/** Everything that is told of a verification and its deliveries. What is said in chats comes by the stream of events. */
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
] as const
export type EventKind = (typeof eventKinds)[number]

/** What an endpoint may ask for: a kind, or a group of them. */
export const eventPatterns = ['verification.*', 'delivery.*', ...eventKinds] as const
export type EventPattern = (typeof eventPatterns)[number]

/** Everything that is told of authenticator apps; endpoints in Twilio's format ask for it. A code is never denied. */
const factorKinds = [
  'factor.created',
  'factor.verified',
  'factor.deleted',
  'challenge.approved',
  'challenge.denied',
] as const
export const factorPatterns = ['factor.*', 'challenge.*', ...factorKinds] as const
export type FactorPattern = (typeof factorPatterns)[number]

/** A kind that is new since the endpoint was made belongs to its group. */
export const isWanted = (patterns: readonly string[], kind: string): boolean =>
  patterns.includes(kind) || patterns.includes(`${kind.split('.')[0]}.*`)
