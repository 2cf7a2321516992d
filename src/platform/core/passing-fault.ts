import { Refusal } from './refusal.ts'

const codeOf = (error: unknown): string => {
  const { code } = (error ?? {}) as { code?: unknown }
  return typeof code === 'string' ? code : ''
}

/** Socket errors, time-outs and PostgreSQL's classes 08 (connection), 53 (resources), 57 (operator intervention). */
export function isDatabaseAway(error: unknown): boolean {
  if (/^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|08|53|57|55P03|25006)/.test(codeOf(error))) return true
  const { message } = (error ?? {}) as { message?: unknown }
  return (
    typeof message === 'string' &&
    /Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client was closed|client has encountered a connection error/i.test(
      message,
    )
  )
}

/** The same may succeed later by itself: the database is away or busy, or another transaction stood in the way (class 40). */
export const isPassing = (error: unknown): boolean =>
  error instanceof Refusal ? error.entry.status >= 500 : isDatabaseAway(error) || codeOf(error).startsWith('40')

/**
 * The same can never succeed: the database takes no such data (class 22, or 54: longer than an index holds), or a refusal of
 * ours says so. What neither passes nor is for good is a fault of ours, and may be mended by the time that it comes again.
 */
export const isForGood = (error: unknown): boolean =>
  error instanceof Refusal ? error.entry.status < 500 : /^(22|54)[0-9A-Z]{3}$/.test(codeOf(error))
