import type { Book } from '#ledger/core/book.ts'
import type { TransferResult } from '#ledger/core/refusals.ts'
import type { TransferAsk } from '#ledger/core/transfer.ts'
import type { Lane, Statement } from '#platform/database/bind.ts'
import { fingerprintOf } from './fingerprint.ts'
import { functionName } from './functions.ts'

/** Transfers that are made all or none. */
export interface Chain {
  readonly book: Book
  readonly transfers: readonly TransferAsk[]
  readonly now: Date
}

const text = `select ${functionName('apply_transfers')}(
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) as results`

/** Chains of one moment are made in their order, each whole or not at all; of one that is refused the others know nothing. */
export const applyStatement: Statement<Chain, readonly TransferResult[]> = {
  name: 'apply_transfers',
  // A set may hold any two chains: the statement takes them in their order.
  conflictKeys: () => [],
  async run(lane: Lane, all) {
    const chains = all.slice(0, countWithin(all))
    const rows = chains.flatMap(rowsOf)
    const column = <Key extends keyof Row>(key: Key): Row[Key][] => rows.map((row) => row[key])
    const [found] = await lane.query('apply_transfers', text, [
      (chains[0] as Chain).now,
      column('businessId'),
      column('live'),
      column('id'),
      column('kind'),
      column('pendingId'),
      column('debit'),
      column('credit'),
      column('amount'),
      column('currency'),
      column('code'),
      column('chainId'),
      column('fingerprint'),
      column('expiresAt'),
      column('effectiveAt'),
      column('metadata'),
      column('isLinked'),
    ])
    const results = found?.['results'] as TransferResult[]
    let first = 0
    // Those that were too many are asked again in the next set.
    return all.map(({ transfers }, n) =>
      n < chains.length ? results.slice(first, (first += transfers.length)) : undefined,
    )
  },
}

/** Chains may be long, and a set that is, is long for everybody who waits behind it. */
const transfersMax = 500

/** How many of the chains, from the first, make a set. */
function countWithin(chains: readonly Chain[]): number {
  let transfers = 0
  const tooMany = chains.findIndex((chain) => (transfers += chain.transfers.length) > transfersMax)
  return tooMany === -1 ? chains.length : Math.max(1, tooMany)
}

type Row = ReturnType<typeof rowsOf>[number]

function rowsOf({ book, transfers, now }: Chain) {
  const fingerprint = fingerprintOf(transfers)
  return transfers.map((ask, index) => {
    const move = 'debitAccountId' in ask ? ask : undefined
    return {
      ...book,
      id: ask.id,
      kind: ask.kind,
      pendingId: 'pendingId' in ask ? ask.pendingId : null,
      debit: move?.debitAccountId ?? null,
      credit: move?.creditAccountId ?? null,
      amount: ask.amount === undefined ? null : String(ask.amount),
      currency: move?.currency ?? null,
      code: ask.code ?? null,
      chainId: transfers.length > 1 ? (transfers[0] as TransferAsk).id : null,
      fingerprint,
      expiresAt: move?.expiresInSeconds === undefined ? null : new Date(now.getTime() + 1000 * move.expiresInSeconds),
      effectiveAt: ask.effectiveAt ?? now,
      metadata: ask.metadata === undefined ? null : JSON.stringify(ask.metadata),
      isLinked: index < transfers.length - 1,
    }
  })
}
