import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { bearer, eventually, freshNumber, operatorKey } from '../kit/api.ts'
import { startTestServer, type TestServer } from '../kit/server.ts'

interface Follower {
  readonly status: number
  readonly code: string | undefined
  /** Ids of the events, in the order they came. */
  readonly ids: string[]
  readonly kinds: string[]
  readonly data: unknown[]
  /** When the server ends it. */
  readonly ended: Promise<void>
  leave(): Promise<void>
}

describe('the stream of events', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer({ CENTANG_LOG_LEVEL: 'info' })
  })
  after(() => server.stop())

  const createBusiness = async (): Promise<string> =>
    (await server.call('POST', '/v1/businesses', { name: 'Follows' }, bearer(operatorKey))).body.api_key

  async function follow(key: string, lastEventId?: string): Promise<Follower> {
    const abort = new AbortController()
    const answer = await fetch(`${server.url}/v1/events/stream`, {
      headers: { ...bearer(key), ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) },
      signal: abort.signal,
    })
    const ids: string[] = []
    const kinds: string[] = []
    const data: unknown[] = []
    if (answer.status !== 200) {
      const { code } = (await answer.json()) as { code: string }
      return { status: answer.status, code, ids, kinds, data, ended: Promise.resolve(), leave: async () => undefined }
    }
    const read = async (): Promise<void> => {
      let rest = ''
      for await (const chunk of answer.body as ReadableStream<Uint8Array>) {
        const blocks = (rest + Buffer.from(chunk).toString()).split('\n\n')
        rest = blocks.pop() as string
        for (const block of blocks) {
          const [, id] = /^id: (.+)$/m.exec(block) ?? []
          const [, kind] = /^event: (.+)$/m.exec(block) ?? []
          // The first block has an id and no event: where the stream begins.
          if (id === undefined || kind === undefined) continue
          ids.push(id)
          kinds.push(kind)
          data.push(JSON.parse(/^data: (.+)$/m.exec(block)?.[1] ?? 'null'))
        }
      }
    }
    const ended = read().catch(() => undefined)
    return {
      status: 200,
      code: undefined,
      ids,
      kinds,
      data,
      ended,
      async leave() {
        abort.abort()
        await ended
      },
    }
  }

  const start = async (key: string): Promise<void> => {
    const { status } = await server.call('POST', '/v1/verifications', { to: freshNumber() }, bearer(key))
    assert.equal(status, 201)
  }
  const quiet = () => new Promise((done) => setTimeout(done, 1500))

  it('gives every event once and in order to everybody, and goes on where a connection broke', async () => {
    const key = await createBusiness()
    const [first, second] = [await follow(key), await follow(key)]
    for (let n = 0; n < 5; n++) await start(key)
    await eventually(async () => first.kinds.filter((kind) => kind === 'delivery.delivered').length === 5)
    await quiet()
    assert.deepEqual(second.ids, first.ids)
    await second.leave()
    for (let n = 0; n < 5; n++) await start(key)
    await eventually(async () => first.kinds.filter((kind) => kind === 'delivery.delivered').length === 10)
    await quiet()
    // One that comes back in the middle of what it had seen, one that comes back at its end, one that begins anew.
    const middle = await follow(key, second.ids[7])
    const end = await follow(key, second.ids.at(-1))
    const anew = await follow(key)
    await start(key)
    await eventually(async () => anew.kinds.includes('delivery.delivered'))
    await quiet()
    const all = first.ids
    assert.equal(new Set(all).size, all.length, 'each once')
    const [row] = await server.database.query<{ count: string }>(
      `select count(*) from event where business_id = (select business_id from event where (log_position >> 48) || '-' || (log_position & ((1::bigint << 48) - 1)) || '-' || sequence = $1)`,
      [all[0]],
    )
    assert.equal(all.length, Number(row?.count), 'none is missing')
    assert.deepEqual(middle.ids, all.slice(8))
    assert.deepEqual(end.ids, all.slice(second.ids.length))
    assert.deepEqual(anew.ids, all.slice(-anew.ids.length))
    await Promise.all([first, middle, end, anew].map((one) => one.leave()))
  })

  it('refuses a Last-Event-ID that is none', async () => {
    for (const id of ['1-281474976710656-1', '1-1-9223372036854775808', '1', '1-1', 'x-y-z', "1-1-1'"]) {
      const refused = await follow(server.key, id)
      assert.deepEqual([refused.status, refused.code], [400, 'body_invalid'], id)
    }
    assert.ok(!server.logged.join('').includes('event stream'))
  })

  it('refuses one that lies ahead of everything, and leaves its place to others', async () => {
    const key = await createBusiness()
    for (let n = 0; n < 51; n++) {
      const refused = await follow(key, '32767-1-1')
      assert.deepEqual([refused.status, refused.code], [409, 'cursor_ahead'])
    }
    // The negative control: one that was given out a moment ago.
    const here = await follow(key)
    await start(key)
    await eventually(async () => here.kinds.includes('verification.started'))
    const again = await follow(key, here.ids.at(-1))
    assert.equal(again.status, 200)
    await Promise.all([here, again].map((one) => one.leave()))
  })

  it('names each subject by its own id, tells of its data what may be told, and passes over strangers', async () => {
    const key = await createBusiness()
    const follower = await follow(key)
    const [subject, part] = ['0190a000-0000-7000-8000-00000000000a', '0190a000-0000-7000-8000-00000000000b']
    await server.database.query(
      `insert into event (business_id, live, subject_kind, subject_id, part_id, kind, data, at)
        select k.business_id, false, e.subject_kind, $2, e.part_id, e.kind, e.data, '2026-11-25T04:12:05Z'
        from api_key k, (values
          ('verification', $3::uuid, 'delivery.failed', '{"channel": "sms", "reason": "x", "raw": {"code": "481516"}}'::jsonb),
          ('stranger', null, 'stranger.seen', null),
          ('message', null, 'message.received', '{"channel": "whatsapp", "choice": "yes:1"}'),
          ('factor', null, 'factor.created', '{"identity": "person-one", "factor_name": "Phone"}')
        ) as e (subject_kind, part_id, kind, data)
        where k.hint = $1`,
      [key.slice(-4), subject, part],
    )
    await eventually(async () => follower.kinds.includes('factor.created'))
    const id = subject.replaceAll('-', '')
    const at = '2026-11-25T04:12:05.000Z'
    assert.deepEqual(follower.data, [
      {
        type: 'delivery.failed',
        verification_id: `ver_${id}`,
        delivery_id: `dlv_${part.replaceAll('-', '')}`,
        channel: 'sms',
        reason: 'x',
        provider_code: null,
        at,
      },
      {
        type: 'message.received',
        message_id: `msg_${id}`,
        channel: 'whatsapp',
        message_type: null,
        choice: 'yes:1',
        reason: null,
        provider_code: null,
        at,
      },
      {
        type: 'factor.created',
        factor_id: `fct_${id}`,
        challenge_id: null,
        identity: 'person-one',
        factor_name: 'Phone',
        at,
      },
    ])
    await follower.leave()
  })

  it('ends when the key is revoked', async () => {
    const { body } = await server.call('POST', '/v1/api_keys')
    const follower = await follow(body.key)
    assert.equal(follower.status, 200)
    let hasEnded = false
    void follower.ended.then(() => (hasEnded = true))
    await quiet()
    assert.ok(!hasEnded)
    await server.call('DELETE', `/v1/api_keys/${body.id}`)
    await eventually(async () => hasEnded, 6000)
  })

  it('is followed on as many connections as a business may', async () => {
    const key = await createBusiness()
    const followers = await Promise.all(Array.from({ length: 50 }, () => follow(key)))
    assert.ok(followers.every(({ status }) => status === 200))
    const refused = await follow(key)
    assert.deepEqual([refused.status, refused.code], [429, 'stream_limit_reached'])
    const other = await follow(await createBusiness())
    assert.equal(other.status, 200, 'another business has its own')
    await followers[0]?.leave()
    await eventually(async () => {
      const again = await follow(key)
      if (again.status !== 200) return false
      await again.leave()
      return true
    })
    await Promise.all([...followers, other].map((one) => one.leave()))
  })

  it('keeps nothing for who does not read', async () => {
    const key = await createBusiness()
    await start(key)
    const responses: ServerResponse[] = []
    const onRequest = (told: unknown): void => {
      const { request, response } = told as { request: IncomingMessage; response: ServerResponse }
      if (request.url === '/v1/events/stream') responses.push(response)
    }
    subscribe('http.server.request.start', onRequest)
    const { port } = new URL(server.url)
    const socket = connect(Number(port), '127.0.0.1')
    try {
      socket.pause()
      socket.write(
        `GET /v1/events/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nLast-Event-ID: 1-1-1\r\n\r\n`,
      )
      await server.database.query(
        `insert into event (business_id, live, application_id, subject_kind, subject_id, kind, data, at)
          select v.business_id, v.live, v.application_id, 'verification', v.id, 'delivery.failed', jsonb_build_object('provider_code', repeat('x', 10000)), now()
          from api_key k join verification v using (business_id), generate_series(1, 6000) where k.hint = $1`,
        [key.slice(-4)],
      )
      const response = await eventually(async () => responses[0])
      await eventually(async () => response.writableNeedDrain)
      await quiet()
      const bufferedBytes = response.writableLength + (response.socket?.writableLength ?? 0)
      assert.ok(bufferedBytes < 1_000_000, `${bufferedBytes} bytes wait in memory`)
    } finally {
      unsubscribe('http.server.request.start', onRequest)
      socket.destroy()
    }
  })
})
