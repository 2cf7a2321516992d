/** Minor units that one transfer moves at most: 2^53 - 1, which every JSON reader reads exactly (RFC 8259 §6). */
export const amountMax = 9_007_199_254_740_991n

/** Transfers that are made all or none, at most. */
export const chainMax = 100

interface TransferAskBase {
  /** UUID, made by whoever asks: the same one moves the money once. */
  readonly id: string
  /** When it counts for whoever keeps the books; absent: now. */
  readonly effectiveAt?: Date
  readonly metadata?: Readonly<Record<string, string>>
}

/** From one account to another: at once, or pending, to be posted or voided later. */
export interface MoveAsk extends TransferAskBase {
  readonly kind: 'single' | 'pending'
  readonly debitAccountId: string
  readonly creditAccountId: string
  /** Minor units, 1 to `amountMax`. */
  readonly amount: bigint
  /** ISO 4217, that of both accounts. */
  readonly currency: string
  /** What it is for, in a word. */
  readonly code: string
  /** Of a pending one: after so many seconds it is worth nothing. Absent: it stands until it is ended. */
  readonly expiresInSeconds?: number
}

/** The end of a pending transfer: its money moves, wholly or in part, or stays. */
export interface EndAsk extends TransferAskBase {
  readonly kind: 'post' | 'void'
  readonly pendingId: string
  /** Of a post: how much of it; the rest is free again. Absent: all. */
  readonly amount?: bigint
  /** Absent: the pending transfer's. */
  readonly code?: string
}

export type TransferAsk = MoveAsk | EndAsk

export const transferKinds = ['single', 'pending', 'post', 'void', 'expire'] as const
export type TransferKind = (typeof transferKinds)[number]

export const pendingStatuses = ['pending', 'posted', 'voided', 'expired'] as const
export type PendingStatus = (typeof pendingStatuses)[number]

/** What was written, once and for ever. */
export interface Transfer {
  readonly id: string
  readonly kind: TransferKind
  readonly pendingId: string | null
  readonly debitAccountId: string
  readonly creditAccountId: string
  readonly amount: bigint
  readonly currency: string
  readonly code: string
  /** The id of the first of those that it was made with, all or none. */
  readonly chainId: string | null
  /** Of a pending one: what has become of it. */
  readonly pendingStatus: PendingStatus | null
  readonly expiresAt: Date | null
  readonly effectiveAt: Date
  readonly createdAt: Date
  readonly metadata: Readonly<Record<string, string>> | null
}

/** Asks that are wrong whatever stands in the books; the caller's mistake, so it is thrown. */
export function requireSound(chain: readonly TransferAsk[]): void {
  if (chain.length < 1 || chain.length > chainMax) throw new RangeError(`A chain has 1 to ${chainMax} transfers.`)
  if (new Set(chain.map(({ id }) => id)).size < chain.length) throw new RangeError('Two transfers have one id.')
  for (const ask of chain) {
    if (ask.amount !== undefined && (ask.amount < 1n || ask.amount > amountMax)) throw new RangeError('No such amount.')
    if ('debitAccountId' in ask && ask.debitAccountId === ask.creditAccountId)
      throw new RangeError('Money moves between two accounts.')
  }
}
