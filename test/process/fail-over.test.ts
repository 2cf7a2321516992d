import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import pg from 'pg'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#platform/database/embedded/embedded-postgres.ts'
import { freePort, spawnServer, stopServer, temporaryFolder } from '../kit/processes.ts'
import { eventually, freshNumber } from '../kit/api.ts'

const key = 'ck_test_fails_over'

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text)).rows
  } finally {
    await client.end()
  }
}

const start = (dataFolder: string, port: number): Promise<EmbeddedPostgres> =>
  startEmbeddedPostgres({ dataFolder, log: () => undefined, settings: { port: String(port) } })

/** A cold copy that follows the primary from then on. */
function makeStandby(from: string, to: string, primaryUrl: URL): void {
  execFileSync('cp', ['-a', `${from}/.`, to])
  const cluster = join(to, 'postgres')
  const { port, username, password } = primaryUrl
  const conninfo = `host=127.0.0.1 port=${port} user=${username} password=${password}`
  appendFileSync(join(cluster, 'postgresql.auto.conf'), `primary_conninfo = '${conninfo}'\n`)
  writeFileSync(join(cluster, 'standby.signal'), '')
  rmSync(join(to, 'server.lock'), { force: true })
}

describe('a database of two hosts', () => {
  it('fails over: nothing that was acknowledged is lost, and the server finds the new primary by itself', async (t) => {
    assert.equal(process.platform, 'linux', 'a cluster is copied with its owner')
    const folders = [temporaryFolder(), temporaryFolder()] as const
    const ports = [await freePort(), await freePort()] as const
    const first = await start(folders[0], ports[0])
    const urls = ports.map((port) => Object.assign(new URL(first.connectionString), { port: String(port) })) as [
      URL,
      URL,
    ]
    await first.stop()
    makeStandby(folders[0], folders[1], urls[0])
    const primary = await start(folders[0], ports[0])
    const standby = await start(folders[1], ports[1])
    await query(urls[0].href, "alter system set synchronous_standby_names = '*'")
    await query(urls[0].href, 'select pg_reload_conf()')
    await eventually(async () => {
      const [found] = await query(urls[0].href, "select 1 as one from pg_stat_replication where sync_state = 'sync'")
      return found !== undefined
    })

    const both = new URL(urls[0].href)
    const server = spawnServer(await freePort(), {
      // The standby stands first: it has to be passed over.
      DATABASE_URL: both.href.replace(both.host, `127.0.0.1:${ports[1]},127.0.0.1:${ports[0]}`),
      CENTANG_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
      CENTANG_DEMO_KEY: key,
      CENTANG_SIMULATOR: 'on',
      CENTANG_LOG_LEVEL: 'error',
    })
    const call = (method: string, path: string, body?: object): Promise<Response> =>
      fetch(`${server.url}/v1/${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      })
    try {
      await server.ready
      const acknowledged: string[] = []
      let isLoading = true
      const load = async (): Promise<void> => {
        while (isLoading) {
          const answer = await call('POST', 'verifications', { to: freshNumber() })
          const { id, code } = (await answer.json()) as { id: string; code?: string }
          if (answer.status === 201) acknowledged.push(id)
          else assert.equal(code, 'database_unavailable')
        }
      }
      const loading = [load(), load(), load(), load()]
      await eventually(async () => acknowledged.length > 100, 30_000)
      const before = acknowledged.length
      process.kill(primary.pid, 'SIGKILL')
      await primary.stop()
      await query(urls[1].href, 'select pg_promote()')
      const promotedAt = Date.now()
      await eventually(async () => acknowledged.length > before + 100, 40_000)
      t.diagnostic(`100 starts ${Date.now() - promotedAt} ms after the promotion, ${acknowledged.length} in all`)
      isLoading = false
      await Promise.all(loading)
      for (const id of acknowledged) assert.equal((await call('GET', `verifications/${id}`)).status, 200, id)
      assert.equal((await fetch(`${server.url}/readyz`)).status, 200)
      assert.doesNotMatch(server.output(), new RegExp(readFileSync(join(folders[0], 'postgres-password'), 'utf8')))
    } finally {
      await stopServer(server)
      await standby.stop()
      for (const folder of folders) rmSync(folder, { recursive: true, force: true })
    }
  })
})
