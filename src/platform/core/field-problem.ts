/** What a validator (ajv, TypeBox) found at one place. */
export interface FieldFault {
  readonly keyword?: string | undefined
  readonly message?: string | undefined
  readonly params?: unknown
  readonly schemaPath?: string | undefined
}

/** What a schema says of a text for whoever wrote it, to whom its pattern says nothing. */
export const form = (pattern: string, says: string) => ({ pattern, 'x-form': says })

/** The same of the names of a record's members. */
export const namesForm = (says: string) => ({ 'x-names': says })

type Words = Readonly<Record<string, unknown>>

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'null',
}

const formats: Readonly<Record<string, string>> = { 'date-time': 'a time like 2026-11-25T04:00:00Z' }

/** In words for whoever wrote the request, who has not seen the schema. Undefined: another fault says the same. */
export function problemOfField(fault: FieldFault, schema?: unknown): string | undefined {
  const say = sayings[fault.keyword ?? '']
  if (say) return say((fault.params ?? {}) as Words, placeOf(schema, fault.schemaPath ?? ''))
  return fault.message ?? 'is not valid'
}

const sayings: Readonly<Record<string, (params: Words, place: Words) => string | undefined>> = {
  enum: ({ allowedValues }) => `must be one of ${listOf(allowedValues).filter(isSaid).join(', ')}`,
  const: ({ allowedValue }) => `must be ${String(allowedValue)}`,
  // A place that a schema closes: what stands there is told by its path.
  boolean: (_, place) => `is not known here${known(place)}`,
  additionalProperties: ({ additionalProperty }, place) =>
    additionalProperty === undefined ? undefined : `has a member that is not known here${known(place)}`,
  pattern: (_, place) => `must be ${String(place['x-form'])}`,
  format: ({ format }) => `must be ${formats[String(format)] ?? String(format)}`,
  type: ({ type }) => {
    const wanted = listOf(type).flatMap((one) => kinds[String(one)] ?? [])
    // A body that may be left out: what it is otherwise is said beside.
    return wanted.length === 1 && type === 'null' ? undefined : `must be ${wanted.join(' or ')}`
  },
  // ajv names the first of them, which its reader puts into the path; TypeBox names all.
  required: ({ requiredProperties: names }) =>
    names === undefined ? 'is missing' : `lacks ${listOf(names).join(', ')}`,
  minLength: ({ limit }) => (limit === 1 ? 'must not be empty' : `must have at least ${String(limit)} characters`),
  maxLength: ({ limit }) => `must have at most ${String(limit)} characters`,
  minimum: ({ limit }) => `must be ${String(limit)} or more`,
  maximum: ({ limit }) => `must be ${String(limit)} or less`,
  minItems: ({ limit }) => `must have at least ${String(limit)} of them`,
  maxItems: ({ limit }) => `must have at most ${String(limit)} of them`,
  uniqueItems: () => 'must have each only once',
  minProperties: (_, place) => `must have a member${known(place)}`,
  maxProperties: ({ limit }) => `must have at most ${String(limit)} members`,
  // What is wrong with each of them is said beside.
  anyOf: () => undefined,
}

/** Keywords that are said in words of ours; others say themselves what is wrong. */
export const saidKeywords: readonly string[] = Object.keys(sayings)

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])
const isSaid = (value: unknown): boolean => value !== null

function known({ properties, 'x-names': names }: Words): string {
  if (typeof names === 'string') return `; a name is ${names}`
  const members = Object.keys(properties ?? {})
  return members.length === 0 ? '' : `; known are ${members.join(', ')}`
}

/** The part of a schema where the fault is: a validator's path to it may end with a keyword. */
function placeOf(schema: unknown, path: string): Words {
  let place = (schema ?? {}) as Words
  for (const step of path.split('/').slice(1)) {
    const next = place[decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')]
    if (typeof next !== 'object' || next === null) break
    place = next as Words
  }
  return place
}
