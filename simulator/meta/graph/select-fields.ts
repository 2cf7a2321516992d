import { badParameter } from './errors.ts'
import { type Fields, fieldsOf, textOf } from './fields.ts'

interface Wanted {
  readonly name: string
  /** Of `throughput{level}`: `level`. */
  readonly inner: string | undefined
}

/**
 * Only what was asked for, and the id; without `fields` a node shows its usual few. What it has not is left out, as long
 * as Graph knows such a field.
 */
export function selectFields(node: Fields, fields: unknown, { usual, known }: NodeFields): Fields {
  const wanted = splitFields(textOf(fields)) ?? usual.map((name) => ({ name, inner: undefined }))
  const selected: Record<string, unknown> = {}
  for (const { name, inner } of wanted) {
    if (!(name in node) && name !== 'id' && !known.includes(name))
      throw badParameter(`Tried accessing nonexisting field (${name}) on node type`)
    selected[name] = inner === undefined ? node[name] : expand(node[name], inner)
  }
  return { ...selected, id: node['id'] }
}

export interface NodeFields {
  /** Those that come without being asked for. */
  readonly usual: readonly string[]
  /** Those that exist, whether this world has something to tell of them or not. */
  readonly known: readonly string[]
}

const expand = (value: unknown, inner: string): unknown => {
  if (Array.isArray(value)) return value.map((one) => expand(one, inner))
  if (typeof value !== 'object' || value === null) return value
  const fields = fieldsOf(value)
  return Object.fromEntries(
    (splitFields(inner) ?? []).flatMap(({ name, inner: deeper }) =>
      name in fields ? [[name, deeper === undefined ? fields[name] : expand(fields[name], deeper)]] : [],
    ),
  )
}

/** `a,b{c,d},e.limit(2)`: commas within brackets part nothing, and what follows a dot changes no name. */
function splitFields(text: string | undefined): Wanted[] | undefined {
  if (text === undefined) return undefined
  const parts: string[] = ['']
  let depth = 0
  for (const character of text) {
    if (/[({]/.test(character)) depth++
    if (/[)}]/.test(character)) depth--
    if (character === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += character
  }
  if (depth !== 0) throw badParameter('Syntax error "Unexpected end of string." at fields')
  return parts.map((part) => {
    const [, name = '', inner] = /^\s*([\w-]+)(?:\.[^{]*)?(?:\{([\s\S]*)\})?\s*$/.exec(part) ?? []
    if (name === '') throw badParameter('Syntax error in fields')
    return { name, inner }
  })
}
