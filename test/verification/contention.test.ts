import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { CheckRow, StartRow } from '#verification/core/engine.ts'
import { policyDefaults } from '#access/core/policy.ts'
import { createEngine, type PostgresEngine } from '#verification/store/engine.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { withoutGuard } from '../kit/without-guard.ts'
import { businessId, rightMac, startRow } from './start-row.ts'

const rounds = 40

/** Two servers, each with lanes of its own, are asked about one recipient in the same moment. */
describe('requests of one moment about one recipient', () => {
  let database: TestDatabase
  let engines: [PostgresEngine, PostgresEngine]
  let numbers = 0
  before(async () => {
    database = await freshDatabase()
    const settings = {
      connectionString: database.url,
      statementTimeoutMs: 5000,
      lockTimeoutMs: 2000,
      laneCount: 2,
      lanePatienceMs: 0,
      bindRequests: true,
      now: () => new Date(),
    }
    engines = [createEngine(settings), createEngine(settings)]
    await database.query('insert into business values ($1, $2, now())', [businessId, 'x'])
  })
  after(async () => {
    await Promise.all(engines.map((engine) => engine.close()))
    await database.drop()
  })

  const freshNumber = (): string => `+${1_000_000_000 + numbers++}`
  const startNow = (recipient: string, changes: Partial<StartRow> = {}): StartRow =>
    startRow(recipient, new Date(), changes)
  const checkRow = (id: string, changes: Partial<CheckRow> = {}): CheckRow => ({
    businessId,
    live: false,
    id,
    macs: new Map([[1, rightMac]]),
    now: new Date(),
    ...changes,
  })
  const onEither = <Answer>(index: number, ask: (engine: PostgresEngine) => Promise<Answer>): Promise<Answer> =>
    ask(engines[index % 2] as PostgresEngine)
  const count = (outcomes: readonly string[]): Record<string, number> =>
    Object.fromEntries([...Map.groupBy(outcomes, (one) => one)].map(([name, group]) => [name, group.length]))

  it('start one verification between them', async () => {
    for (let round = 0; round < rounds; round++) {
      const to = freshNumber()
      const answers = await Promise.all(
        [0, 1, 2, 3].map((index) => onEither(index, (engine) => engine.start(startNow(to)))),
      )
      assert.deepEqual(count(answers.map(({ outcome }) => outcome)), { created: 1, exists: 3 })
      assert.equal(new Set(answers.map(({ verificationId }) => verificationId)).size, 1)
    }
  })

  it('are one when they carry one Idempotency-Key', async () => {
    for (let round = 0; round < rounds; round++) {
      const to = freshNumber()
      const idempotency = { key: `test:${to}`, fingerprint: Buffer.alloc(16, 3) }
      const answers = await Promise.all(
        [0, 1, 2, 3].map((index) => onEither(index, (engine) => engine.start(startNow(to, { idempotency })))),
      )
      assert.deepEqual(count(answers.map(({ outcome }) => outcome)), { created: 1, replayed_created: 3 })
    }
  })

  it('are refused when one Idempotency-Key is used for two recipients', async () => {
    for (let round = 0; round < rounds; round++) {
      const key = `test:${freshNumber()}`
      const answers = await Promise.all(
        [0, 1].map((index) =>
          onEither(index, (engine) =>
            engine.start(startNow(freshNumber(), { idempotency: { key, fingerprint: Buffer.alloc(16, index) } })),
          ),
        ),
      )
      assert.deepEqual(count(answers.map(({ outcome }) => outcome)), { created: 1, idempotency_key_reused: 1 })
    }
  })

  const startTenPurposes = async (): Promise<{ created: number; counted: number }> => {
    const to = freshNumber()
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        onEither(index, (engine) => engine.start(startNow(to, { purpose: `p${index}` }))),
      ),
    )
    const [row] = await database.query<{ n: number }>(
      'select cardinality(sent_at) as n from recipient where person = $1',
      [to],
    )
    return { created: answers.filter(({ outcome }) => outcome === 'created').length, counted: row?.n ?? 0 }
  }

  it('send no more than is allowed, whatever they are for', async () => {
    for (let round = 0; round < rounds; round++) assert.deepEqual(await startTenPurposes(), { created: 5, counted: 5 })
  })

  it('would send more if the recipient were not locked first', async () => {
    await withoutGuard(
      database,
      'start_verifications',
      [['perform lock_recipients(p_business_id, p_live, p_person)', 'perform 1']],
      async () => {
        let most = 0
        for (let round = 0; round < 4 * rounds && most <= 5; round++)
          most = Math.max(most, (await startTenPurposes()).created)
        assert.ok(most > 5, 'the lock was not what held')
      },
    )
  })

  it('are all answered when ten verifications of one recipient are checked', async () => {
    for (let round = 0; round < 10; round++) {
      const to = freshNumber()
      const policy = { ...policyDefaults, sendCountMax: 10 }
      const rows = Array.from({ length: 10 }, (_, index) => startNow(to, { purpose: `p${index}`, policy }))
      for (const row of rows) assert.equal((await engines[0].start(row)).outcome, 'created')
      const answers = await Promise.all(
        rows.map(({ id }, index) => onEither(index, (engine) => engine.check(checkRow(id)))),
      )
      assert.deepEqual(count(answers.map(({ outcome }) => outcome)), { approved: 10 })
    }
  })

  it('spend nothing on a server that does not have the key of the code', async () => {
    const to = freshNumber()
    const row = startNow(to, { keyVersion: 2 })
    await engines[0].start(row)
    const answer = await engines[0].check(checkRow(row.id))
    assert.deepEqual([answer.outcome, answer.checksRemaining], ['key_unavailable', 5])
    const [kept] = await database.query<{ failed_consecutive: number }>(
      'select failed_consecutive from recipient where person = $1',
      [to],
    )
    assert.equal(kept?.failed_consecutive, 0)
    const right = await engines[1].check(checkRow(row.id, { macs: new Map([[2, rightMac]]) }))
    assert.equal(right.outcome, 'approved')
  })

  it('of a test and of life have nothing to do with each other', async () => {
    const to = freshNumber()
    const tests = Array.from({ length: 5 }, (_, index) => startNow(to, { purpose: `p${index}` }))
    for (const row of tests) assert.equal((await engines[0].start(row)).outcome, 'created')
    const live = startNow(to, { live: true })
    assert.equal((await engines[0].start(live)).outcome, 'created', 'tests use up no sends')
    const wrong = { macs: new Map([[1, Buffer.alloc(16, 9)]]), live: true }
    for (let check = 0; check < 3; check++) await engines[0].check(checkRow(live.id, wrong))
    const [test] = tests as [StartRow]
    assert.equal((await engines[0].check(checkRow(test.id))).outcome, 'approved')
    const kept = await database.query<{ live: boolean; failed_consecutive: number }>(
      'select live, failed_consecutive from recipient where person = $1 order by live',
      [to],
    )
    assert.deepEqual(
      kept.map((one) => [one.live, one.failed_consecutive]),
      [
        [false, 0],
        [true, 3],
      ],
      'a right code of a test gives no life back its budget',
    )
  })
})
