import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import pg from 'pg'
import { sendWaitsSeconds } from '#webhooks/core/delivery.ts'
import type { WebhookDelivering } from '#webhooks/flows/deliver-webhooks.ts'
import { businessId } from '../verification/start-row.ts'
import { eventually } from '../kit/api.ts'
import { dayMs } from '#platform/core/kept.ts'
import { Database } from '#platform/database/database.ts'
import { keepPartitions } from '#platform/database/partitions.ts'
import { startBench, type WebhookBench } from './dispatcher.ts'
import { accepts, startReceiver } from './receiver.ts'

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms))

/** A bench and a receiver of its own for every test. */
async function openStage(timeoutMs?: number) {
  const [receiver, other] = await Promise.all([startReceiver(), startReceiver()])
  const bench = await startBench([receiver.host, other.host], timeoutMs)
  const running: WebhookDelivering[] = []
  const serve: WebhookBench['serve'] = (changes) => {
    const server = bench.serve(changes)
    running.push(server)
    return server
  }
  return {
    receiver,
    /** Another place that may be reached. */
    other,
    bench,
    serve,
    received: async (count: number) => eventually(async () => receiver.received.length >= count),
    settled: async (status: string) =>
      eventually(async () => (await bench.rows()).find((row) => row.status === status)),
    /** A transaction anywhere in the cluster may hold the log back for a moment. */
    spreadOne: async () => {
      await eventually(async () => {
        await bench.store.spread(bench.now())
        return (await bench.rows()).length === 1
      })
    },
    async close() {
      await Promise.all(running.map((one) => one.stop()))
      await bench.close()
      await Promise.all([receiver.close(), other.close()])
    },
  }
}
type Stage = Awaited<ReturnType<typeof openStage>>

