/** The kinds of events of an authenticator app, with what has happened. */
export const factorEventKinds = {
  'factor.created': 'An authenticator app was set up, and is not verified yet.',
  'factor.verified': 'Its first right code was given.',
  'factor.deleted': 'It was removed, by itself or with its person.',
  'challenge.approved': 'A challenge was answered with the right code.',
} as const

export type FactorEventKind = keyof typeof factorEventKinds
