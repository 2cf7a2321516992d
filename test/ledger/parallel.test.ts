import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import type { Book } from '#ledger/core/book.ts'
import type { TransferResult } from '#ledger/core/refusals.ts'
import type { LedgerEngine } from '#ledger/store/engine.ts'
import { verifyLedger } from '#ledger/store/verify.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { withoutGuard } from '../kit/without-guard.ts'
import { applyOne, balancesOf, engineOf, freshBook, move, openAll, start } from './books.ts'

describe('the books under two servers at once', () => {
  let database: TestDatabase
  let engines: LedgerEngine[]
  before(async () => {
    database = await freshDatabase()
    engines = [engineOf(database), engineOf(database), engineOf(database, { bindRequests: false })]
  })
  after(async () => {
    await Promise.all(engines.map((engine) => engine.stop()))
    await database.drop()
  })

  const engineFor = (n: number): LedgerEngine => engines[n % engines.length] as LedgerEngine
  const countOf = (results: readonly TransferResult[], result: TransferResult): number =>
    results.filter((one) => one === result).length

  /** 300 people want 1 each of a purse that holds 100. */
  async function spend(): Promise<{ readonly book: Book; readonly purse: string; readonly results: TransferResult[] }> {
    const book = freshBook()
    const [purse, shop] = (await openAll(engineFor(0), book, [{ balanceMin: 0n }, {}])) as [string, string]
    await applyOne(engineFor(0), book, move(shop, purse, 100n))
    const results = await Promise.all(
      Array.from({ length: 300 }, (_, n) =>
        applyOne(engineFor(n), book, move(purse, shop, 1n, { kind: n % 3 === 0 ? 'pending' : 'single' })),
      ),
    )
    return { book, purse, results }
  }

  it('never spend what is not there', async () => {
    const { book, purse, results } = await spend()
    assert.deepEqual([countOf(results, 'ok'), countOf(results, 'exceeds_balance')], [100, 200])
    const { balance, out } = (await balancesOf(database, book)).get(purse) as { balance: bigint; out: bigint }
    assert.equal(balance - out, 0n)
  })

  it('have a second wall: a function that looks at no limit still moves nothing beyond it', async () => {
    const cut = [['< v_from.balance_min then', '< v_from.balance_min and false then']] as const
    await withoutGuard(database, 'apply_transfer', cut, async () => {
      await assert.rejects(spend(), /ledger_balance_min/)
    })
    assert.equal((await verifyLedger(database.url, () => undefined)).fault, undefined)
  })

  it('end a pending transfer once, however many try', async () => {
    const book = freshBook()
    const [purse, shop] = (await openAll(engineFor(0), book, [{}, {}])) as [string, string]
    const pending = move(purse, shop, 10n, { kind: 'pending' })
    await applyOne(engineFor(0), book, pending)
    const results = await Promise.all(
      Array.from({ length: 90 }, (_, n) =>
        applyOne(engineFor(n), book, { id: randomUUID(), kind: n % 2 ? 'post' : 'void', pendingId: pending.id }),
      ),
    )
    assert.equal(countOf(results, 'ok'), 1)
    const { balance, out } = (await balancesOf(database, book)).get(purse) as { balance: bigint; out: bigint }
    assert.deepEqual([out, balance], [0n, results[results.indexOf('ok')] && results.indexOf('ok') % 2 ? -10n : 0n])
  })

  it('move once what is asked of all servers under one id', async () => {
    const book = freshBook()
    const [purse, shop] = (await openAll(engineFor(0), book, [{}, {}])) as [string, string]
    const ask = move(purse, shop, 5n)
    const results = await Promise.all(Array.from({ length: 60 }, (_, n) => applyOne(engineFor(n), book, ask)))
    assert.deepEqual([countOf(results, 'ok'), countOf(results, 'exists')], [1, 59])
  })

  it('wait for each other in no circle', async () => {
    const book = freshBook()
    const accounts = await openAll(engineFor(0), book, [{}, {}, {}, { shardCount: 8 }])
    const pick = (n: number): string => accounts[n % accounts.length] as string
    const chains = Array.from({ length: 400 }, (_, n) => [
      move(pick(n), pick(n + 1), 1n),
      move(pick(n + 2), pick(n + 1), 1n),
      move(pick(n + 3), pick(n), 1n),
    ])
    const results = await Promise.all(chains.map((transfers, n) => engineFor(n).apply({ book, transfers, now: start })))
    assert.equal(countOf(results.flat(), 'ok'), 1200)
    const sum = [...(await balancesOf(database, book)).values()].reduce((all, { balance }) => all + balance, 0n)
    assert.equal(sum, 0n)
    assert.equal((await verifyLedger(database.url, () => undefined)).fault, undefined)
  })
})
