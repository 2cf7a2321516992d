import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { exitCodes } from '../../src/cli/exit.ts'
import { readSince } from '../../src/cli/webhook-replay.ts'
import { bearer, eventually, freshNumber, operatorKey } from '../kit/api.ts'
import { startTestServer } from '../kit/server.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { type Receiver, startReceiver } from '../webhooks/receiver.ts'
import { type Ran, runCommand, spawnCommand } from './run-command.ts'

const nobody = (prefix: string): string => `${prefix}_${'0'.repeat(31)}1`

describe('centang webhooks', () => {
  let server: SharedServer
  let receiver: Receiver
  before(async () => {
    receiver = await startReceiver()
    server = await sharedServer()
  })
  after(async () => {
    await server.stop()
    await receiver.close()
  })

  /** A business of its own, with an endpoint that has been told of so many verifications. */
  interface Shop {
    readonly endpoint: string
    readonly url: string
    readonly key: string
    /** The ids its webhooks came with. */
    readonly ids: () => string[]
    readonly run: (...words: string[]) => Promise<Ran>
    readonly start: () => Promise<void>
  }

  async function openShop(path: string, startCount: number): Promise<Shop> {
    const business = await server.call('POST', '/v1/businesses', { name: path }, bearer(operatorKey))
    const key = business.body.api_key as string
    const url = `http://${receiver.host}/${path}`
    const wanted = { url, events: ['verification.started'] }
    const { body, status } = await server.call('POST', '/v1/webhook_endpoints', wanted, bearer(key))
    assert.equal(status, 201)
    const ids = () => receiver.received.filter((one) => one.path === `/${path}`).map((one) => one.id)
    const start = async () => {
      const started = await server.call('POST', '/v1/verifications', { to: freshNumber() }, bearer(key))
      assert.equal(started.status, 201)
    }
    for (let n = 0; n < startCount; n++) await start()
    await eventually(async () => ids().length >= startCount)
    const run = (...words: string[]) =>
      runCommand(['webhooks', ...words], { CENTANG_URL: server.url, CENTANG_API_KEY: key })
    return { endpoint: body.id, url, key, ids, run, start }
  }

  it('list shows the endpoints, and deliveries what was sent to the only one', async () => {
    const { endpoint, url, ids, run } = await openShop('listed', 2)
    const list = await run('list')
    assert.deepEqual([list.code, list.out], [0, `${endpoint}  test  on  ${url}  verification.started\n`])
    assert.equal(JSON.parse((await run('list', '--json')).out).data[0].id, endpoint)
    // A delivery is written down as arrived after the receiver has answered.
    const two = await eventually(async () => {
      const ran = await run('deliveries', '--status', 'delivered')
      return ran.out.split('\n').length === 3 && ran
    })
    for (const id of ids())
      assert.match(two.out, new RegExp(`^${id}  [\\d-]+ [\\d:]+  delivered  verification\\.started  HTTP 204$`, 'm'))
    const page = await run('deliveries', endpoint, '--limit', '1')
    const [, cursor = ''] = /There are more: --cursor (whd_\w+)\n/.exec(page.err) ?? []
    const next = JSON.parse((await run('deliveries', '--cursor', cursor, '--json')).out)
    assert.equal(next.data.length, 1)
    const none = await run('deliveries', '--status', 'failed')
    assert.deepEqual([none.code, none.out, none.err], [0, '', 'There are none.\n'])
  })

  it('replay --since sends all again under their ids, waits for them and counts them', async () => {
    const { endpoint, url, ids, run } = await openShop('since', 3)
    const first = ids()
    const ran = await run('replay', '--since', '10m')
    assert.deepEqual(
      [ran.code, ran.out, ran.err],
      [0, '3 arrived\n', `On its way to ${url}. Ctrl-C ends the waiting only.\n`],
    )
    assert.deepEqual(ids().slice(3).toSorted(), first.toSorted(), 'when it ends, they are there')
    const {
      found,
      requested_at: at,
      ...told
    } = JSON.parse((await run('replay', endpoint, '--since', '1h', '--json')).out)
    assert.deepEqual(told, { endpoint_id: endpoint, delivered: 3, retrying: 0, failed: 0 })
    assert.deepEqual([found, Math.abs(Date.parse(at) - Date.now()) < 60_000], [true, true])
    assert.equal(ids().length, 9)
  })

  it('replay ends with 1 when one is not taken, and says how to see which', async () => {
    const { endpoint, ids, run } = await openShop('broken', 2)
    const [one] = ids()
    receiver.answer = ({ id }) => ({ status: id === one ? 500 : 204 })
    const ran = await run('replay', '--since', '10m')
    assert.deepEqual([ran.code, ran.out], [exitCodes.failed, '1 arrived, 1 not taken, sent again later\n'])
    assert.match(ran.err, new RegExp(`centang webhooks deliveries ${endpoint} --status pending\n$`))
    const single = await run('replay', '--event', one ?? '')
    assert.deepEqual([single.code, single.out], [exitCodes.failed, '✗ Not taken: HTTP 500\n'])
    assert.match(single.err, /It is sent again at \d\d:\d\d:\d\d\.\n$/)
    // What waited for a later time is sent by a replay now.
    receiver.answer = () => ({ status: 204 })
    const mended = await run('replay', '--since', '10m', '--json')
    assert.deepEqual([mended.code, JSON.parse(mended.out).delivered], [0, 2], mended.out + mended.err)
  })

  it('replay --event sends one again', async () => {
    const { endpoint, ids, run } = await openShop('single', 2)
    const [, second = ''] = ids()
    const ran = await run('replay', endpoint, '--event', second)
    assert.deepEqual([ran.code, ran.out], [0, '✓ Arrived: HTTP 204\n'], ran.err)
    assert.deepEqual(ids().slice(2), [second])
    const json = JSON.parse((await run('replay', '--event', second, '--json')).out)
    assert.deepEqual([json.endpoint_id, json.delivery.id, json.delivery.status], [endpoint, second, 'delivered'])
  })

  it('replay does not wait where that is not wanted, and says when there is nothing', async () => {
    const { url, ids, run } = await openShop('unwaited', 1)
    const ran = await run('replay', '--since', '10m', '--no-wait')
    assert.deepEqual([ran.code, ran.out, ran.err], [0, `It is on its way to ${url}.\n`, ''])
    await eventually(async () => ids().length === 2)
    const none = await run('replay', '--since', '0s')
    assert.deepEqual([none.code, none.out], [0, 'Nothing has happened since then.\n'])
    assert.equal(JSON.parse((await run('replay', '--since', '0s', '--json')).out).found, false)
  })

  it('replay says that a disabled endpoint is enabled first; enable enables it', async () => {
    const { endpoint, key, ids, run, start } = await openShop('disabled', 1)
    await server.call('PATCH', `/v1/webhook_endpoints/${endpoint}`, { disabled: true }, bearer(key))
    await start()
    const ran = await run('replay', '--since', '10m')
    assert.deepEqual([ran.code, ran.out], [exitCodes.failed, ''])
    assert.equal(
      ran.err,
      `The endpoint is disabled (by_request). Enable it first: centang webhooks enable ${endpoint}\n`,
    )
    assert.match((await run('list')).out, / {2}disabled {2}/)
    assert.deepEqual((await run('enable')).out, `${endpoint} hears of events again.\n`)
    const missed = await run('replay', '--since', '10m')
    assert.deepEqual([missed.code, missed.out, ids().length], [0, '2 arrived\n', 3], missed.err)
  })

  it('ends with 1 when the endpoint says 410 half-way', async () => {
    const { run } = await openShop('gone', 2)
    receiver.answer = () => ({ status: 410 })
    const ran = await run('replay', '--since', '10m')
    receiver.answer = () => ({ status: 204 })
    assert.equal(ran.code, exitCodes.failed)
    assert.match(ran.out, /^0 arrived, 2 failed\n$/)
  })

  it('says what is missing or unknown', async () => {
    const { endpoint, key, run } = await openShop('wrong', 0)
    const fails = async (words: string[], exitCode: number, says: RegExp): Promise<void> => {
      const ran = await run(...words)
      assert.match(ran.err, says, words.join(' '))
      assert.deepEqual([ran.code, ran.out], [exitCode, ''], words.join(' '))
    }
    const { failed, usage } = exitCodes
    await fails(['replay'], usage, /Give --since <time>, or --event <webhook-id>/)
    await fails(['replay', '--since', '1h', '--event', nobody('whd')], usage, /one of them/)
    await fails(
      ['replay', '--since', 'yesterday'],
      usage,
      /--since takes a time as 2026-11-25T04:00:00Z, or how long ago/,
    )
    await fails(['replay', '--since', '2999-01-01T00:00:00Z'], usage, /has not come yet/)
    await fails(['replay', nobody('whe'), '--since', '1h'], failed, /There is nothing under that id/)
    await fails(['replay', '--event', nobody('whd')], failed, /There is nothing under that id/)
    await fails(['deliveries', 'x'], failed, /There is nothing under that id/)
    const wanted = { url: `http://${receiver.host}/second`, events: ['delivery.*'] }
    await server.call('POST', '/v1/webhook_endpoints', wanted, bearer(key))
    await fails(['replay', '--since', '1h'], usage, new RegExp(`Which endpoint\\? There are 2:\n.*${endpoint}`))
    const { body } = await server.call('POST', '/v1/businesses', { name: 'bare' }, bearer(operatorKey))
    const bare = await runCommand(['webhooks', 'replay', '--since', '1h'], {
      CENTANG_URL: server.url,
      CENTANG_API_KEY: body.api_key,
    })
    assert.deepEqual([bare.code, bare.out], [failed, ''])
    assert.match(bare.err, /There is no webhook endpoint in the mode of this key/)
  })

  it('says that the server goes on, when it stops half-way', async () => {
    const own = await startTestServer({ CENTANG_WEBHOOK_HOSTS: receiver.host })
    try {
      const wanted = { url: `http://${receiver.host}/halfway`, events: ['verification.started'] }
      await own.call('POST', '/v1/webhook_endpoints', wanted)
      await own.call('POST', '/v1/verifications', { to: freshNumber() })
      const at = () => receiver.received.filter((one) => one.path === '/halfway')
      await eventually(async () => at().length === 1)
      let letGo: () => void = () => undefined
      const held = new Promise<void>((done) => (letGo = done))
      receiver.answer = async () => (await held, { status: 204 })
      const command = spawnCommand(['webhooks', 'replay', '--since', '10m'], {
        CENTANG_URL: own.url,
        CENTANG_API_KEY: own.key,
      })
      await eventually(async () => at().length === 2)
      const stopping = own.app.stop()
      const { code, out, err } = await command.ended
      receiver.answer = () => ({ status: 204 })
      letGo()
      await stopping
      assert.deepEqual([code, out], [exitCodes.unreachable, ''])
      assert.match(err, /can't be reached.*\n.*\nWhat is left of the replay is sent when the server runs again\.\n$/)
    } finally {
      await own.database.drop()
    }
  })
})

describe('--since', () => {
  const now = new Date('2026-11-25T12:00:00Z')
  const read = (spelled: string): string => readSince(spelled, now).toISOString()

  it('reads a time, a day of this machine, and how long ago', () => {
    assert.equal(read('2026-11-25T04:00:00Z'), '2026-11-25T04:00:00.000Z')
    assert.equal(read('2026-11-25T04:00:00+07:00'), '2026-11-24T21:00:00.000Z')
    assert.equal(read('2026-11-24'), new Date(2026, 10, 24).toISOString())
    assert.equal(read('2026-11-24 08:30'), new Date(2026, 10, 24, 8, 30).toISOString())
    assert.equal(read('45m'), '2026-11-25T11:15:00.000Z')
    assert.equal(read('3d'), '2026-11-22T12:00:00.000Z')
    assert.equal(read('2 hours'), '2026-11-25T10:00:00.000Z')
  })

  it('reads nothing else', () => {
    for (const spelled of ['', '5', '1w', '-3h', '999999999d', '2026-13-01', '12:00', 'Nov 25', '2026-11-25T13:00:00Z'])
      assert.throws(() => read(spelled), { exitCode: 2 }, spelled)
  })
})
