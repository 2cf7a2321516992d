const replacement = '\ufffd'

/** Members of members: PostgreSQL and `JSON.stringify` both have an end, and no vendor's news comes near it. */
const depthMax = 100

/**
 * The text as PostgreSQL can keep it: NUL and lone surrogates, which neither `text` nor `jsonb` takes, are replaced
 * visibly. For what vendors and people send; a caller of our own API is told instead.
 */
export const storable = (text: string): string => text.toWellFormed().replaceAll('\0', replacement)

/** The same for a whole value of JSON, names of members included. */
export const storableJson = <Value>(value: Value): Value => clean(value, depthMax) as Value

function clean(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return storable(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth === 0) return replacement
  if (Array.isArray(value)) return value.map((one) => clean(one, depth - 1))
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [storable(name), clean(one, depth - 1)]))
}

/** The first so many characters (code points): a cut never leaves half of one behind. */
export function shorten(text: string, characters: number): string {
  if (text.length <= characters) return text
  let end = 0
  for (let count = 0; count < characters && end < text.length; count++)
    end += (text.codePointAt(end) as number) > 0xff_ff ? 2 : 1
  return text.slice(0, end)
}
