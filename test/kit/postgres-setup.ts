import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStoreroom, type Postgres, type Storeroom } from './storeroom.ts'

let storeroom: Storeroom | undefined

/** One PostgreSQL for a whole test run; CENTANG_TEST_DATABASE_URL names another one to test against. */
export async function globalSetup(): Promise<void> {
  const given = process.env['CENTANG_TEST_DATABASE_URL']
  storeroom = await openStoreroom(given ? async () => ({ url: given, stop: async () => undefined }) : startTestPostgres)
}

export async function globalTeardown(): Promise<void> {
  await storeroom?.close()
}

/** Not durable, and therefore fast: crashes are tested against databases of their own. */
async function startTestPostgres(): Promise<Postgres> {
  const { startEmbeddedPostgres } = await import('#platform/database/embedded/embedded-postgres.ts')
  const folder = mkdtempSync(join(tmpdir(), 'centang-test-'))
  chmodSync(folder, 0o755)
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '400' }
  const postgres = await startEmbeddedPostgres({ dataFolder: folder, log: () => undefined, settings })
  return {
    url: postgres.connectionString,
    async stop() {
      await postgres.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
