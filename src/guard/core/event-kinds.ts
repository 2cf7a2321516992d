/** The kinds of events of the guard, with what has happened. Of each at most one an hour for the same counter. */
export const guardEventKinds = {
  'guard.send_refused': 'A message was not sent, because of a rule of the guard.',
  'guard.send_recorded': 'A message broke a rule of the guard that only records; it was sent.',
  'guard.checks_slowed': 'There were so many wrong codes that checks of the whole business slow down for a while.',
  'guard.checks_recorded':
    'There were so many wrong codes that checks would slow down, if that rule did more than record.',
} as const

export type GuardEventKind = keyof typeof guardEventKinds
