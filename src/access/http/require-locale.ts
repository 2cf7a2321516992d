import { type Locale, locales, nearestLocale } from '#platform/core/locale.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

/** An application's own language is what stands in for all others, so it has to be one that there is. */
export function requireLocale(text: string): Locale {
  const locale = nearestLocale(text)
  if (locale !== undefined) return locale
  const errors = [{ path: 'body/locale', problem: `must be a language of ${locales.join(', ')}` }]
  throw new Refusal(platformRefusals.body_invalid, { errors })
}
