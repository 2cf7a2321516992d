import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { decideCheck } from '#verification/core/check.ts'
import { type Budget, budgetLimits } from '#verification/core/budget.ts'
import type { CheckRow, StartRow } from '#verification/core/engine.ts'
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
        let wrongAt: Date | undefined
        for (const { right, afterMs } of steps) {
          now = new Date(now.getTime() + afterMs)
          const expected = decideCheck(
            { status, checkCount, checkCountMax, expiresAt: row.expiresAt, ...(wrongAt && { wrongAt }) },
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
          if (expected.outcome === 'wrong') wrongAt = now
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
        afterMs: fc.constantFrom(1, 1000, 60_000, 239_999, 240_000, 240_001, 600_000, 600_001),
        binding: fc.constantFrom('', 'x'),
        purpose: fc.constantFrom('a', 'b'),
        codeLength: fc.constantFrom(6, 6, 6, 8),
        lifeMs: fc.constantFrom(300_000, 300_000, 120_000),
        ends: fc.nat({ max: 6 }),
        mayCreate: fc.boolean(),
      }),
      { minLength: 1, maxLength: 30 },
    )
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 5 }), async (history, sendCountMax) => {
        const recipient = `+${2_000_000_000 + recipients++}`
        let now = new Date(start)
        let sentAt: Date[] = []
        const kinds = new Map<string, { id: string; expiresAt: Date; pendingCount: number }[]>()
        for (const { afterMs, binding, purpose, codeLength, lifeMs, ends, mayCreate } of history) {
          now = new Date(now.getTime() + afterMs)
          const expiresAt = new Date(now.getTime() + lifeMs)
          const kind = `${binding} ${purpose} ${codeLength}`
          // Newest first.
          const codes = kinds.get(kind) ?? []
          const expected = decideStart({ codes, expiresAt, sendCountMax, sentAt, mayCreate }, now)
          const changes = {
            binding,
            purpose,
            codeLength,
            expiresAt,
            mayCreate,
            policy: { ...policyDefaults, sendCountMax },
          }
          const row = startRow(recipient, now, changes)
          const found = await startOrJoin(row)
          assert.deepEqual(
            [found.outcome, found.code?.id],
            [expected.outcome, 'codeId' in expected ? expected.codeId : undefined],
          )
          if (expected.outcome === 'created') {
            sentAt = [...sentAt, now]
            kinds.set(kind, [{ id: row.id, expiresAt, pendingCount: 1 }, ...codes])
          } else if (expected.outcome === 'joined') {
            const code = codes.find(({ id }) => id === expected.codeId) as (typeof codes)[number]
            code.pendingCount++
            // Some leave again, and make room.
            if (ends === 0) {
              await leave(row.id, code.id)
              code.pendingCount--
            }
          }
        }
        const [{ n } = { n: -1 }] = await database.query<{ n: number }>(
          'select count(*)::int as n from delivery d join verification v on v.id = d.code_id where v.recipient = $1',
          [recipient],
        )
        assert.equal(n, sentAt.length, 'as many deliveries as counted sends')
      }),
      { numRuns: 100, seed },
    )
  })

  /** As the flow does: told of a code to join, it asks again with that one. */
  async function startOrJoin(row: StartRow) {
    const answer = await engine.start(row)
    if (answer.outcome !== 'joins') return answer
    const { code } = answer as { code: { id: string } }
    return { ...(await engine.start({ ...row, codeId: code.id })), code }
  }

  async function leave(id: string, codeId: string): Promise<void> {
    const found = await engine.load({ businessId, id })
    assert.equal(found?.codeId, codeId)
    const move = { kind: 'leave', status: 'canceled', reason: 'x' } as const
    const { revision } = found as { revision: number }
    assert.equal((await engine.move({ businessId, id, revision, isAsked: true, move })).outcome, 'moved')
  }

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
