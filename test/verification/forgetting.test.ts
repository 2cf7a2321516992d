import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, beforeEach, describe, it } from 'node:test'
import fc from 'fast-check'
import { sql } from 'kysely'
import { dayMs } from '#platform/core/kept.ts'
import { Database } from '#platform/database/database.ts'
import type { KeptData } from '#platform/module.ts'
import { isForgettable } from '#verification/core/budget.ts'
import { functionName } from '#verification/store/functions.ts'
import { keptVerifications } from '#verification/store/keep.ts'
import { eventually } from '../kit/api.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { businessId } from './start-row.ts'

const keptDays = 30

describe('what verification forgets', () => {
  let database: TestDatabase
  let opened: Database
  let now = Date.parse('2026-12-01T00:00:00Z')
  before(async () => {
    database = await freshDatabase()
    const times = { statementTimeoutMs: 5000, lockTimeoutMs: 2000 }
    opened = new Database({ ...times, connectionString: database.url, poolSize: 2 })
  })
  after(async () => {
    await opened.close()
    await database.drop()
  })
  beforeEach(() => database.query('truncate recipient, early_receipt'))

  const keptOf = (name: string): KeptData => {
    const periods = { verificationsDays: 90, receiptsDays: 7, budgetsDays: keptDays }
    return keptVerifications(opened, () => new Date(now), periods).find((one) => one.name === name) as KeptData
  }

  async function walk({ forget }: KeptData): Promise<number> {
    let all = 0
    for (;;) {
      const { rows, hasMore } = await (forget as NonNullable<typeof forget>)(new Date(now), 1000)
      all += rows
      if (!hasMore) return all
    }
  }

  const ago = (days: number): Date => new Date(now - days * dayMs)
  const insert = (recipient: string, failedAt: readonly Date[], consecutive: number, sentAt: readonly Date[]) =>
    database.query('insert into recipient values ($1, true, $2, $3, $4, $5)', [
      businessId,
      recipient,
      failedAt,
      consecutive,
      sentAt,
    ])

  it('are the recipients of whom nothing counts any more, as the rule in core says', async () => {
    const days = fc.constantFrom(0.01, 0.5, 0.99, 1.5, 1.99, 2.01, 10, 29.9, 30.1, 400)
    const recipient = fc.record({
      failed: fc.array(days, { maxLength: 3 }),
      consecutive: fc.constantFrom(0, 1, 5, 99, 100, 120),
      sent: fc.array(days, { maxLength: 2 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(recipient, { minLength: 1, maxLength: 20 }), async (all) => {
        await database.query('truncate recipient')
        const stay: string[] = []
        for (const [n, { failed, consecutive, sent }] of all.entries()) {
          const [failedAt, sentAt] = [failed, sent].map((times) => times.toSorted((a, b) => b - a).map(ago))
          await insert(String(n), failedAt as Date[], consecutive, sentAt as Date[])
          const budget = { failedAt: failedAt as Date[], failedConsecutive: consecutive }
          if (!isForgettable(budget, sentAt?.at(-1), new Date(now), keptDays * dayMs)) stay.push(String(n))
        }
        await walk(keptOf('budgets'))
        const left = await database.query<{ person: string }>('select person from recipient order by 1')
        assert.deepEqual(left.map((one) => one.person).toSorted(), stay.toSorted())
      }),
      { numRuns: 40 },
    )
  })

  it('walks over more of them than one step takes, and rests before it begins anew', async () => {
    await database.query(
      `insert into recipient select $1, n % 2 = 0, '+62' || n, case when n % 100 = 0 then array[$2::timestamptz] else '{}' end, 0, array[$3::timestamptz]
        from generate_series(1, 1000) n`,
      [businessId, ago(1), ago(3)],
    )
    const budgets = keptOf('budgets')
    assert.equal(await walk(budgets), 990)
    await insert('old', [], 0, [ago(3)])
    assert.equal(await walk(budgets), 0)
    now += 3_600_001
    assert.equal(await walk(budgets), 1)
  })

  it('goes only under the lock of the recipient: a wrong code that is being counted is not lost', async () => {
    await insert('+621', [ago(40)], 3, [ago(40)])
    const checking = opened.asEngine(async (trx) => {
      await sql`select ${sql.raw(functionName('lock_recipients'))}(array[${businessId}::uuid], array[true], array['+621'])`.execute(
        trx,
      )
      const walking = walk(keptOf('budgets'))
      // Until it waits for the lock; without one it would be over by then.
      const waits = () => database.query(`select from pg_locks where locktype = 'advisory' and not granted`)
      await Promise.race([walking, eventually(async () => (await waits()).length > 0)])
      await sql`update recipient set failed_at = failed_at || ${new Date(now)}::timestamptz, failed_consecutive = 4`.execute(
        trx,
      )
      return { walking }
    })
    const { walking } = await checking
    assert.equal(await walking, 0)
    assert.equal((await database.query('select from recipient')).length, 1)
  })

  it("are strangers' receipts after an hour", async () => {
    const add = (minutes: number) =>
      database.query(
        `insert into early_receipt (business_id, sender_id, provider_message_id, status, at, fallback, received_at)
          values ($1, $2, $3, 'sent', $4, true, $4)`,
        [businessId, randomUUID(), String(minutes), ago(minutes / 1440)],
      )
    for (const minutes of [10, 59, 61]) await add(minutes)
    const { forget, keptForMs } = keptOf('early receipts')
    const before = new Date(now - keptForMs)
    assert.deepEqual(await forget?.(before, 1000), { rows: 1, hasMore: false })
    assert.equal((await database.query('select from early_receipt')).length, 2)
  })
})
