import { badParameter } from './errors.ts'
import { type Fields, textOf } from './fields.ts'

/** Only what was asked for, and the id; without `fields` a node shows its usual few. What it has not is left out. */
export function selectFields(node: Fields, fields: unknown, usual: readonly string[]): Fields {
  const wanted = textOf(fields)?.split(/,(?![^(]*\))/) ?? usual
  for (const name of wanted) {
    if (!(name in node) && name !== 'id') throw badParameter(`Tried accessing nonexisting field (${name}) on node type`)
  }
  return Object.fromEntries([...wanted, 'id'].map((name) => [name, node[name]]))
}
