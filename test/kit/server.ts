import { randomBytes } from 'node:crypto'
import { PassThrough } from 'node:stream'
import { type App, startApp } from '#app.ts'
import { readConfig } from '#cli/config.ts'
import { moduleLines } from '#cli/module-lines.ts'
import { createLog } from '#platform/log.ts'
import { callsOf, operatorKey, type Server } from './api.ts'
import { freshDatabase, type TestDatabase } from './database.ts'

export interface TestServer extends Server {
  readonly app: App
  readonly database: TestDatabase
}

/**
 * The whole server in this process, on a database of its own, with the simulated world mounted: for what looks at logs
 * or whole tables, breaks the database, or needs other settings. Everything else takes `sharedServer`.
 */
export async function startTestServer(
  environment: Record<string, string> = {},
  { isDemo = false }: { readonly isDemo?: boolean } = {},
): Promise<TestServer> {
  const database = await freshDatabase()
  const key = `ck_test_${randomBytes(12).toString('hex')}`
  const config = readConfig({
    PORT: '0',
    DATABASE_URL: database.url,
    CENTANG_MASTER_KEY: randomBytes(32).toString('base64'),
    CENTANG_DEMO_KEY: key,
    CENTANG_SIMULATOR: 'on',
    CENTANG_OPERATOR_KEY: operatorKey,
    CENTANG_LOG_LEVEL: 'trace',
    ...environment,
  })
  const logged: string[] = []
  const stream = new PassThrough()
  stream.on('data', (chunk: Buffer) => logged.push(chunk.toString()))
  const log = createLog(config.logLevel, stream as unknown as NodeJS.WriteStream)
  const app = await startApp({ config, isDemo, lines: moduleLines, log })
  return {
    url: app.url,
    key,
    app,
    database,
    logged,
    ...callsOf(app.url, key),
    async stop() {
      await app.stop()
      await database.drop()
    },
  }
}
