import { type Logger, pino } from 'pino'
import pretty from 'pino-pretty'
import { tellSourceLines } from './source-lines.ts'

/** Never written, wherever they stand. Codes and keys should not reach a log call at all; this is the second net. */
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

/** A request without its query and headers: people put secrets in both, and now and then an API key in the path. */
const describeRequest = ({ method, url = '' }: { readonly method?: string; readonly url?: string }): object => ({
  method,
  path: url.split('?')[0]?.replaceAll(/ck_?(?:test|live)[A-Za-z0-9_-]+/g, '[redacted]'),
})

/** An error without what a driver hangs on it: parameters of a statement can hold anything. */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { detail: String(error) }
  const { name, message, stack, code, cause } = error as Error & { code?: unknown }
  return {
    name,
    message,
    errorCode: code,
    stack: stack && tellSourceLines(stack),
    ...(cause instanceof Error && { cause: describeError(cause) }),
  }
}
