import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import pg from 'pg'
import { migrate } from '#platform/database/migrate.ts'
import { moduleLines } from '../../src/cli/module-lines.ts'
import { eventually } from '../kit/api.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'

/** A login of its own for each installation, as on a shared PostgreSQL; the roles are there already. */
describe('an installation with a login of its own, in a cluster where the roles exist', () => {
  const logins: string[] = []
  let existing: TestDatabase
  before(async () => {
    existing = await freshDatabase()
  })
  after(async () => {
    // Their databases go a moment later than they are asked to.
    for (const login of logins)
      await eventually(() =>
        existing.query(`drop role if exists ${login}`).then(
          () => true,
          () => false,
        ),
      )
    await existing.drop()
  })

  async function installation(options: string): Promise<{ login: string; url: string; database: TestDatabase }> {
    const login = `centang_login_${randomBytes(4).toString('hex')}`
    logins.push(login)
    await existing.query(`create role ${login} login password 'test' nosuperuser ${options}`)
    const database = await freshDatabase({ migrated: false })
    const name = new URL(database.url).pathname.slice(1)
    await existing.query(`alter database ${name} owner to ${login}`)
    const url = Object.assign(new URL(database.url), { username: login, password: 'test' })
    return { login, url: url.href, database }
  }

  async function takesOnRoles(url: string): Promise<void> {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    for (const role of ['centang_tenant', 'centang_engine']) await client.query(`set role ${role}`)
    await client.end()
  }

  for (const options of ['createrole', 'nocreaterole']) {
    it(`is told the line that a database administrator has to run (${options}), and starts after it`, async () => {
      const { login, url, database } = await installation(options)
      const [version] = await existing.query<{ server_version_num: string }>('show server_version_num')
      // Before 16 CREATEROLE might grant every role.
      if (options === 'createrole' && Number(version?.server_version_num) < 160_000) {
        await migrate(url, moduleLines)
        await takesOnRoles(url)
        await database.drop()
        return
      }
      const problem = await migrate(url, moduleLines).then(
        () => assert.fail('it may not take on the roles'),
        (error: Error) => error.message,
      )
      const line = /GRANT centang_tenant, centang_engine TO \w+;/.exec(problem)?.[0]
      assert.equal(line, `GRANT centang_tenant, centang_engine TO ${login};`, problem)
      await existing.query(line)
      await migrate(url, moduleLines)
      await takesOnRoles(url)
      await database.drop()
    })
  }

  it('that was granted them already needs nobody', async () => {
    const { login, url, database } = await installation('nocreaterole')
    await existing.query(`grant centang_tenant, centang_engine to ${login}`)
    await migrate(url, moduleLines)
    await takesOnRoles(url)
    await database.drop()
  })
})
