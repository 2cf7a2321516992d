/** What the ids of each module begin with, by what they are ids of. */
export type IdPrefixes = readonly Readonly<Record<string, string>>[]

const exampleDigits = '019a6b0c2f4e7c3d8a51e2f60b7d9c14'

/**
 * A path with ids as they look. What an id is of is told by the name in the path before it, and what lies below another
 * is of the same module: `/webhook_endpoints/{id}/deliveries/{id}` has a `webhookDelivery`.
 */
export function examplePath(path: string, prefixes: IdPrefixes): string {
  let own: IdPrefixes[number] | undefined
  return path.replaceAll(/\/(\w+)\/\{\w+\}/g, (_, named: string) => {
    const name = singular(named)
    own ??= prefixes.find((one) => name in one)
    const [, prefix = 'id'] = Object.entries(own ?? {}).find(([of]) => isCalled(of, name)) ?? []
    return `/${named}/${prefix}_${exampleDigits}`
  })
}

const isCalled = (of: string, name: string): boolean => of === name || of.endsWith(capital(name))

/** `api_keys` is of an `apiKey`, `businesses` of a `business`. */
const singular = (named: string): string =>
  named
    .replace(/ies$/, 'y')
    .replace(/sses$/, 'ss')
    .replace(/(?<!s)s$/, '')
    .replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)
