import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { letAllLeave } from '#messaging/core/may-leave.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { letAllCheck } from '#verification/core/may-check.ts'
import type { StartRow } from '#verification/core/engine.ts'
import { createFlows } from '#verification/flows/flows.ts'
import { type DueWatch, watchDue } from '#verification/flows/watch-due.ts'
import { createEngine, type PostgresEngine } from '#verification/store/engine.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'
import { Keyring } from '#platform/keys/keyring.ts'
import { businessId, plainPeople, startRow } from '../verification/start-row.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { eventually } from '../kit/api.ts'

const senderId = uuidv7(Date.now())
const sender: Sender = {
  id: senderId,
  businessId,
  live: false,
  channel: 'sms',
  provider: 'x',
  purpose: 'authentication',
  config: {},
  secrets: {},
}

interface Server {
  readonly engine: PostgresEngine
  readonly watch: DueWatch
  readonly errors: unknown[]
  /** What its wall clock shows besides the true time. */
  readonly skew: { ms: number }
  stop(): Promise<void>
}

describe('servers that share one database', () => {
  let database: TestDatabase
  const keys = new Keyring(new Map([[1, randomBytes(32)]]))
  const servers: Server[] = []
  let sends: string[] = []
  const connection = { statementTimeoutMs: 5000, lockTimeoutMs: 2000, laneCount: 2, bindRequests: true }

  function startServer(): Server {
    const errors: unknown[] = []
    const skew = { ms: 0 }
    const now = (): Date => new Date(Date.now() + skew.ms)
    const engine = createEngine({ ...connection, connectionString: database.url, now })
    const flows = createFlows(
      {
        engine,
        keys,
        people: plainPeople,
        now,
        newId: () => uuidv7(Date.now()),
        findCodeOfMessage: () => Promise.resolve(undefined),
        hasProven: () => Promise.resolve(false),
        mayLeave: letAllLeave,
        mayCheck: letAllCheck,
        findApplication: () => Promise.resolve(undefined),
        listSenders: () => Promise.resolve([sender]),
        send: async (message) => {
          sends.push(message.to)
          return { outcome: 'accepted', providerMessageId: message.reference }
        },
      },
      (error) => errors.push(error),
    )
    const watch = flows.watchDue({ onError: (error) => errors.push(error) })
    const server: Server = {
      engine,
      watch,
      errors,
      skew,
      async stop() {
        await watch.stop()
        await flows.drain()
        await engine.close()
      },
    }
    servers.push(server)
    return server
  }

  before(async () => {
    database = await freshDatabase()
    await database.query('insert into business values ($1, $2, now())', [businessId, 'x'])
  })
  after(async () => {
    await Promise.all(servers.map((server) => server.stop()))
    await database.drop()
  })

  const rowOf = (recipient: string, dueInMs: number): StartRow => {
    const now = new Date()
    return startRow(recipient, now, {
      workflow: [
        { channel: 'sms', waitSeconds: 60, senderId },
        { channel: 'voice', waitSeconds: 60, senderId },
      ],
      dueAt: new Date(now.getTime() + dueInMs),
      senderId,
    })
  }
  const moves = async (): Promise<number[]> =>
    (
      await database.query<{ n: number }>(
        `select count(e.sequence)::int as n from verification v
         left join event e on e.subject_id = v.id and e.kind = 'verification.moved_on' group by v.id`,
      )
    ).map(({ n }) => n)

  it('move each due verification once between them, and send each message once', async () => {
    const [one, two] = [startServer(), startServer()]
    const count = 300
    await Promise.all(
      Array.from({ length: count }, (_, n) => (n % 2 ? one : two).engine.start(rowOf(`+1${n}`, 300 + (n % 50)))),
    )
    await eventually(async () => (await moves()).every((n) => n > 0), 20_000)
    // The first deliveries were performed by nobody: a sweep finds them after its grace.
    await eventually(async () => sends.length >= 2 * count, 20_000)
    await sleep(2500)
    assert.deepEqual(new Set(await moves()), new Set([1]))
    assert.equal(sends.length, 2 * count)
    assert.deepEqual([...one.errors, ...two.errors], [])
  })

  it('go on looking when the clock of one is set back, and move nothing twice when it is set forward', async () => {
    const [one, two] = servers as [Server, Server]
    await two.stop()
    servers.length = 1
    sends = []
    one.skew.ms = -3_600_000
    // Set back by an hour: what was due is not due for this server, but it still looks every second.
    const row = rowOf('+2', -1000)
    await one.engine.start({ ...row, now: new Date(Date.now() - 3_600_000) })
    await eventually(async () => sends.length === 1)
    one.skew.ms = 0
    await eventually(async () => sends.length === 2)
    one.skew.ms = 60_000
    await sleep(1500)
    one.skew.ms = 0
    assert.equal(sends.length, 2)
    assert.deepEqual(one.errors, [])
  })

  it('sleep while a due row is held by somebody else, instead of asking for it without pause', async () => {
    const [one] = servers as [Server]
    await one.stop()
    servers.length = 0
    const row = rowOf('+3', 0)
    let asked = 0
    const engine = createEngine({ ...connection, connectionString: database.url, now: () => new Date() })
    await engine.start(row)
    const outside = {
      engine: {
        ...engine,
        claimDue: async () => {
          asked++
          return []
        },
        nextDueAt: async () => new Date(Date.now() - 1000),
      },
      now: () => new Date(),
      perform: () => undefined,
    } as unknown as Parameters<typeof watchDue>[0]
    const watch = watchDue(outside, { onError: (error) => assert.fail(String(error)) })
    await sleep(500)
    await watch.stop()
    await engine.close()
    assert.ok(asked > 1 && asked <= 51, `asked ${asked} times in half a second`)
  })
})
