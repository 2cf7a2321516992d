import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { decideApproval } from '#verification/core/approve.ts'
import { Database } from '#platform/database/database.ts'
import { createEngine, type PostgresEngine } from '#verification/store/engine.ts'
import { approveByBusiness } from '#verification/store/statements/approve.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { businessId, rightMac, startRow } from './start-row.ts'
import { seed } from '../kit/exploration.ts'

const start = Date.parse('2026-11-24T00:00:00Z')
const stranger = '0190a000-0000-7000-8000-00000000dead'

/** The guarded statement of an approval decides what its rule in core says, and leaves the recipient alone. */
describe(`an approval by the business's word (seed ${seed})`, () => {
  let database: TestDatabase
  let store: Database
  let engine: PostgresEngine
  before(async () => {
    database = await freshDatabase()
    const settings = { connectionString: database.url, statementTimeoutMs: 5000, lockTimeoutMs: 2000 }
    store = new Database({ ...settings, poolSize: 4 })
    engine = createEngine({ ...settings, laneCount: 2, bindRequests: true, now: () => new Date(start) })
    await database.query('insert into business values ($1, $2, now())', [businessId, 'x'])
  })
  after(async () => {
    await engine.close()
    await store.close()
    await database.drop()
  })

  let recipients = 0
  const freshRow = (changes: Parameters<typeof startRow>[2] = {}) =>
    startRow(`+${4_000_000_000 + recipients++}`, new Date(start), changes)
  const keyOf = ({ id }: { id: string }) => ({ businessId, applicationId: businessId, live: false, id })

  it('agrees with the rule, says so once, and touches no budget', async () => {
    const past = fc.record({
      status: fc.constantFrom('pending', 'approved', 'canceled', 'expired', 'blocked', 'undeliverable' as const),
      isBound: fc.boolean(),
      afterMs: fc.constantFrom(0, 299_999, 300_000, 300_001),
      failures: fc.integer({ min: 0, max: 20 }),
    })
    await fc.assert(
      fc.asyncProperty(past, async ({ status, isBound, afterMs, failures }) => {
        const transaction = isBound ? { amount: '10', currency: 'BRL', payee: 'Padaria' } : undefined
        const row = freshRow(transaction && { transaction, binding: 'x' })
        await engine.start(row)
        await database.query(
          `update recipient set failed_at = array(select $2::timestamptz from generate_series(1, $3)),
            failed_consecutive = $3 where person = $1`,
          [row.recipient, new Date(start), failures],
        )
        if (status !== 'pending') {
          await database.query(
            `update verification set status = $2, ended_at = $3, due_at = null, code_mac = null where id = $1`,
            [row.id, status, new Date(start)],
          )
        }
        const read = () => database.query('select * from recipient where person = $1', [row.recipient])
        const recipientBefore = await read()
        const now = new Date(start + afterMs)
        const expected = decideApproval({ status, expiresAt: row.expiresAt, ...(transaction && { transaction }) }, now)
        assert.equal(await approveByBusiness(store, keyOf(row), now), expected === 'approved')
        assert.equal(await approveByBusiness(store, keyOf(row), now), false)
        assert.deepEqual(await read(), recipientBefore)
        const [kept] = await database.query('select status, check_count, due_at from verification where id = $1', [
          row.id,
        ])
        assert.deepEqual([kept?.['status'], kept?.['check_count']], [expected === 'approved' ? 'approved' : status, 0])
        const told = await database.query(
          `select data ->> 'reason' as reason from event where subject_id = $1 and kind = 'verification.approved'`,
          [row.id],
        )
        assert.deepEqual(told, expected === 'approved' ? [{ reason: 'approved_by_api' }] : [])
      }),
      { numRuns: 150, seed },
    )
  })

  it('is for the business, application and mode of the verification only', async () => {
    const row = freshRow()
    await engine.start(row)
    const key = keyOf(row)
    for (const other of [{ businessId: stranger }, { applicationId: stranger }, { live: true }]) {
      assert.equal(await approveByBusiness(store, { ...key, ...other }, new Date(start)), false)
    }
    assert.equal(await approveByBusiness(store, key, new Date(start)), true)
  })

  it('approves once, however many words, right codes and wrong ones come in the same moment', async () => {
    for (let round = 0; round < 20; round++) {
      const row = freshRow()
      await engine.start(row)
      const now = new Date(start)
      const check = (mac: Buffer) => engine.check({ ...keyOf(row), macs: new Map([[1, mac]]), now })
      const [words, checks] = await Promise.all([
        Promise.all([1, 2, 3].map(() => approveByBusiness(store, keyOf(row), now))),
        Promise.all([rightMac, Buffer.alloc(16, 2)].map(check)),
      ])
      const approvals = words.filter(Boolean).length + checks.filter(({ outcome }) => outcome === 'approved').length
      assert.equal(approvals, 1)
      const told = await database.query(`select from event where subject_id = $1 and kind = 'verification.approved'`, [
        row.id,
      ])
      assert.equal(told.length, 1)
    }
  })
})
