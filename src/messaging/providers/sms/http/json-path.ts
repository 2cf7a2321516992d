/** The member at `a.b.0.c`, or undefined where there is none. Own members only. */
export function valueAt(root: unknown, path: string): unknown {
  let value = root
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

/** A simple value as text; empty when there is none, or when it is an object. */
export function wordAt(root: unknown, path: string): string {
  const value = valueAt(root, path)
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}
