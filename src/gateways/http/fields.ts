import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

const textLengthMax = 2000

/** The text at a path of the body; undefined when there is none, or something else. */
export function findText(body: unknown, ...path: readonly string[]): string | undefined {
  const found = valueAt(body, path)
  return typeof found === 'string' && found !== '' && found.length <= textLengthMax ? found : undefined
}

export function findNumber(body: unknown, ...path: readonly string[]): number | undefined {
  const found = valueAt(body, path)
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined
}

export function findFlag(body: unknown, ...path: readonly string[]): boolean {
  return valueAt(body, path) === true
}

export function requireText(body: unknown, ...path: readonly string[]): string {
  const found = findText(body, ...path)
  if (found === undefined) throw missing(path, 'must be a text')
  return found
}

export const missing = (path: readonly string[], problem: string): Refusal =>
  new Refusal(platformRefusals.body_invalid, { errors: [{ path: ['body', ...path].join('/'), problem }] })

function valueAt(body: unknown, path: readonly string[]): unknown {
  let value = body
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}
