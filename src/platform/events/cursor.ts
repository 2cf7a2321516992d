/**
 * A place in the log. As text `epoch-transaction-sequence`: where a backup is restored into another cluster the numbers of
 * transactions begin anew, and the epoch is one higher.
 */
export interface Cursor {
  /** As the database has it: the epoch above 48 bits of transaction. */
  readonly position: bigint
  readonly sequence: bigint
}

const transactionBits = 48n
const bigintMax = 2n ** 63n - 1n

export const spellCursor = ({ position, sequence }: Cursor): string =>
  `${position >> transactionBits}-${position & ((1n << transactionBits) - 1n)}-${sequence}`

/** Undefined when it is no cursor: three numbers that PostgreSQL takes. */
export function readCursor(text: string): Cursor | undefined {
  const match = /^(\d{1,5})-(\d{1,15})-(\d{1,19})$/.exec(text)
  if (!match) return undefined
  const [epoch, transaction, sequence] = match.slice(1).map(BigInt) as [bigint, bigint, bigint]
  const position = (epoch << transactionBits) + transaction
  return transaction < 1n << transactionBits && position <= bigintMax && sequence <= bigintMax
    ? { position, sequence }
    : undefined
}

/** Of two cursors as text. */
export function isBefore(a: string, b: string): boolean {
  const [first, second] = [requireCursor(a), requireCursor(b)]
  return first.position === second.position ? first.sequence < second.sequence : first.position < second.position
}

/** Of one that was read before, or is our own. */
export function requireCursor(text: string): Cursor {
  const cursor = readCursor(text)
  if (!cursor) throw new Error(`${text} is no cursor.`)
  return cursor
}
