import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { EngineLane } from '#platform/database/lanes.ts'
import { recognisePooler } from '#platform/database/recognise-pooler.ts'
import type { Sessions } from '#platform/database/session.ts'
import { callsOf, codeOn, eventually, freshNumber } from '../kit/api.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { debianTool } from '../kit/debian-tool.ts'
import { type PgBouncer, startPgBouncer } from '../kit/pgbouncer.ts'
import { freePort, type ServerProcess, spawnServer, stopServer } from '../kit/processes.ts'

const { tool, skip } = debianTool('pgbouncer')
const key = 'ck_test_of_the_pooler_test'
const masterKey = randomBytes(32).toString('base64')

/** One simulated world for all servers of a test: a sender is of one world. */
async function startSimulator(): Promise<{ readonly url: string; stop(): void }> {
  const program = fileURLToPath(new URL('../../simulator/main.ts', import.meta.url))
  const child = spawn(process.execPath, [program], { env: { PATH: process.env['PATH'] ?? '', PORT: '0' } })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const url = await eventually(async () => /is at (\S+) \(phone/.exec(output)?.[1])
  return { url, stop: () => child.kill('SIGKILL') }
}

const start = async (url: string, more: Record<string, string> = {}): Promise<ServerProcess> =>
  spawnServer(await freePort(), {
    DATABASE_URL: url,
    CENTANG_MASTER_KEY: masterKey,
    CENTANG_DEMO_KEY: key,
    ...more,
  })

/** Starts and checks of many people at once, on all servers; each number is one person's. */
async function verifyMany(servers: readonly ServerProcess[], simulatorUrl: string, count: number): Promise<void> {
  const flow = async (n: number): Promise<void> => {
    const url = (servers[n % servers.length] as ServerProcess).url
    const server = callsOf('', key)
    const to = freshNumber()
    const started = await server.call('POST', `${url}/v1/verifications`, { to })
    assert.equal(started.status, 201, JSON.stringify(started.body))
    const code = await codeOn({ simulate: (method, path) => server.call(method, simulatorUrl + path) }, to)
    const checked = await server.call('POST', `${url}/v1/verifications/${started.body.id}/check`, { code })
    assert.deepEqual([checked.status, checked.body.status], [200, 'approved'], JSON.stringify(checked.body))
    // By another connection, under row-level security.
    const read = await server.call('GET', `${url}/v1/verifications/${started.body.id}`)
    assert.equal(read.body.status, 'approved')
  }
  await Promise.all(Array.from({ length: count }, (_, n) => flow(n)))
}

describe('behind PgBouncer', { skip }, () => {
  const databases: TestDatabase[] = []
  const bouncers: PgBouncer[] = []
  after(async () => {
    for (const bouncer of bouncers) await bouncer.stop()
    for (const database of databases) await database.drop()
  })

  async function bounce(settings: Record<string, string>, migrated = false) {
    const database = await freshDatabase({ migrated })
    databases.push(database)
    const bouncer = await startPgBouncer(tool as NonNullable<typeof tool>, database.url, settings)
    bouncers.push(bouncer)
    return { database, bouncer }
  }

  for (const [said, settings] of Object.entries({
    'in transaction mode': { pool_mode: 'transaction' },
    'in transaction mode, sessions in turn': { pool_mode: 'transaction', server_round_robin: '1' },
    'in session mode': { pool_mode: 'session', default_pool_size: '60' },
  })) {
    it(`${said}, servers start together on an empty database and every flow comes through`, async () => {
      const { database, bouncer } = await bounce(settings)
      // Whatever a session is left with by whoever had it before.
      await database.query(`alter database ${new URL(database.url).pathname.slice(1)} set datestyle = 'SQL, DMY'`)
      const simulator = await startSimulator()
      const more = { CENTANG_SIMULATOR: 'on', CENTANG_SIMULATOR_URL: simulator.url }
      const servers = await Promise.all([1, 2].map(() => start(bouncer.url, more)))
      try {
        await Promise.all(servers.map(({ ready }) => ready))
        await verifyMany(servers, simulator.url, 60).catch((cause: unknown) => {
          // Why it was refused stands in no answer.
          const said = servers.flatMap(({ output }) => output().match(/.*"level":"(?:warn|error|fatal)".*/g) ?? [])
          throw new Error(said.join('\n'), { cause })
        })
        for (const server of servers) {
          assert.equal(/a pooler in transaction mode/.test(server.output()), settings.pool_mode === 'transaction')
          assert.doesNotMatch(server.output(), /"level":"(?:error|fatal)"/)
        }
        const [role] = await (async () => {
          const client = new pg.Client({ connectionString: bouncer.url })
          await client.connect()
          const { rows } = await client.query<{ user: string; datestyle: string }>(
            `select current_user as user, current_setting('datestyle') as datestyle`,
          )
          await client.end()
          return rows
        })()
        assert.deepEqual(role, { user: new URL(database.url).username, datestyle: 'SQL, DMY' })
      } finally {
        simulator.stop()
        await Promise.all(servers.map(stopServer))
      }
    })
  }

  it('in statement mode, a server refuses to start and says what to set', async () => {
    const { bouncer } = await bounce({ pool_mode: 'statement' })
    const server = await start(bouncer.url)
    assert.equal(await server.exited, 1)
    assert.match(server.output(), /takes no transactions .* Set pool_mode = transaction or session for this database/)
  })

  it('a connection that takes its session for its own is lost, and one that knows better is not', async () => {
    const { bouncer } = await bounce({ pool_mode: 'transaction', server_round_robin: '1' }, true)
    const settings = { connectionString: bouncer.url, statementTimeoutMs: 5000, lockTimeoutMs: 2000 }
    const others = new pg.Pool({ connectionString: bouncer.url, max: 4 })
    const whoAsks = async (sessions: Sessions): Promise<unknown[]> => {
      const lane = new EngineLane({ ...settings, sessions })
      const ask = async (): Promise<unknown> => {
        await Promise.all([1, 2, 3, 4].map(() => others.query('select pg_sleep(0.005)')))
        const [row] = await lane.query('who', 'select current_user as who', []).catch(() => [])
        return row?.['who']
      }
      const answers = []
      for (let n = 0; n < 8; n++) answers.push(await ask())
      await lane.close()
      return answers
    }
    assert.deepEqual(await whoAsks('pooled'), Array(8).fill('centang_engine'))
    assert.notDeepEqual(await whoAsks('kept'), Array(8).fill('centang_engine'))
    await others.end()
  })

  it('the mode is recognised while others keep the pool busy, and without a pooler', async () => {
    const { database, bouncer } = await bounce({ pool_mode: 'transaction' })
    assert.equal(await recognisePooler(database.url), 'kept')
    const others = new pg.Pool({ connectionString: bouncer.url, max: 12 })
    let isBusy = true
    const work = async (): Promise<void> => {
      while (isBusy) await others.query('select pg_sleep(random() * 0.003)')
    }
    const working = Array.from({ length: 12 }, work)
    for (let n = 0; n < 20; n++) assert.equal(await recognisePooler(bouncer.url), 'pooled')
    isBusy = false
    await Promise.all(working)
    await others.end()
  })
})
