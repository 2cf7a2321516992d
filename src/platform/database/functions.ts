import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sqlFilesIn } from './line.ts'

/**
 * A function of the database under a name that says which text it has: `check_codes_2f6c01d98a`. A server calls the one
 * of its own text, whatever others are there, so servers of two releases work on one database.
 */
export interface SqlFunction {
  readonly name: string
  readonly spelled: string
  readonly sql: string
}

/** @param folders of modules; functions of one may call each other, and none of another's: it knows not how it is spelled */
export function readFunctions(folders: readonly URL[]): readonly SqlFunction[] {
  const perModule = folders.map(readTexts)
  const all = new Set<string>()
  for (const name of perModule.flatMap((texts) => [...texts.keys()])) {
    if (all.has(name)) throw new Error(`Two modules have a function ${name}.`)
    all.add(name)
  }
  return perModule.flatMap((texts) => {
    for (const [name, text] of texts) {
      const stranger = calledIn(text).find((word) => all.has(word) && !texts.has(word))
      if (stranger !== undefined) throw new Error(`The function ${name} calls ${stranger}, of another module.`)
    }
    const read = new Map<string, SqlFunction>()
    for (const name of texts.keys()) spell(name, texts, read, [])
    return [...read.values()]
  })
}

/** The functions of a module by their names. */
function readTexts(folder: URL): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  for (const file of sqlFilesIn(new URL('functions/', folder))) {
    const name = basename(fileURLToPath(file), '.sql')
    const text = readFileSync(file, 'utf8')
    if (made(text).join() !== name)
      throw new Error(`${fileURLToPath(file)} has to make the function ${name} and no other.`)
    texts.set(name, text)
  }
  return texts
}

const calledIn = (text: string): string[] => text.match(/\b\w+(?=\()/g) ?? []

/** How statements of a module spell its functions; computed once, when they are loaded. */
export function functionNames(folder: URL): (name: string) => string {
  const spelled = new Map(readFunctions([folder]).map((one) => [one.name, one.spelled]))
  return (name) => {
    const found = spelled.get(name)
    if (found === undefined) throw new Error(`There is no function ${name} in ${fileURLToPath(folder)}functions.`)
    return found
  }
}

/** Identifies all of them together. */
export const hashOf = (functions: readonly SqlFunction[]): string =>
  digest(
    functions
      .map(({ spelled }) => spelled)
      .toSorted()
      .join(' '),
  )

const made = (text: string): string[] =>
  [...text.matchAll(/^create function (\w+)\(/gm)].map(([, name]) => name as string)

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

/** The functions that it calls come before it, and their names with their hashes are part of what is hashed. */
function spell(
  name: string,
  texts: ReadonlyMap<string, string>,
  read: Map<string, SqlFunction>,
  callers: readonly string[],
): string {
  const found = read.get(name)
  if (found) return found.spelled
  if (callers.includes(name))
    throw new Error(`Functions call each other in a circle: ${[...callers, name].join(', ')}.`)
  const own = texts.get(name) as string
  const text = own.replaceAll(/\b(\w+)(?=\()/g, (word) =>
    word !== name && texts.has(word) ? spell(word, texts, read, [...callers, name]) : word,
  )
  const spelled = `${name}_${digest(text).slice(0, 10)}`
  const sql = text.replaceAll(new RegExp(`\\b${name}(?=\\()`, 'g'), spelled)
  read.set(name, { name, spelled, sql })
  return spelled
}
