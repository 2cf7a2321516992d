/** The kinds of events of a transfer, with what has happened. */
export const transferEventKinds = {
  'transfer.posted': 'Money moved: at once, or because a pending transfer was posted.',
  'transfer.pending': 'Money was set aside for a transfer that is to come.',
  'transfer.voided': 'A pending transfer was voided.',
  'transfer.expired': 'A pending transfer was not posted in time.',
} as const

export type TransferEventKind = keyof typeof transferEventKinds
