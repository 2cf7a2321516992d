import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#platform/database/embedded/embedded-postgres.ts'
import { openStoreroom, type Storeroom } from './storeroom.ts'

let running: { readonly postgres: EmbeddedPostgres; readonly folder: string } | undefined
let storeroom: Storeroom | undefined

/** One PostgreSQL for a whole test run; CENTANG_TEST_DATABASE_URL names another one to test against. */
export async function globalSetup(): Promise<void> {
  if (!process.env['CENTANG_TEST_DATABASE_URL']) {
    running = await startTestPostgres()
    process.env['CENTANG_TEST_DATABASE_URL'] = running.postgres.connectionString
  }
  storeroom = await openStoreroom(process.env['CENTANG_TEST_DATABASE_URL'] as string)
}

export async function globalTeardown(): Promise<void> {
  await storeroom?.close()
  await running?.postgres.stop()
  if (running) rmSync(running.folder, { recursive: true, force: true })
}

/** Not durable, and therefore fast: crashes are tested against databases of their own. */
async function startTestPostgres(): Promise<{ postgres: EmbeddedPostgres; folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'centang-test-'))
  chmodSync(folder, 0o755)
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' }
  return { postgres: await startEmbeddedPostgres({ dataFolder: folder, log: () => undefined, settings }), folder }
}
