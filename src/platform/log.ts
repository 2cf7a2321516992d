import { type Logger, pino } from 'pino'
import pretty from 'pino-pretty'
import { tellSourceLines } from './source-lines.ts'

/** Never written, wherever they stand. Codes, keys and numbers should reach no log call at all; this is the second net. */
const secretNames = [
  'authorization',
  'code',
  'key',
  'api_key',
  'apiKey',
  'secret',
  'secrets',
  'token',
  'access_token',
  'password',
  'pin',
  'body',
  'codeSealed',
  'text',
  'to',
  'recipient',
  'contact',
  'phone_number',
  'phoneNumber',
]

const redacted = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])

export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** JSON lines; for people when a person is looking. */
export function createLog(level: Level, stream: NodeJS.WriteStream = process.stdout): Logger {
  const options = {
    level,
    base: null,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: redacted, censor: '[redacted]' },
    serializers: { err: describeError, req: describeRequest },
    timestamp: pino.stdTimeFunctions.isoTime,
  }
  return stream.isTTY
    ? pino(
        options,
        pretty({ colorize: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss', destination: stream, sync: true }),
      )
    : pino(options, stream)
}

/** A request by its route: people put secrets and numbers into paths and queries, and some calls have them there. */
const describeRequest = ({ method, routeOptions }: Described): object => ({
  method,
  route: routeOptions?.url ?? 'none',
})

interface Described {
  readonly method?: string
  readonly routeOptions?: { readonly url?: string }
}

/** So many digits in a row may be somebody's number: enough of it stays to tell the country. */
const maskNumbers = (text: string): string => text.replaceAll(/\d{8,}/g, (digits) => `${digits.slice(0, 3)}…`)

/** An error without what a driver hangs on it: parameters of a statement can hold anything, and so may what it says. */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { detail: maskNumbers(String(error)) }
  const { name, message, stack, code, cause } = error as Error & { code?: unknown }
  return {
    name,
    message: maskNumbers(message),
    errorCode: code,
    stack: stack && maskNumbers(tellSourceLines(stack)),
    ...(cause instanceof Error && { cause: describeError(cause) }),
  }
}
