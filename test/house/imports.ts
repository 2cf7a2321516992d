import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'

export const root = fileURLToPath(new URL('../../', import.meta.url))

export interface Import {
  /** From the root. */
  readonly file: string
  /** A file of ours, from the root; or a package. */
  readonly target: string
  readonly isOurs: boolean
  /** Types are gone when the program runs. */
  readonly isType: boolean
}

export const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/(^|\/)(node_modules|dist)\//.test(name))
    .map((name) => join(folder, name))

export const isTest = (file: string): boolean =>
  /(\.test|[./]exchanges)\.ts$|(^|\/)(contract\/|testing\.ts$)/.test(file)

export const read = (file: string): string => readFileSync(join(root, file), 'utf8')

export function importsOf(file: string, text: string): Import[] {
  const { module } = parseSync(file, text)
  const requests = [
    ...module.staticImports.map(({ moduleRequest, entries }) => ({
      request: moduleRequest.value,
      isType: entries.length > 0 && entries.every(({ isType }) => isType),
    })),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.map(({ moduleRequest, isType }) => ({ request: moduleRequest?.value, isType })),
    ),
    ...module.dynamicImports.map(({ moduleRequest }) => ({
      request: text.slice(moduleRequest.start + 1, moduleRequest.end - 1),
      isType: false,
    })),
  ]
  return requests.flatMap(({ request, isType }): Import[] => {
    if (request === undefined) return []
    if (request.startsWith('#simulator/')) return [{ file, target: request.slice(1), isOurs: true, isType }]
    if (request.startsWith('#')) return [{ file, target: `src/${request.slice(1)}`, isOurs: true, isType }]
    if (!request.startsWith('.')) return [{ file, target: request, isOurs: false, isType }]
    return [{ file, target: relative(root, join(root, dirname(file), request)), isOurs: true, isType }]
  })
}

export function findCycle(imports: readonly Import[]): string[] | undefined {
  const graph = Map.groupBy(
    imports.filter(({ isOurs }) => isOurs),
    ({ file }) => file,
  )
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return undefined
    for (const { target } of graph.get(file) ?? []) {
      const found = visit(target, [...path, file])
      if (found) return found
    }
    done.add(file)
    return undefined
  }
  for (const file of graph.keys()) {
    const found = visit(file, [])
    if (found) return found
  }
  return undefined
}
