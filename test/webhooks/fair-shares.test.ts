import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import type { WebhookDelivering } from '#webhooks/flows/deliver-webhooks.ts'
import { endpointsMax } from '#webhooks/core/endpoint.ts'
import { pendingMax } from '#webhooks/store/webhook-spreading.ts'
import { eventually } from '../kit/api.ts'
import { startBench, type WebhookBench } from './dispatcher.ts'

const silent = 'https://silent.example'
const quick = 'https://quick.example'

describe('webhooks of several businesses', () => {
  let bench: WebhookBench
  let serving: WebhookDelivering | undefined
  before(async () => {
    bench = await startBench([])
  })
  afterEach(async () => {
    await serving?.stop()
    serving = undefined
    await bench.database.query('delete from webhook_endpoint')
  })
  after(() => bench.close())

  /** A server whose sendings to `silent` hang until they are let go. */
  function serve() {
    const { promise: letGo, resolve } = Promise.withResolvers<void>()
    const hanging = new Map<string, number>()
    const taken: string[] = []
    serving = bench.serve({
      async send({ url, businessId }) {
        if (!url.startsWith(silent)) {
          taken.push(url)
          return { status: 200 }
        }
        hanging.set(businessId, (hanging.get(businessId) ?? 0) + 1)
        await letGo
        return { problem: 'timed_out' }
      },
    })
    return { letGo: resolve, hanging, taken, all: () => [...hanging.values()].reduce((sum, many) => sum + many, 0) }
  }

  it('are sent beside those of one whose endpoints never answer', async () => {
    const [hostile, other] = [await bench.addBusiness(), await bench.addBusiness()]
    for (let many = 0; many < endpointsMax; many++) await bench.add(`${silent}/${many}`, hostile)
    await bench.add(quick, other)
    await bench.tell(20, hostile)
    const server = serve()
    // All that it may have at once: half, with nobody else about.
    await eventually(async () => server.all() >= 128)
    const from = performance.now()
    await bench.tell(1, other)
    await eventually(async () => server.taken.length === 1, 3000)
    assert.ok(performance.now() - from < 2000)
    assert.ok(server.all() <= 130, String(server.all()))
    server.letGo()
  })

  it('share alike, and always leave room for another', async () => {
    const hostile = await Promise.all(Array.from({ length: 6 }, () => bench.addBusiness()))
    for (const owner of hostile) {
      for (let many = 0; many < 10; many++) await bench.add(`${silent}/${many}`, owner)
      await bench.tell(10, owner)
    }
    const server = serve()
    const share = Math.floor(256 / 7)
    await eventually(async () => hostile.every((owner) => (server.hanging.get(owner) ?? 0) >= share))
    assert.ok(
      [...server.hanging.values()].every((many) => many <= 128),
      [...server.hanging.values()].join(),
    )
    const other = await bench.addBusiness()
    await bench.add(quick, other)
    await bench.tell(1, other)
    await eventually(async () => server.taken.length === 1, 3000)
    server.letGo()
  })

  it('are spread from a flood of events of one without holding up another', async () => {
    const [hostile, other] = [await bench.addBusiness(), await bench.addBusiness()]
    for (let many = 0; many < endpointsMax; many++) await bench.add(`${silent}/${many}`, hostile)
    await bench.add(quick, other)
    await bench.tell(5000, hostile)
    await bench.tell(1, other)
    await bench.store.spread(bench.now())
    const [row] = await bench.database.query<{ many: string }>(
      'select count(*) as many from webhook_delivery where business_id = $1',
      [other],
    )
    assert.equal(row?.many, '1', 'in the very first look')
  })

  it('wait with the cursor where it is when an endpoint has as many pending as it may', async () => {
    const owner = await bench.addBusiness()
    const { id } = await bench.add(quick, owner)
    await bench.database.query(
      `insert into webhook_delivery (business_id, id, endpoint_id, subject_kind, subject_id, event_sequence, part,
          status, due_at, created_at)
        select $1, gen_random_uuid(), $2, 'verification', gen_random_uuid(), n, 'event', 'pending', now(), now()
        from generate_series(1, $3::integer) n`,
      [owner, id, pendingMax + 1],
    )
    await bench.tell(1, owner)
    const spread = async (): Promise<number> => {
      await bench.store.spread(bench.now())
      const rows = await bench.database.query('select 1 from webhook_delivery where business_id = $1', [owner])
      return rows.length
    }
    assert.equal(await spread(), pendingMax + 1)
    await bench.database.query('delete from webhook_delivery where business_id = $1', [owner])
    assert.equal(await spread(), 1, 'none is lost')
  })
})
