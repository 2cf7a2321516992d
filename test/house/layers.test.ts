import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'

const root = fileURLToPath(new URL('../../', import.meta.url))

interface Import {
  readonly file: string
  /** A file of ours, from the root; or a package. */
  readonly target: string
  readonly isOurs: boolean
}

const aliases: Readonly<Record<string, string>> = {
  '#core/': 'src/core/',
  '#channels/': 'src/channels/',
  '#store/': 'src/store/',
  '#flows/': 'src/flows/',
  '#http/': 'src/http/',
  '#simulator/': 'simulator/',
}

const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/(^|\/)(node_modules|dist)\//.test(name))
    .map((name) => join(folder, name))

function importsOf(file: string, text: string): Import[] {
  const { module } = parseSync(file, text)
  const requests = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) => entries.map(({ moduleRequest }) => moduleRequest?.value)),
    ...module.dynamicImports.map(({ moduleRequest }) => text.slice(moduleRequest.start + 1, moduleRequest.end - 1)),
  ].filter((one) => one !== undefined)
  return requests.map((request) => {
    const alias = Object.keys(aliases).find((one) => request.startsWith(one))
    if (alias) return { file, target: aliases[alias] + request.slice(alias.length), isOurs: true }
    if (request.startsWith('.'))
      return { file, target: relative(root, join(root, dirname(file), request)), isOurs: true }
    return { file, target: request, isOurs: false }
  })
}

/** Who may import whom (ARCHITECTURE.md). The first that fits a file is its layer. */
const layers: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^src\/core\//, ['src/core/']],
  [/^src\/channels\//, ['src/core/', 'src/channels/']],
  [/^src\/store\//, ['src/core/', 'src/store/']],
  [/^src\/flows\//, ['src/core/', 'src/flows/']],
  [/^src\/http\//, ['src/core/', 'src/flows/', 'src/http/']],
  [/^simulator\//, ['simulator/']],
  [/^console\//, ['console/', 'sdk/']],
  [/^sdk\//, ['sdk/']],
  [/^src\//, ['src/', 'simulator/']],
]

/** Packages a layer may use; the others may use any. */
const packages: readonly (readonly [RegExp, RegExp])[] = [
  [/^src\/core\//, /^$/],
  [/^src\/flows\//, /^$/],
  [/^sdk\/src\/react/, /^react$/],
  [/^sdk\/src\/better-auth/, /^better-auth\/api$/],
  [/^sdk\/src\//, /^$/],
]

function violations(imports: readonly Import[]): string[] {
  return imports.flatMap(({ file, target, isOurs }) => {
    const allowed = layers.find(([pattern]) => pattern.test(file))?.[1] ?? []
    const isPackageFine = packages.find(([pattern]) => pattern.test(file))?.[1].test(target) ?? true
    const isFine = isOurs ? allowed.some((prefix) => target.startsWith(prefix)) : isPackageFine
    return isFine ? [] : [`${file} imports ${target}`]
  })
}

function findCycle(imports: readonly Import[]): string[] | undefined {
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

const isTest = (file: string): boolean => /\.test\.ts$|(^|\/)(contract|testing)\.ts$/.test(file)
const imports = ['src', 'simulator', 'console/src', 'sdk/src']
  .flatMap(filesIn)
  .filter((file) => !isTest(file))
  .flatMap((file) => importsOf(file, readFileSync(join(root, file), 'utf8')))

describe('the layers', () => {
  it('import only what they may', () => {
    assert.ok(imports.length > 200, 'there was something to look at')
    assert.deepEqual(violations(imports), [])
  })

  it('have no cycles', () => {
    assert.equal(findCycle(imports)?.join(' → '), undefined)
  })

  it('would be noticed when broken', () => {
    const broken = importsOf(
      'src/core/x.ts',
      `import { a } from '#platform/database/database.ts'\nimport { b } from 'node:fs'\nexport { c } from '../http/server.ts'\nconst d = await import('#verification/flows/perform.ts')`,
    )
    assert.deepEqual(violations(broken), [
      'src/core/x.ts imports src/store/database.ts',
      'src/core/x.ts imports node:fs',
      'src/core/x.ts imports src/http/server.ts',
      'src/core/x.ts imports src/flows/perform.ts',
    ])
    assert.equal(violations(importsOf('simulator/x.ts', `import '#platform/core/refusal.ts'`)).length, 1)
    const cycle = [...importsOf('src/core/a.ts', `import './b.ts'`), ...importsOf('src/core/b.ts', `import './a.ts'`)]
    assert.deepEqual(findCycle(cycle), ['src/core/a.ts', 'src/core/b.ts', 'src/core/a.ts'])
  })

  it('have no barrels, no default exports and no banned words in their names', () => {
    const files = ['src', 'simulator', 'sdk/src'].flatMap(filesIn)
    assert.deepEqual(
      files.filter((file) => /(^|\/)(index|utils?|helpers?)\.ts$|manager|attempt/.test(file)),
      [],
    )
    for (const file of files) assert.doesNotMatch(readFileSync(join(root, file), 'utf8'), /^export (default|\*)/m, file)
  })

  it('read the environment in one place', () => {
    const readers = filesIn('src').filter(
      (file) =>
        /process\.env/.test(readFileSync(join(root, file), 'utf8')) &&
        !/^src\/(cli\/|config\.ts)/.test(file) &&
        !isTest(file),
    )
    // What a child process needs of its surroundings is no setting.
    assert.deepEqual(readers, ['src/store/embedded-postgres.ts'])
  })
})
