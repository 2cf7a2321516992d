import { createReadStream, writeFileSync } from 'node:fs'
import { text as readAll } from 'node:stream/consumers'
import type { Erasure } from '#platform/recipients/erase.ts'
import type { Replayed } from '#platform/recipients/replay.ts'
import { unreadable, usageError } from './exit.ts'
import { print, printJson } from './terminal.ts'
import { withStores } from './with-stores.ts'

/** As lines of the file, in snake_case as all JSON is. */
interface Line {
  readonly business_id: string
  readonly id: string
  readonly live: boolean
  readonly person_key: string
  readonly erased_at: string
}

export const exportErasures = (file: string, { json }: { readonly json?: boolean }): Promise<void> =>
  withStores(async ({ database }) => {
    const { listErasures } = await import('#platform/recipients/replay.ts')
    const erasures = await listErasures(database)
    const lines = erasures.map((one) => `${JSON.stringify(lineOf(one))}\n`).join('')
    if (file === '-') return void process.stdout.write(lines)
    writeFileSync(file, lines, { mode: 0o600 })
    if (json) return printJson({ file, erasures: erasures.length })
    print(`${erasures.length} erasures are in ${file}. Keep it beside the backups, and newer than they are.`)
  })

const lineOf = ({ businessId, id, live, personKey, erasedAt }: Erasure): Line => ({
  business_id: businessId,
  id,
  live,
  person_key: personKey,
  erased_at: erasedAt.toISOString(),
})

export async function replayErasures(file: string, { json }: { readonly json?: boolean }): Promise<void> {
  const replayed = await replay(await readErasures(file))
  if (json) printJson({ erased: replayed })
  else print(spellReplayed(replayed))
}

/** All of the file and all that the database has itself: a server may have died in the middle of one. */
export async function replay(erasures: readonly Erasure[]): Promise<Replayed> {
  let replayed: Replayed = { people: 0, rows: 0 }
  await withStores(async ({ database, keyring, now, people }) => {
    const [{ modules }, { listErasures, replayErasures: run }] = await Promise.all([
      import('../app.ts'),
      import('#platform/recipients/replay.ts'),
    ])
    const personal = modules.flatMap((one) => one.personal ?? [])
    const own = await listErasures(database)
    const known = new Set(erasures.map(({ id }) => id))
    const all = [...erasures, ...own.filter(({ id }) => !known.has(id))]
    replayed = await run(personal, { database, keyring, now, people }, all)
  })
  return replayed
}

export const spellReplayed = ({ people, rows }: Replayed): string =>
  `${people} people who were erased are looked for again: ${rows} rows of theirs are gone.`

/** Refuses what is no such list before anything is done. */
export async function readErasures(file: string): Promise<readonly Erasure[]> {
  const stream = file === '-' ? process.stdin : createReadStream(file)
  const text = await readAll(stream).catch((error: unknown) => {
    throw unreadable(file, error)
  })
  return text
    .split('\n')
    .filter(Boolean)
    .map((line, index) => readLine(file, line, index + 1))
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

function readLine(file: string, line: string, number: number): Erasure {
  const found = parse(line)
  const erasedAt = new Date(found.erased_at ?? '')
  const { business_id: businessId = '', id = '', live, person_key: personKey } = found
  const isOne = uuid.test(businessId) && uuid.test(id) && typeof live === 'boolean' && typeof personKey === 'string'
  if (!isOne || Number.isNaN(erasedAt.getTime()))
    throw usageError(`${file} is no list of erasures: see line ${number}.`)
  return { businessId, id, live, personKey, erasedAt }
}

function parse(line: string): Partial<Line> {
  try {
    const found: unknown = JSON.parse(line)
    return typeof found === 'object' && found !== null ? found : {}
  } catch {
    return {}
  }
}
