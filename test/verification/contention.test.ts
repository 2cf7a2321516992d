import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import pg from 'pg'
import type { ReceiptStatus } from '#messaging/core/news.ts'
import type { CheckRow, ReceiptRow, StartRow } from '#verification/core/engine.ts'
import { policyDefaults } from '#access/core/policy.ts'
import { createEngine, type PostgresEngine } from '#verification/store/engine.ts'
import { functionName } from '#verification/store/functions.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'
import { eventually } from '../kit/api.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { whileHeld } from '../kit/while-held.ts'
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

  /** As the flow does: told of a code that it may join, a start asks again with that one. */
  async function startOrJoin(engine: PostgresEngine, row: StartRow) {
    const answer = await engine.start(row)
    return answer.code ? engine.start({ ...row, codeId: answer.code.id }) : answer
  }
  const codeIdOf = async (id: string) => (await engines[0].load({ businessId, id }))?.codeId

  const receiptOf = (deliveryId: string, status: ReceiptStatus): ReceiptRow => ({
    senderId: businessId,
    businessId,
    deliveryId,
    providerMessageId: `m-${deliveryId}`,
    status,
    at: new Date(),
    fallback: true,
    raw: { to: 'somebody' },
  })

  const startFour = async (to: string, changes: Partial<StartRow> = {}) => {
    const rows = [0, 1, 2, 3].map(() => startNow(to, changes))
    const answers = await Promise.all(rows.map((row, index) => onEither(index, (one) => startOrJoin(one, row))))
    return { ids: rows.map(({ id }) => id), outcomes: count(answers.map(({ outcome }) => outcome)) }
  }

  it('start a verification each, and one code between them', async () => {
    for (let round = 0; round < rounds; round++) {
      const { ids, outcomes } = await startFour(freshNumber())
      assert.deepEqual(outcomes, { created: 1, joined: 3 })
      assert.equal(new Set(await Promise.all(ids.map(codeIdOf))).size, 1)
    }
  })

  it('are one verification where a vendor has one at a time', async () => {
    for (let round = 0; round < rounds; round++) {
      const { outcomes } = await startFour(freshNumber(), { takesPending: true })
      assert.deepEqual(outcomes, { created: 1, exists: 3 })
    }
  })

  /** Four who share a code bring it at the same time. */
  const checkFour = async (to: string) => {
    const { ids } = await startFour(to)
    await Promise.all(ids.map((id, index) => onEither(index, (engine) => engine.check(checkRow(id)))))
    const found = await database.query<{ status: string; code_ended_at: Date | null; due_at: Date | null }>(
      'select status, code_ended_at, due_at from verification where id = any($1) order by id = code_id desc',
      [ids],
    )
    const [head] = found
    return { statuses: count(found.map(({ status }) => status)), isOver: head?.code_ended_at !== null && !head?.due_at }
  }

  it('approve one of those that share a code, and cancel the others', async () => {
    for (let round = 0; round < rounds; round++) {
      const { statuses, isOver } = await checkFour(freshNumber())
      assert.deepEqual([statuses, isOver], [{ approved: 1, canceled: 3 }, true])
    }
  })

  it('would approve all of them without what ends the others', async () => {
    await withoutGuard(
      database,
      'settle_codes',
      [["v.status = 'approved' or i.status is not null", 'i.status is not null']],
      async () => {
        assert.deepEqual((await checkFour(freshNumber())).statuses, { approved: 4 })
      },
    )
  })

  it('end a code with the last of its verifications, also when all leave at once', async () => {
    for (let round = 0; round < rounds; round++) {
      const { ids } = await startFour(freshNumber())
      const leave = async (engine: PostgresEngine, id: string): Promise<void> => {
        const move = { kind: 'leave', status: 'canceled', reason: 'x' } as const
        for (let outcome = 'stale'; outcome === 'stale';) {
          const { revision = 0 } = (await engine.load({ businessId, id })) ?? {}
          ;({ outcome } = await engine.move({ businessId, id, revision, isAsked: true, move }))
        }
      }
      await Promise.all(ids.map((id, index) => onEither(index, (engine) => leave(engine, id))))
      const [found] = await database.query<{ left: number; over: number }>(
        `select count(*) filter (where status = 'pending')::int as left, count(code_ended_at)::int as over
         from verification where id = any($1)`,
        [ids],
      )
      assert.deepEqual(found, { left: 0, over: 1 })
    }
  })

  it('are one when they carry one Idempotency-Key', async () => {
    for (let round = 0; round < rounds; round++) {
      const to = freshNumber()
      const idempotency = { key: `test:${to}`, fingerprint: Buffer.alloc(16, 3) }
      const answers = await Promise.all(
        [0, 1, 2, 3].map((index) => onEither(index, (engine) => engine.start(startNow(to, { idempotency })))),
      )
      assert.deepEqual(count(answers.map(({ outcome }) => outcome)), { created: 1, replayed: 3 })
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

  const erase = (person: string) =>
    database.query<{ rows: number }>(
      `select ${functionName('erase_verifications')}(now(), $1, '{true,false}', $2, now() + interval '1 hour', 200) as rows`,
      [businessId, person],
    )

  /** Two codes of one person; the delivery that was queued first has the higher key. */
  const startTwoDeliveries = async (person: string) => {
    const [low, high] = [uuidv7(Date.now() - 1000), uuidv7(Date.now())]
    for (const [index, deliveryId] of [high, low].entries())
      await engines[0].start(startNow(person, { id: uuidv7(Date.now() + index), purpose: `p${index}`, deliveryId }))
    return { low, high }
  }

  it('are locked in the order of their keys by an erase too, so that none waits in a circle', async () => {
    const person = freshNumber()
    const { low, high } = await startTwoDeliveries(person)
    // So that the plan is that of a table with rows, which finds them in the order of their codes.
    await database.query('analyze delivery')
    const other = new pg.Client(database.url)
    await other.connect()
    try {
      const hold = 'select from delivery where id = $1 for update'
      await other.query('begin')
      await other.query(hold, [low])
      const erasing = erase(person)
      await eventually(async () => {
        const [waits] = await database.query<{ n: number }>(
          `select count(*)::int as n from pg_stat_activity
           where datname = current_database() and wait_event_type = 'Lock' and query like '%erase_verifications%'`,
        )
        return waits?.n === 1 || undefined
      })
      await other.query(hold, [high])
      await other.query('commit')
      assert.deepEqual(await erasing, [{ rows: 2 }])
    } finally {
      await other.end()
    }
  })

  it('are all answered when people are erased beside their receipts, sends and starts', async () => {
    const told = ['sent', 'delivered', 'failed'] as const
    for (let round = 0; round < rounds / 4; round++) {
      const people = Array.from({ length: 4 }, freshNumber)
      const sent = await Promise.all(people.map(startTwoDeliveries))
      const ids = sent.flatMap(({ low, high }) => [high, low])
      const answers = await Promise.allSettled([
        ...people.flatMap((person) => [erase(person), erase(person)]),
        ...ids.flatMap((id, index) =>
          told.map((status) => onEither(index, (engine) => engine.applyReceipt(receiptOf(id, status)))),
        ),
        ...ids.map((id, index) => onEither(index, (engine) => engine.recordSend({ businessId, id, status: 'sent' }))),
        ...people.map((person, index) =>
          onEither(index, (engine) => startOrJoin(engine, startNow(person, { purpose: 'p2' }))),
        ),
      ])
      assert.deepEqual(
        answers.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : [])),
        [],
      )
      for (const person of people) await erase(person)
      const left = await database.query(
        `select from delivery d where d.id = any($1) and d.provider_message_id not like 'erased %'
         union all select from receipt_body b where b.delivery_id = any($1)
         union all select from early_receipt e where e.provider_message_id = any($2)`,
        [ids, ids.map((id) => `m-${id}`)],
      )
      assert.equal(left.length, 0)
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
      'select cardinality(sent_at) as n from recipient where person in (select v.person from verification v where v.recipient = $1)',
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

  it('end the one that a start replaces, also while the timer looks at it', async () => {
    const to = freshNumber()
    const own = { codeSealed: Buffer.from('sealed'), replaces: true }
    const [old, newer] = [startNow(to, { ...own, binding: 'alone 1' }), startNow(to, { ...own, binding: 'alone 2' })]
    await engines[0].start(old)
    const pushes = `update verification set due_at = due_at + interval '1 second' where id = $1`
    const { outcome } = await whileHeld(database, pushes, [old.id], () => engines[1].start(newer))
    const replaced = await engines[0].load({ businessId, id: old.id })
    assert.deepEqual([outcome, replaced?.status], ['created', 'canceled'])
  })

  it('spend nothing on a server that does not have the key of the code', async () => {
    const to = freshNumber()
    const row = startNow(to, { keyVersion: 2 })
    await engines[0].start(row)
    const answer = await engines[0].check(checkRow(row.id))
    assert.deepEqual([answer.outcome, answer.checksRemaining], ['key_unavailable', 5])
    const [kept] = await database.query<{ failed_consecutive: number }>(
      'select failed_consecutive from recipient where person in (select v.person from verification v where v.recipient = $1)',
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
      'select live, failed_consecutive from recipient where person in (select v.person from verification v where v.recipient = $1) order by live',
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
