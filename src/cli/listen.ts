import { type Command, Option } from 'commander'
import { type ApiOptions, openApi, withApiOptions } from './api.ts'
import { readBlocks, type StreamedEvent } from './event-lines.ts'
import { CommandFailed, exitCodes } from './exit.ts'
import { paint, print, printJson, tell, timeOf } from './terminal.ts'
import { count } from './verification-commands.ts'

interface ListenOptions extends ApiOptions {
  readonly after?: string
  readonly count?: string
}

/** Live events in the terminal. */
export function addListenCommand(program: Command): void {
  withApiOptions(program.command('listen'))
    .description('follow everything that happens, live; goes on by itself where a connection broke')
    .option('--after <event-id>', 'begin after this event instead of now')
    .addOption(new Option('-n, --count <count>', 'end after so many events').argParser(count(1, 999_999_999)))
    .addHelpText(
      'after',
      `
Examples:
  $ centang listen
  $ centang listen --json | jq 'select(.type == "delivery.failed")'`,
    )
    .action(listen)
}

const waitFirstMs = 500
const waitMaxMs = 10_000

async function listen(options: ListenOptions): Promise<void> {
  const api = openApi(options)
  const stopped = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort())
  let { after } = options
  let left = Number(options.count ?? Number.POSITIVE_INFINITY)
  let waitMs = waitFirstMs
  let hasHeard = false
  while (left > 0 && !stopped.signal.aborted) {
    try {
      const body = await api.follow(after, stopped.signal)
      tell(paint('dim', hasHeard ? 'Connected again.' : 'Listening. Ctrl-C ends it.', process.stderr))
      hasHeard = true
      for await (const { id, event } of readBlocks(body)) {
        waitMs = waitFirstMs
        after = id
        if (event === undefined) continue
        if (options.json) printJson(event)
        else print(describeEvent(event))
        if (--left === 0) break
      }
    } catch (error) {
      if (stopped.signal.aborted) break
      // What cannot be reached at first may be a wrong address; later it is a server that comes back.
      if (!hasHeard || (error instanceof CommandFailed && error.exitCode !== exitCodes.unreachable)) throw error
    }
    if (left === 0 || stopped.signal.aborted) break
    tell(`The connection ended; again in ${waitMs / 1000} seconds.`)
    await pause(waitMs, stopped.signal)
    waitMs = Math.min(waitMs * 2, waitMaxMs)
  }
  if (after !== undefined) tell(`Go on from here with: centang listen --after ${after}`)
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', () => (clearTimeout(timer), done()), { once: true })
  })

const good =
  /^((verification|challenge)\.approved|factor\.verified|(delivery|message)\.(delivered|read)|message\.received)$/
const bad = /^(verification\.(blocked|undeliverable)|(delivery|message)\.failed)$/
const doubtful = /^(verification\.(check_failed|expired|canceled)|(delivery|message)\.unknown)$/

function describeEvent({ at, type, channel, reason, provider_code: code, ...rest }: StreamedEvent): string {
  const kind = type.padEnd(24)
  const painted = good.test(type)
    ? paint('green', kind)
    : bad.test(type)
      ? paint('red', kind)
      : doubtful.test(type)
        ? paint('yellow', kind)
        : kind
  // In one word: the sentence is in `verifications get`, and would not fit a line here.
  const why = reason == null ? '' : `  ${reason}${code == null ? '' : ` (${code})`}`
  const [, subject = ''] = Object.entries(rest).find(([member]) => member.endsWith('_id')) ?? []
  return `${paint('dim', timeOf(at))}  ${painted}  ${(channel ?? '').padEnd(8)}  ${subject}${why}`
}
