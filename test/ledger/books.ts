import { randomUUID } from 'node:crypto'
import type { AccountAsk } from '#ledger/core/account.ts'
import type { Book } from '#ledger/core/book.ts'
import type { TransferResult } from '#ledger/core/refusals.ts'
import type { MoveAsk, TransferAsk } from '#ledger/core/transfer.ts'
import { createLedgerEngine, type LedgerEngine } from '#ledger/store/engine.ts'
import type { TestDatabase } from '../kit/database.ts'

export const start = new Date('2026-12-01T10:00:00Z')

export const freshBook = (): Book => ({ businessId: randomUUID(), live: true })

/** The statements of the ledger on a database, as a server has them. */
export const engineOf = (database: Pick<TestDatabase, 'url'>, { bindRequests = true } = {}): LedgerEngine =>
  createLedgerEngine({
    connectionString: database.url,
    statementTimeoutMs: 15_000,
    lockTimeoutMs: 10_000,
    bindRequests,
  })

export const accountAsk = (book: Book, change: Partial<AccountAsk> = {}): AccountAsk => ({
  id: randomUUID(),
  ownerBusinessId: book.businessId,
  kind: 'customer_wallet',
  currency: 'BRL',
  balanceMin: null,
  balanceMax: null,
  shardCount: 1,
  metadata: null,
  ...change,
})

/** Opens accounts; their ids, in order. */
export async function openAll(
  engine: LedgerEngine,
  book: Book,
  changes: readonly Partial<AccountAsk>[],
): Promise<string[]> {
  const asks = changes.map((change) => accountAsk(book, change))
  await engine.open(book, asks, start)
  return asks.map(({ id }) => id)
}

export const move = (
  debitAccountId: string,
  creditAccountId: string,
  amount: bigint,
  change: Partial<MoveAsk> = {},
): MoveAsk => ({
  id: randomUUID(),
  kind: 'single',
  debitAccountId,
  creditAccountId,
  amount,
  currency: 'BRL',
  code: 'test',
  ...change,
})

export const applyOne = async (
  engine: LedgerEngine,
  book: Book,
  ask: TransferAsk,
  now: Date = start,
): Promise<TransferResult> => (await engine.apply({ book, transfers: [ask], now }))[0] as TransferResult

/** Posted balances by account. */
export async function balancesOf(database: Pick<TestDatabase, 'query'>, { businessId, live }: Book) {
  const rows = await database.query<{ id: string; balance: string; out: string; in: string }>(
    `select account_id as id, sum(credits_posted - debits_posted) as balance, sum(debits_pending) as out,
      sum(credits_pending) as in
    from ledger_balance where business_id = $1 and live = $2 group by 1`,
    [businessId, live],
  )
  return new Map(
    rows.map((row) => [row.id, { balance: BigInt(row.balance), out: BigInt(row.out), in: BigInt(row.in) }]),
  )
}
