import type { Person } from '#platform/core/personal-data.ts'
import type { Database } from '#platform/database/database.ts'
import type { PersonalData } from '#platform/module.ts'

export interface ExportPage {
  readonly data: readonly { readonly kind: string; readonly [member: string]: unknown }[]
  readonly nextCursor: string | null
}

/** A page over all kinds, one after the other. Undefined: the cursor is none. */
export async function exportFrom(
  personal: readonly PersonalData[],
  database: Database,
  person: Person,
  cursor: string | undefined,
  limit: number,
): Promise<ExportPage | undefined> {
  const from = readCursor(personal, cursor)
  if (!from) return undefined
  const data: ExportPage['data'][number][] = []
  let { after } = from
  for (const { name, export: listItems } of personal.slice(from.index)) {
    const found = await listItems(database, person, after, limit - data.length)
    data.push(...found.map(({ item }) => ({ kind: name, ...item })))
    const last = found.at(-1)
    if (data.length === limit && last) return { data, nextCursor: `${name}:${last.id}` }
    after = undefined
  }
  return { data, nextCursor: null }
}

/** Where to go on: in which kind, after which of its ids. */
function readCursor(
  personal: readonly PersonalData[],
  cursor: string | undefined,
): { readonly index: number; readonly after: string | undefined } | undefined {
  if (cursor === undefined) return { index: 0, after: undefined }
  const [, name, after] = /^([a-z_]+):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(cursor) ?? []
  const index = personal.findIndex((one) => one.name === name)
  return index < 0 ? undefined : { index, after }
}
