import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'

/** A place in a file of the bundle, as V8 spells it in a stack. */
const places = /(file:\/\/\/(?:[A-Z]:)?[^\s:]*\/dist\/[\w-]+\.mjs):(\d+):(\d+)/g

/** Maps take some 10 MB; errors come in crowds. */
const keptForMs = 60_000

const maps = new Map<string, SourceMap | undefined>()

/**
 * A stack that names the lines of the source also when the server runs from its bundle. Node's own way would read all maps
 * at every start, keep them, and look at stacks that nobody reads; this one is for those who write one down.
 */
export function tellSourceLines(stack: string): string {
  return stack.replaceAll(places, (place, file: string, line: string, column: string) => {
    const entry = mapOf(file)?.findEntry(Number(line) - 1, Number(column) - 1)
    if (!entry || !('originalSource' in entry)) return place
    const { originalSource, originalLine, originalColumn } = entry
    return `${new URL(originalSource, file).href}:${originalLine + 1}:${originalColumn + 1}`
  })
}

function mapOf(file: string): SourceMap | undefined {
  if (maps.size === 0) setTimeout(() => maps.clear(), keptForMs).unref()
  if (!maps.has(file)) maps.set(file, readMap(new URL(`${file}.map`)))
  return maps.get(file)
}

/** A stack is told in any case: without its map, as it is. */
function readMap(place: URL): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(place, 'utf8')))
  } catch {
    return undefined
  }
}
