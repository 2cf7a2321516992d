import type { Failure } from '#messaging/core/failure.ts'
import type { SmsHttpConfig } from './config.ts'

/** A gateway's error code as it may be shown; what does not look like one is dropped. */
export function spellCode(code: unknown): string {
  const spelled = typeof code === 'string' || typeof code === 'number' ? String(code) : ''
  return /^[\w.:-]{1,40}$/.test(spelled) ? spelled : ''
}

/** What a configured error code means; undefined when it is not in the list. */
export function judgeCode(
  code: unknown,
  config: SmsHttpConfig,
): { failure: Failure; retryAfterMs?: number } | undefined {
  const providerCode = spellCode(code)
  const entry = Object.hasOwn(config.errors ?? {}, providerCode) ? config.errors?.[providerCode] : undefined
  if (!entry) return undefined
  return {
    failure: { reason: entry.reason, providerCode, detail: '', alert: entry.alert ?? false, fallback: true },
    ...(entry.retry_seconds !== undefined && { retryAfterMs: entry.retry_seconds * 1000 }),
  }
}
