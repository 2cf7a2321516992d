import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { decideCheck } from '#verification/core/check.ts'
import { type Budget, budgetLimits } from '#verification/core/budget.ts'
import type { CheckRow } from '#verification/core/engine.ts'
import { policyDefaults } from '#access/core/policy.ts'
import { decideStart } from '#verification/core/start.ts'
import type { VerificationStatus } from '#verification/core/verification.ts'
import { createEngine, type PostgresEngine } from '#verification/store/engine.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { businessId, rightMac, startRow } from './start-row.ts'
import { seed } from '../kit/exploration.ts'

const start = Date.parse('2026-11-24T00:00:00Z')

/** The guarded statements decide what the rules in core say, on whatever histories fast-check finds. */
describe(`the statements and their models (seed ${seed})`, () => {
  let database: TestDatabase
  let engine: PostgresEngine
  before(async () => {
    database = await freshDatabase()
    engine = createEngine({
      connectionString: database.url,
      statementTimeoutMs: 5000,
      lockTimeoutMs: 2000,
      laneCount: 2,
      lanePatienceMs: 0,
      bindRequests: true,
      now: () => new Date(start),
    })
    await database.query('insert into business values ($1, $2, now())', [businessId, 'x'])
  })
  after(async () => {
    await engine.close()
    await database.drop()
  })

  const history = fc.array(
    fc.record({
      right: fc.boolean().map((one) => one),
      afterMs: fc.oneof(
        fc.constantFrom(0, 1, 29_999, 30_000, 30_001, 60_000, 3_600_000, 86_400_000),
        fc.integer({ min: 0, max: 100_000 }),
      ),
    }),
    { minLength: 1, maxLength: 40 },
  )
  const before5 = fc.record({
    consecutive: fc.integer({ min: 0, max: 101 }),
    failures: fc.integer({ min: 0, max: 21 }),
    spreadMs: fc.integer({ min: 0, max: 5_000_000 }),
  })

  it('checks agree', async () => {
    let recipients = 0
    await fc.assert(
      fc.asyncProperty(history, before5, fc.integer({ min: 1, max: 10 }), async (steps, past, checkCountMax) => {
        const recipient = `+${1_000_000_000 + recipients++}`
        let now = new Date(start)
        let budget: Budget = {
          failedAt: Array.from(
            { length: Math.min(past.failures, budgetLimits.failuresPerDay) },
            (_, index) => new Date(start - (past.failures - index) * past.spreadMs),
          ),
          failedConsecutive: past.consecutive,
        }
        const row = startRow(recipient, now, {
          policy: { ...policyDefaults, checkCountMax },
          expiresAt: new Date(start + 600_000),
        })
        await engine.start(row)
        await database.query('update recipient set failed_at = $2, failed_consecutive = $3 where person = $1', [
          recipient,
          budget.failedAt,
          budget.failedConsecutive,
        ])
        let status: VerificationStatus = 'pending'
        let checkCount = 0
        for (const { right, afterMs } of steps) {
          now = new Date(now.getTime() + afterMs)
          const expected = decideCheck(
            { status, checkCount, checkCountMax, expiresAt: row.expiresAt },
            budget,
            right,
            now,
          )
          const check: CheckRow = {
            businessId,
            live: false,
            id: row.id,
            macs: new Map([[1, right ? rightMac : Buffer.alloc(16, 2)]]),
            now,
          }
          const found = await engine.check(check)
          assert.deepEqual([found.outcome, found.retryAt?.getTime()], [expected.outcome, expected.retryAt?.getTime()])
          if (['approved', 'wrong'].includes(found.outcome))
            assert.equal(found.checksRemaining, checkCountMax - expected.checkCount)
          ;({ status, checkCount, budget } = expected)
        }
        const [kept] = await database.query<{ failed_at: Date[]; failed_consecutive: number }>(
          'select failed_at, failed_consecutive from recipient where person = $1',
          [recipient],
        )
        assert.deepEqual(
          [kept?.failed_at.slice(-20), kept?.failed_consecutive],
          [budget.failedAt.slice(-20), budget.failedConsecutive],
        )
      }),
      { numRuns: 150, seed },
    )
  })

  it('starts agree', async () => {
    let recipients = 0
    const steps = fc.array(
      fc.record({
        afterMs: fc.constantFrom(0, 1000, 60_000, 299_999, 300_000, 600_000, 600_001),
        binding: fc.constantFrom('', 'x'),
        purpose: fc.constantFrom('a', 'b'),
      }),
      { minLength: 1, maxLength: 20 },
    )
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 5 }), async (history, sendCountMax) => {
        const recipient = `+${2_000_000_000 + recipients++}`
        let now = new Date(start)
        let sentAt: Date[] = []
        const pending = new Map<string, { id: string; expiresAt: Date; binding: string }>()
        for (const { afterMs, binding, purpose } of history) {
          now = new Date(now.getTime() + afterMs)
          const open = pending.get(purpose)
          const expected = decideStart({ ...(open && { pending: open }), binding, sendCountMax, sentAt }, now)
          const row = startRow(recipient, now, { binding, purpose, policy: { ...policyDefaults, sendCountMax } })
          const found = await engine.start(row)
          assert.equal(found.outcome, expected)
          if (expected === 'exists') assert.equal(found.verificationId, open?.id)
          if (expected !== 'created') continue
          sentAt = [...sentAt, now]
          pending.set(purpose, { id: row.id, expiresAt: row.expiresAt, binding })
        }
        const [{ n } = { n: -1 }] = await database.query<{ n: number }>(
          'select count(*)::int as n from delivery d join verification v on v.id = d.verification_id where v.recipient = $1',
          [recipient],
        )
        assert.equal(n, sentAt.length, 'as many deliveries as counted sends')
      }),
      { numRuns: 100, seed },
    )
  })

  it('a refusal or an error in a set leaves its neighbours alone', async () => {
    const now = new Date(start)
    const rows = Array.from({ length: 40 }, (_, index) =>
      startRow(
        `+${3_000_000_000 + index}`,
        now,
        index === 17
          ? { codeLength: 99_999 }
          : index === 23
            ? { businessId: '0190a000-0000-7000-8000-00000000dead' }
            : {},
      ),
    )
    const answers = await Promise.allSettled(rows.map((row) => engine.start(row)))
    const failed = answers.flatMap((answer, index) => (answer.status === 'rejected' ? [index] : []))
    assert.deepEqual(failed, [17], 'only the row that PostgreSQL cannot take fails')
  })
})
