import assert from 'node:assert/strict'
import { chmodSync, chownSync, copyFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { connect } from '#platform/database/connect.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#platform/database/embedded/embedded-postgres.ts'
import { explainDatabase } from '#platform/database/explain-database.ts'
import { migrate } from '#platform/database/migrate.ts'
import { moduleLines } from '../../src/cli/module-lines.ts'
import { eventually } from '../kit/api.ts'
import { freePort, spawnServer, temporaryFolder } from '../kit/processes.ts'

const certificate = (name: string): string => fileURLToPath(new URL(`certificates/${name}`, import.meta.url))
const ca = encodeURIComponent(certificate('ca.pem'))
const otherCa = encodeURIComponent(certificate('other-ca.pem'))

/** A database that refuses for each reason that there is, and what a person reads of it. */
describe('a database that refuses', () => {
  const folder = temporaryFolder()
  let postgres: EmbeddedPostgres
  let admin: pg.Client
  before(async () => {
    postgres = await startEmbeddedPostgres({ dataFolder: folder, log: () => undefined })
    admin = new pg.Client({ connectionString: postgres.connectionString })
    await admin.connect()
  })
  after(async () => {
    await admin.end()
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const urlOf = ({ user = '', password = '', host = '', path = '', query = '' }): string => {
    const url = new URL(postgres.connectionString)
    if (user) url.username = user
    if (password) url.password = password
    if (host) url.hostname = host
    if (path) url.pathname = path
    return url.href + query
  }

  /** The first host that answers a question, or what a person is told instead. */
  async function tell(url: string, work = ask): Promise<string> {
    try {
      return await work(url)
    } catch (error) {
      const told = explainDatabase(error, url)
      assert.ok(told, `nobody foresaw ${String(error)}`)
      assert.ok(!told.text.includes(new URL(url).password), 'the password is not told')
      return told.text
    }
  }

  async function ask(connectionString: string): Promise<string> {
    const client = await connect({ connectionString, connectionTimeoutMillis: 5000 })
    const { rows } = await client.query<{ ssl: boolean }>('select ssl from pg_stat_ssl where pid = pg_backend_pid()')
    await client.end()
    return rows[0]?.ssl ? 'encrypted' : 'plain'
  }

  const build = async (url: string): Promise<string> => {
    await migrate(url, moduleLines)
    return 'migrated'
  }

  it('for want of rights names SQL that mends it, one way and the other', async () => {
    await admin.query(`create role "Poor One" login password 'kept-quiet'`)
    await admin.query('create database poor')
    const url = urlOf({ user: 'Poor%20One', password: 'kept-quiet', path: '/poor' })
    const inPoor = new pg.Client({ connectionString: urlOf({ path: '/poor' }) })
    await inPoor.connect()
    const told = await tell(url, build)
    const [, grant] = /run once: (GRANT USAGE, CREATE ON SCHEMA public TO "Poor One";)/.exec(told) ?? []
    const [, own] = /(CREATE SCHEMA centang AUTHORIZATION "Poor One";)/.exec(told) ?? []
    const [, option] = /(\?options=\S+) at the end of DATABASE_URL/.exec(told) ?? []
    assert.ok(grant !== undefined && own !== undefined && option !== undefined, told)

    // Then the roles, as the migration tells itself.
    const runWhatIsTold = async (from: string): Promise<void> => {
      const problem = await migrate(from, moduleLines).then(
        () => 'none',
        (error: Error) => error.message,
      )
      const [, lines] = /has to run once: (.*;)$/.exec(problem) ?? []
      if (lines !== undefined) await inPoor.query(lines)
    }
    await inPoor.query(own)
    await runWhatIsTold(url + option)
    await runWhatIsTold(url + option)
    assert.equal(await tell(url + option, build), 'migrated')
    await inPoor.query(grant)
    assert.equal(await tell(url, build), 'migrated')

    // What made the tables may be taken back: a start of the same version makes none.
    await inPoor.query('revoke create on schema public from "Poor One"')
    assert.equal(await tell(url, build), 'migrated')
    assert.match(
      await tell(`${url}?options=-csearch_path%3Dnowhere`, build),
      /^The schema of the server's tables is not there, .* GRANT USAGE, CREATE ON SCHEMA public TO "Poor One";/,
    )
    await inPoor.end()
  })

  it('for who asks says what of DATABASE_URL is wrong', async () => {
    assert.match(await tell(urlOf({ password: 'wrong' })), /The password in DATABASE_URL is not the one of this user/)
    assert.match(await tell(urlOf({ path: '/nowhere' })), /CREATE DATABASE <name> OWNER centang;/)
    await admin.query(
      `create role many login password 'kept-quiet' connection limit 0; create role still nologin password 'kept-quiet'`,
    )
    assert.match(
      await tell(urlOf({ user: 'many', password: 'kept-quiet' })),
      /lower it, raise max_connections, or put a pooler/,
    )
    assert.match(await tell(urlOf({ user: 'still', password: 'kept-quiet' })), /ALTER ROLE still LOGIN/)
  })

  it('for want of TLS, or of a CA that is known, says what to set', async () => {
    assert.equal(await tell(urlOf({ query: '?sslmode=disable' })), 'plain')
    assert.match(await tell(urlOf({ query: '?sslmode=require' })), /takes no encrypted connections.*sslmode=disable/)
    await encrypt()
    const told = async (host: string, query: string): Promise<string> => tell(urlOf({ host, query: `?${query}` }))
    // As libpq means them.
    assert.equal(await told('127.0.0.1', 'sslmode=require'), 'encrypted')
    assert.equal(await told('127.0.0.1', 'sslmode=no-verify'), 'encrypted')
    assert.equal(await told('127.0.0.1', `sslmode=require&sslrootcert=${ca}`), 'encrypted')
    assert.equal(await told('127.0.0.1', `sslmode=verify-ca&sslrootcert=${ca}`), 'encrypted')
    assert.equal(await told('localhost', `sslmode=verify-full&sslrootcert=${ca}`), 'encrypted')

    const unknownCa = /a CA that is not known here .*sslmode=verify-full&sslrootcert=\/path\/to\/ca\.pem/
    assert.match(await told('localhost', 'sslmode=verify-full'), unknownCa)
    for (const mode of ['require', 'verify-ca', 'verify-full'])
      assert.match(await told('localhost', `sslmode=${mode}&sslrootcert=${otherCa}`), unknownCa, mode)
    const otherName = /for another name than DATABASE_URL has/
    assert.match(await told('127.0.0.1', `sslmode=verify-full&sslrootcert=${ca}`), otherName)
    assert.match(
      await told('localhost', 'sslmode=verify-full&sslrootcert=%2Fno%2Fca.pem'),
      /The file \/no\/ca\.pem that DATABASE_URL names can't be read \(ENOENT\)/,
    )
    assert.match(await told('127.0.0.1', 'sslmode=disable'), /encrypted connections only .*Add \?sslmode=verify-full/)

    const server = spawnServer(await freePort(), {
      DATABASE_URL: urlOf({ host: 'localhost', query: '?sslmode=verify-full' }),
      CENTANG_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    })
    assert.equal(await server.exited, 3)
    assert.match(server.output(), unknownCa)
  })

  /** From now on it takes encrypted connections only. */
  async function encrypt(): Promise<void> {
    const cluster = join(folder, 'postgres')
    const { uid, gid } = statSync(cluster)
    for (const name of ['server.pem', 'server.key']) {
      copyFileSync(certificate(name), join(cluster, name))
      chownSync(join(cluster, name), uid, gid)
    }
    chmodSync(join(cluster, 'server.key'), 0o600)
    writeFileSync(join(cluster, 'pg_hba.conf'), 'hostssl all all all scram-sha-256\n')
    await admin.query(`alter system set ssl_cert_file = 'server.pem'`)
    await admin.query(`alter system set ssl_key_file = 'server.key'`)
    await admin.query(`alter system set ssl = 'on'`)
    await admin.query('select pg_reload_conf()')
    // Each session notices by itself; a new one has it.
    await eventually(async () => (await tell(urlOf({ query: '?sslmode=require' }))) === 'encrypted')
  }
})
