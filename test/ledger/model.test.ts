import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import type { AccountAsk } from '#ledger/core/account.ts'
import { transferFaults, type TransferResult } from '#ledger/core/refusals.ts'
import { amountMax, type TransferAsk } from '#ledger/core/transfer.ts'
import type { LedgerEngine } from '#ledger/store/engine.ts'
import { verifyLedger } from '#ledger/store/verify.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { seed, shareOf } from '../kit/exploration.ts'
import { accountAsk, balancesOf, engineOf, freshBook, start } from './books.ts'
import { Model } from './model.ts'

const accountCount = 5

const amount = fc.oneof(
  { weight: 40, arbitrary: fc.bigInt({ min: 1n, max: 60n }) },
  { weight: 1, arbitrary: fc.constantFrom(amountMax, amountMax - 30n) },
)
/** The last two are in another currency, and not there. */
const account = fc.constantFrom(0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, accountCount - 1, accountCount)
/** By numbers, so that members meet: of accounts, of ids, of pending transfers. */
const transfer = fc.record({
  /** One that was asked for before, or mostly a new one. */
  earlier: fc.constantFrom(undefined, undefined, undefined, undefined, undefined, undefined, 0, 1, 2),
  kind: fc.constantFrom(
    'single' as const,
    'pending' as const,
    'pending' as const,
    'post' as const,
    'post' as const,
    'void' as const,
  ),
  debit: account,
  credit: account,
  /** How many pending ones ago. */
  pending: fc.integer({ min: 0, max: 4 }),
  amount,
  isWhole: fc.boolean(),
  currency: fc.constantFrom(...Array<string>(12).fill('BRL'), 'MXN'),
  expiresInSeconds: fc.constantFrom(undefined, undefined, 30, 3600),
})
type Drawn = typeof transfer extends fc.Arbitrary<infer One> ? One : never
const chain = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(transfer) },
  { weight: 1, arbitrary: fc.array(transfer, { minLength: 2, maxLength: 3 }) },
)
const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('apply' as const),
      afterMs: fc.constantFrom(0, 1, 29_999, 30_000, 3_600_000),
      chains: fc.array(chain, {
        minLength: 1,
        maxLength: 4,
      }),
      /** Those of the step before are asked for again. */
      isRepeat: fc.constantFrom(true, false, false, false),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('expire' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('close' as const), account: fc.integer({ min: 0, max: accountCount - 1 }) }),
  },
)
const limits: readonly Partial<AccountAsk>[] = [
  { balanceMin: 0n },
  { balanceMin: -200n, balanceMax: 300n },
  { balanceMax: 100n },
  {},
  { currency: 'MXN' },
]

describe(`the books (seed ${seed})`, () => {
  let database: TestDatabase
  let engine: LedgerEngine
  before(async () => {
    database = await freshDatabase()
    engine = engineOf(database)
  })
  after(async () => {
    await engine.stop()
    await database.drop()
  })

  it('are what the model says, and add up after every step', async () => {
    const seen = new Map<TransferResult, number>()
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30, size: 'max' }), async (steps) => {
        const book = freshBook()
        const asks = limits.map((limit) => accountAsk(book, limit))
        const model = new Model()
        await engine.open(book, asks, start)
        for (const ask of asks) model.open(ask)
        const accounts = [...asks.map(({ id }) => id), randomUUID()]
        const ids: string[] = []
        const pending: string[] = []
        const chainOf = (drawn: readonly Drawn[]): TransferAsk[] => {
          const taken = new Set<string>()
          return drawn.map((one) => {
            const earlier = one.earlier === undefined ? undefined : ids.at(-1 - one.earlier)
            const id = earlier === undefined || taken.has(earlier) ? randomUUID() : earlier
            const ask = askOf(one, id, pending.at(-1 - one.pending) ?? ids[0] ?? randomUUID())
            taken.add(id)
            ids.push(id)
            if (ask.kind === 'pending') pending.push(id)
            return ask
          })
        }
        const askOf = (drawn: Drawn, id: string, pendingId: string): TransferAsk => {
          const { kind, amount: much } = drawn
          if (kind === 'post' || kind === 'void')
            return { id, kind, pendingId, ...(kind === 'post' && !drawn.isWhole && { amount: much }) }
          const credit = drawn.debit === drawn.credit ? (drawn.credit + 1) % accounts.length : drawn.credit
          return {
            id,
            kind,
            debitAccountId: accounts[drawn.debit] as string,
            creditAccountId: accounts[credit] as string,
            amount: much,
            currency: drawn.currency,
            code: 'test',
            ...(kind === 'pending' &&
              drawn.expiresInSeconds !== undefined && { expiresInSeconds: drawn.expiresInSeconds }),
          }
        }
        let now = start
        let last: readonly (readonly TransferAsk[])[] = []
        for (const one of steps) {
          if (one.do === 'close') {
            const id = accounts[one.account] as string
            assert.equal(await engine.close(book, id, now), model.close(id) ? 'ok' : 'not_empty')
          } else if (one.do === 'expire') {
            while (await engine.expire(now));
            model.expire(now.getTime())
          } else {
            now = new Date(now.getTime() + one.afterMs)
            const chains: readonly (readonly TransferAsk[])[] = one.isRepeat ? last : one.chains.map(chainOf)
            // Asked in one moment: the engine binds them into a set, in this order.
            const results = await Promise.all(chains.map((transfers) => engine.apply({ book, transfers, now })))
            assert.deepEqual(
              results,
              chains.map((chain) => model.apply(chain, now.getTime())),
            )
            last = chains
            for (const result of results.flat()) seen.set(result, (seen.get(result) ?? 0) + 1)
          }
          assert.deepEqual(
            await balancesOf(database, book),
            new Map(
              [...model.accounts].map(([id, { balance, out, in: pendingIn }]) => [id, { balance, out, in: pendingIn }]),
            ),
          )
        }
      }),
      { numRuns: shareOf(5000, 300), seed },
    )
    const { fault } = await verifyLedger(database.url, () => undefined)
    assert.equal(fault, undefined)
    // A model that is never asked proves nothing: each result came up, and most often money moved.
    const all: TransferResult[] = ['ok', 'exists', 'linked_transfer_refused', ...transferFaults]
    assert.deepEqual(
      all.filter((result) => !seen.has(result)),
      [],
    )
    assert.ok((seen.get('ok') ?? 0) > 500, `${seen.get('ok')} transfers`)
  })
})
