import type { App } from '../app.ts'
import { type Config, readConfigToServe } from './config.ts'
import { moduleLines } from './module-lines.ts'
import { isDemo } from '#platform/settings.ts'
import type { Logger } from 'pino'
import { createLog } from '#platform/log.ts'
import { openDatabase } from '#platform/database/open-database.ts'

const drainDefaultSeconds = 5

/** Starts the server and stays until it is told to stop. */
export async function serve(): Promise<void> {
  const config = readConfigToServe(process.env)
  const log = createLog(config.logLevel)
  const drainMs =
    (config.drainSeconds ?? (process.stdout.isTTY ? 0 : isDemo(config, process.env) ? 0 : drainDefaultSeconds)) * 1000
  let starting: Promise<App> | undefined
  let isStopping = false

  const stop = (exitCode: number): void => {
    // A second signal means now.
    if (isStopping) process.exit(1)
    isStopping = true
    log.info('stopping')
    void stopWhenStarted(starting, exitCode === 0 ? drainMs : 0).then(
      () => process.exit(exitCode),
      (error: unknown) => {
        log.error({ err: error }, 'could not stop cleanly')
        process.exit(1)
      },
    )
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(0))

  starting = start(config, log, (detail) => {
    log.fatal({ detail }, 'the embedded database is gone')
    stop(1)
  })
  const app = await starting
  if (isStopping) return
  // Outside the demo the key is a secret like any other.
  if (app.demoKey !== undefined && isDemo(config, process.env))
    process.stdout.write(welcome({ ...app, key: app.demoKey, ids: await app.demoIds() }))
  else log.info({ url: app.url }, 'ready')
  giveBackWhenIdle()
}

/** The database starts while the server is loaded: each takes about as long as the other. */
async function start(config: Config, log: Logger, onFatal: (detail: string) => void): Promise<App> {
  const { promise: isWorking, resolve: onWorking } = Promise.withResolvers<void>()
  const opening = openDatabase({ config, log, onFatal, onWorking })
  await Promise.race([opening, isWorking])
  const { startApp } = await import('../app.ts').catch(async (error: unknown) => {
    // Not all of it is there: nobody else would stop the database.
    await opening.then((database) => database.stop())
    throw error
  })
  return startApp({ config, isDemo: isDemo(config, process.env), lines: moduleLines, log, opening })
}

const lookEveryMs = 1000
/** Share of a second. */
const idleBelow = 0.1

/** What only starting needed, in the first second without load; without --expose-gc it stays until there is some. */
function giveBackWhenIdle(): void {
  const { gc } = globalThis
  if (!gc) return
  let before = performance.eventLoopUtilization()
  const timer = setInterval(() => {
    const { utilization } = performance.eventLoopUtilization(before)
    before = performance.eventLoopUtilization()
    if (utilization > idleBelow) return
    clearInterval(timer)
    gc({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  }, lookEveryMs)
  timer.unref()
}

/** Lets a half-done start finish before stopping: otherwise its PostgreSQL is orphaned. */
async function stopWhenStarted(starting: Promise<App> | undefined, drainMs: number): Promise<void> {
  // What kept it from starting is told by whoever started it, and it has stopped what it had begun.
  const app = await starting?.catch(() => undefined)
  await app?.stop(drainMs)
}

/** The first thing a newcomer reads. */
interface Welcome extends Pick<App, 'url' | 'hasPhone'> {
  readonly key: string
  readonly ids: Awaited<ReturnType<App['demoIds']>>
}

const welcome = ({ url, key, hasPhone, ids }: Welcome): string => `
  Centang is ready.

  Try it      ${url}
${hasPhone ? `  Phone       ${url}/simulator/phone\n` : ''}  Reference   ${url}/docs
  Test key    ${key}
  Application ${ids.application}
${ids.senders.map(({ id, channel, purpose }) => `  Sender      ${id}  ${channel}, ${purpose}\n`).join('')}
  In a second terminal, with any number:

  export CENTANG_URL=${url}
  export CENTANG_API_KEY=${key}
  curl "$CENTANG_URL/v1/verifications" \\
    -H "Authorization: Bearer $CENTANG_API_KEY" \\
    -H 'Content-Type: application/json' \\
    -d '{"to":"+6281234567890"}'

`