describe('delivering webhooks', { concurrency: 4 }, () => {
  const test = (name: string, work: (stage: Stage) => Promise<void>, timeoutMs?: number) =>
    it(name, async () => {
      const stage = await openStage(timeoutMs)
      try {
        await work(stage)
      } finally {
        await stage.close()
      }
    })

  test('sends again after growing waits over 75 hours, then gives up and disables what never answered', async ({
    receiver,
    bench,
    serve,
    received,
  }) => {
    receiver.answer = () => ({ status: 500 })
    const { id } = await bench.add(receiver.url)
    await bench.tell()
    serve()
    const sentAt: number[] = []
    for (const [sent, wait] of sendWaitsSeconds.entries()) {
      if (sent > 0) {
        // Not a moment early.
        bench.pass(wait - 2)
        if (wait > 5) await pause(600)
        assert.equal(receiver.received.length, sent, `before wait ${wait}`)
        bench.pass(3)
      }
      await received(sent + 1)
      sentAt.push(Number(receiver.received[sent]?.headers['webhook-timestamp']))
      await eventually(async () => (await bench.rows())[0]?.send_count === sent + 1)
    }
    const hours = ((sentAt.at(-1) as number) - (sentAt[0] as number)) / 3600
    assert.ok(hours >= 75 && hours < 76, String(hours))
    assert.deepEqual(
      (await bench.rows()).map(({ status, send_count, response_status, problem }) => [
        status,
        send_count,
        response_status,
        problem,
      ]),
      [['failed', 10, 500, 'answered_with_error']],
    )
    assert.equal(new Set(receiver.received.map((one) => one.id)).size, 1, 'always the same id')
    assert.equal(new Set(receiver.received.map(({ text }) => text)).size, 1, 'always the same body')
    const endpoint = await bench.endpoints.find({ businessId, live: true }, id, bench.now())
    assert.equal(endpoint?.disabledReason, 'failing')
    assert.deepEqual(bench.disabled, ['failing'])
    assert.deepEqual(bench.errors, [])
  })

  test('leaves an endpoint alone that took something else since', async ({
    receiver,
    bench,
    serve,
    received,
    settled,
  }) => {
    await bench.add(receiver.url)
    await bench.tell()
    let first: string | undefined
    receiver.answer = ({ id }) => ({ status: id === (first ??= id) ? 500 : 204 })
    serve({ waitsSeconds: [0, 5] })
    await received(1)
    await bench.tell()
    await settled('delivered')
    bench.pass(6)
    await settled('failed')
    assert.deepEqual(bench.disabled, [])
  })

  test('takes 2xx for delivered, the second time as well', async ({ receiver, bench, serve, received, settled }) => {
    const { secret } = await bench.add(receiver.url)
    receiver.answer = () => ({ status: receiver.received.length < 2 ? 503 : 202 })
    await bench.tell()
    serve()
    await received(1)
    bench.pass(6)
    const row = await settled('delivered')
    assert.deepEqual([row.send_count, row.response_status, row.problem, row.due_at], [2, 202, null, null])
    // Its library takes what is five minutes old at most; this clock has been moved by less.
    assert.ok(receiver.received.every((one) => accepts(secret, one)))
    assert.ok(!receiver.received[0]?.text.includes('481516'), 'the raw receipt stays here')
  })

  test('waits as long as somebody who is overwhelmed asks for, and nobody else', async ({
    receiver,
    bench,
    serve,
    received,
  }) => {
    await bench.add(receiver.url)
    await bench.tell()
    receiver.answer = () => ({ status: receiver.received.length === 1 ? 429 : 500, headers: { 'retry-after': '100' } })
    serve()
    await received(1)
    const dueIn = async (sent: number) =>
      eventually(async () => {
        const [row] = await bench.rows()
        if (row?.send_count !== sent || !row.due_at) return undefined
        return (row.due_at.getTime() - bench.now().getTime()) / 1000
      })
    assert.ok(Math.abs((await dueIn(1)) - 100) < 3)
    bench.pass(101)
    await received(2)
    assert.ok(Math.abs((await dueIn(2)) - 300) < 3, 'the wait of the schedule')
  })

  test('disables an endpoint that answers 410, with what waits for it', async ({
    receiver,
    bench,
    serve,
    received,
  }) => {
    const { id } = await bench.add(receiver.url)
    receiver.answer = () => ({ status: 410 })
    await bench.tell()
    serve()
    await received(1)
    await eventually(async () => bench.disabled.length > 0)
    await bench.tell(5)
    await pause(1200)
    assert.equal(receiver.received.length, 1)
    const endpoint = await bench.endpoints.find({ businessId, live: true }, id, bench.now())
    assert.equal(endpoint?.disabledReason, 'gone')
    assert.ok((await bench.rows()).every(({ status }) => status === 'failed'))
  })

  test('is cut off after its time and follows no redirect', async ({ receiver, other, bench, serve }) => {
    await bench.add(receiver.url)
    receiver.answer = async () => {
      if (receiver.received.length === 1) await pause(1500)
      return { status: 307, headers: { location: other.url } }
    }
    await bench.tell()
    serve()
    const problemAfter = (sent: number) =>
      eventually(async () => (await bench.rows()).find(({ send_count }) => send_count === sent)?.problem ?? undefined)
    assert.equal(await problemAfter(1), 'timed_out')
    bench.pass(6)
    assert.equal(await problemAfter(2), 'redirected')
    assert.equal(other.received.length, 0)
    // The negative control: where it was pointed to is a place that it may reach.
    await bench.add(other.url)
    await bench.tell()
    await eventually(async () => other.received.length === 1)
    await other.close()
  }, 1000)

  test('repeats a webhook with the same id when the server dies between sending it and writing that down', async ({
    receiver,
    bench,
    serve,
    settled,
  }) => {
    await bench.add(receiver.url)
    await bench.tell()
    let died = (): void => undefined
    const death = new Promise<void>((done) => (died = done))
    const dead: WebhookBench['store']['record'] = () => {
      died()
      return new Promise(() => undefined)
    }
    // Its loop is stopped with it; the outcome is never written.
    const first = bench.serve({ store: storeWith(bench, { record: dead }) })
    await death
    void first.stop()
    const second = serve()
    await pause(1000)
    assert.equal(receiver.received.length, 1, 'nobody takes it over before its lease is out')
    bench.pass(21)
    const row = await settled('delivered')
    assert.equal(receiver.received.length, 2)
    assert.deepEqual(
      receiver.received.map((one) => one.id),
      [receiver.received[0]?.id, receiver.received[0]?.id],
    )
    assert.equal(row.send_count, 1)
    await second.stop()
  })

  test('writes nothing over what another server has taken over', async ({ spreadOne, receiver, bench }) => {
    await bench.add(receiver.url)
    await bench.tell()
    await spreadOne()
    const limits = { max: 10, perEndpoint: 10, leaseMs: 20_000, busy: [], ofAll: 256, underWay: new Map() }
    const [slow] = await bench.store.claim(bench.now(), limits)
    assert.deepEqual(await bench.store.claim(bench.now(), limits), [], 'it is leased')
    bench.pass(21)
    const [later] = await bench.store.claim(bench.now(), limits)
    assert.ok(slow && later && slow.id === later.id)
    const outcome = { isDelivered: true, isSent: true, responseStatus: 200 }
    await bench.store.record(later, outcome, bench.now())
    await bench.store.record(slow, { isDelivered: false, isSent: true, responseStatus: 500 }, bench.now())
    assert.deepEqual(
      (await bench.rows()).map((row) => [row.status, row.response_status]),
      [['delivered', 200]],
    )
  })

  test('is shared by servers without a double and without a gap, while events keep coming', async ({
    receiver,
    bench,
    serve,
  }) => {
    for (let n = 0; n < 3; n++) await bench.add(`${receiver.url}/${n}`)
    for (let n = 0; n < 4; n++) serve()
    const writers = Array.from({ length: 6 }, async () => {
      for (let n = 0; n < 5; n++) await bench.tell(4)
    })
    await Promise.all(writers)
    const wanted = 6 * 5 * 4 * 3
    await eventually(
      async () => (await bench.rows()).filter(({ status }) => status === 'delivered').length === wanted,
      60_000,
    )
    await pause(600)
    assert.equal(receiver.received.length, wanted)
    assert.equal(new Set(receiver.received.map((one) => one.id)).size, wanted)
    assert.deepEqual(bench.errors, [])
  })

  test('leaves an endpoint to the server that is at it: spreading waits for nobody', async ({
    spreadOne,
    receiver,
    bench,
  }) => {
    const { id } = await bench.add(receiver.url)
    await bench.tell()
    const holder = new pg.Client({ connectionString: bench.database.url })
    await holder.connect()
    await holder.query('begin')
    await holder.query('select from webhook_endpoint where id = $1 for update', [id])
    assert.equal(await bench.store.spread(bench.now()), false)
    assert.deepEqual(await bench.rows(), [])
    await holder.query('commit')
    await holder.end()
    await spreadOne()
  })

  test('would be doubled without the lease', async ({ receiver, bench, serve }) => {
    await bench.add(receiver.url)
    receiver.answer = async () => {
      await pause(300)
      return { status: 204 }
    }
    await bench.tell(3)
    for (let n = 0; n < 2; n++) {
      serve({ store: storeWith(bench, { claim: (now, limits) => bench.store.claim(now, { ...limits, leaseMs: 0 }) }) })
    }
    await eventually(async () => receiver.received.length > new Set(receiver.received.map((one) => one.id)).size)
  })

  test('waits for a transaction that is still running, and misses none of its events', async ({
    receiver,
    bench,
    serve,
    received,
  }) => {
    await bench.add(receiver.url)
    serve()
    const held = new pg.Client({ connectionString: bench.database.url })
    await held.connect()
    await held.query('begin')
    const earlier = '0190a000-0000-7000-8000-00000000000e'
    await held.query(
      `insert into event (business_id, live, application_id, subject_kind, subject_id, kind, at)
        values ($1, true, $1, 'verification', $2, 'verification.approved', now())`,
      [businessId, earlier],
    )
    await bench.tell()
    await pause(1200)
    assert.equal(receiver.received.length, 0, 'what is later in the order waits for it')
    await held.query('update event set subject_id = (select id from verification) where subject_id = $1', [earlier])
    await held.query('commit')
    await held.end()
    await received(2)
    assert.deepEqual(receiver.received.map(({ body }) => body.type).toSorted(), [
      'verification.approved',
      'verification.started',
    ])
  })

  test('lets an endpoint rest whose format is not there, and goes on when it is', async ({
    receiver,
    bench,
    serve,
    spreadOne,
    received,
  }) => {
    await bench.add(receiver.url)
    await bench.tell()
    await spreadOne()
    await bench.tell()
    const setFormat = (format: string) =>
      bench.database.query(`update webhook_endpoint set format = $1, application_id = $2`, [format, businessId])
    await bench.database.query(
      `insert into application (business_id, id, name, brand, locale, policy, workflow, created_at)
        values ($1, $1, 'x', 'x', 'en', '{}', '[]', now())`,
      [businessId],
    )
    await setFormat('elsewhere')
    serve()
    await pause(1200)
    assert.deepEqual([receiver.received.length, (await bench.rows()).length], [0, 1])
    await setFormat('standard')
    await received(2)
    assert.deepEqual(bench.errors, [])
  })

  test('does without events that are no longer kept', async ({ spreadOne, receiver, bench, serve, settled }) => {
    await bench.add(receiver.url)
    await bench.tell()
    await spreadOne()
    await bench.database.query('delete from event')
    serve()
    const row = await settled('failed')
    assert.deepEqual([row.problem, row.send_count], ['event_forgotten', 0])
    assert.equal(receiver.received.length, 0)
  })

  test('lies in the partition of its event, wherever its cursor is, and goes when that goes', async ({
    receiver,
    bench,
    serve,
  }) => {
    const settings = {
      connectionString: bench.database.url,
      statementTimeoutMs: 5000,
      lockTimeoutMs: 2000,
      poolSize: 1,
    }
    const database = new Database(settings)
    const keep = async (days: number) => {
      const now = new Date(Date.now() + days * dayMs)
      const table = { table: 'webhook_delivery', column: 'id', type: 'uuid' } as const
      return keepPartitions(database, table, { now, keptForMs: 30 * dayMs })
    }
    try {
      const { made } = await keep(-20)
      assert.ok((await keep(0)).made.length > 0)
      await bench.add(receiver.url)
      await bench.tell(2)
      // Of long ago: an endpoint was behind.
      await bench.database.query(
        `update event set recorded_at = now() - interval '18 days'
         where sequence = (select min(sequence) from event)`,
      )
      const server = serve()
      await eventually(async () => (await bench.rows()).filter(({ status }) => status === 'delivered').length === 2)
      await server.stop()
      const places = await bench.database.query<{ place: string }>(
        'select tableoid::regclass::text as place from webhook_delivery order by id',
      )
      assert.ok(made.includes(places[0]?.place ?? ''), places[0]?.place)
      assert.notEqual(places[1]?.place, places[0]?.place)
      assert.ok(places.every(({ place }) => place !== 'webhook_delivery_rest'))
      const { dropped } = await keep(25)
      assert.ok(dropped.includes(places[0]?.place ?? ''))
      assert.equal((await bench.rows()).length, 1)
    } finally {
      await database.close()
    }
  })
})

const storeWith = (bench: WebhookBench, changes: Partial<Pick<WebhookBench['store'], 'record' | 'claim'>>) => ({
  spread: (now: Date) => bench.store.spread(now),
  claim: (...given: Parameters<WebhookBench['store']['claim']>) => bench.store.claim(...given),
  record: (...given: Parameters<WebhookBench['store']['record']>) => bench.store.record(...given),
  ...changes,
})
