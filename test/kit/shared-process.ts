import { randomBytes } from 'node:crypto'
import { openSync, writeSync } from 'node:fs'
import { startApp } from '#app.ts'
import { readConfig } from '#cli/config.ts'
import { moduleLines } from '#cli/module-lines.ts'
import { createLog } from '#platform/log.ts'
import { operatorKey } from './api.ts'

/** The server that all test files share: `node test/kit/shared-process.ts <database> <log>`, started by the storeroom. */
const [databaseUrl, logFile] = process.argv.slice(2) as [string, string]
// At once, so that who has an answer finds what was logged before it.
const log = openSync(logFile, 'a')
const write = (line: string): boolean => writeSync(log, line) > 0
const config = readConfig({
  PORT: '0',
  DATABASE_URL: databaseUrl,
  CENTANG_MASTER_KEY: randomBytes(32).toString('base64'),
  CENTANG_DEMO_KEY: `ck_test_${randomBytes(12).toString('hex')}`,
  CENTANG_SIMULATOR: 'on',
  CENTANG_OPERATOR_KEY: operatorKey,
  CENTANG_LOG_LEVEL: 'trace',
  // Businesses have their own servers there, at ports of their own.
  CENTANG_WEBHOOK_HOSTS: '127.0.0.1',
})
const app = await startApp({
  config,
  isDemo: false,
  lines: moduleLines,
  log: createLog(config.logLevel, { write } as NodeJS.WriteStream),
})
process.once('disconnect', () => {
  // Where the whole run was killed, its database is gone as well: nothing is worth a long farewell.
  setTimeout(() => process.exit(1), 5000).unref()
  void app.stop().then(() => process.exit(0))
})
process.send?.({ url: app.url, databaseUrl, logFile })
