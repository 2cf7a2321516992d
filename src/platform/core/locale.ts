/** Languages of what people read. */
export const locales = ['en', 'id', 'es', 'pt-BR'] as const
export type Locale = (typeof locales)[number]

/** A language tag as it is written anywhere: BCP 47, or with the underscores of Java, POSIX and Meta. */
export const localePattern = '^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,4}$'
const tag = new RegExp(localePattern)

/** Codes that a language had before (ISO 639-1 of 1988); Java and old Androids still say them. */
const renamed: Readonly<Record<string, string>> = { in: 'id' }

export const isLocaleTag = (text: string): boolean => tag.test(text)

/**
 * Ours of a tag's language, whatever its script and region: `id-ID`, `in` and `in_ID` are `id`, `pt` and `pt_PT` are `pt-BR`,
 * `es-419` is `es`. Undefined: no tag, or a language that we do not have.
 */
export function nearestLocale(text: string): Locale | undefined {
  if (!isLocaleTag(text)) return undefined
  const [given = ''] = text.toLowerCase().split(/[-_]/)
  const language = Object.hasOwn(renamed, given) ? renamed[given] : given
  return locales.find((one) => one.split('-')[0] === language)
}

/** The first of ours that a browser asks for by its `Accept-Language` (RFC 9110 §12.5.4); English when it asks for none. */
export function acceptedLocale(header: string | undefined): Locale {
  const wanted = (header ?? '')
    .split(',')
    .map((one) => {
      const [text = '', quality] = one.trim().split(/\s*;\s*q=/i)
      return { text, quality: quality === undefined ? 1 : Number(quality) }
    })
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality)
  return wanted.map(({ text }) => nearestLocale(text)).find((one) => one !== undefined) ?? 'en'
}
