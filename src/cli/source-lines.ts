import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'

/**
 * Makes stacks name the lines of the source when the server runs from its bundle. Node's own way would read every map at
 * every start and keep it, for 10 MB; here one is read when an error from its file is first looked at.
 */
export function tellSourceLines(bundle: URL): void {
  const maps = new Map<string, SourceMap | undefined>()
  const mapOf = (file: string): SourceMap | undefined => {
    if (!maps.has(file)) maps.set(file, readMap(new URL(`${file}.map`)))
    return maps.get(file)
  }

  const lineOf = (call: NodeJS.CallSite): string => {
    // oxlint-disable-next-line typescript/no-base-to-string -- V8 spells a call; the types don't know it.
    const text = String(call)
    const [file, line, column] = [call.getFileName(), call.getLineNumber(), call.getColumnNumber()]
    if (!file?.startsWith(bundle.href) || line === null || column === null) return text
    const entry = mapOf(file)?.findEntry(line - 1, column - 1)
    if (!entry || !('originalSource' in entry)) return text
    const { originalSource, originalLine, originalColumn } = entry
    const place = new URL(originalSource, file).href
    return text.replace(`${file}:${line}:${column}`, () => `${place}:${originalLine + 1}:${originalColumn + 1}`)
  }

  // V8 asks it for a stack that is looked at; most are not.
  Error.prepareStackTrace = (error, calls) =>
    [Error.prototype.toString.call(error), ...calls.map((call) => `    at ${lineOf(call)}`)].join('\n')
}

/** A stack is told in any case: without its map, as it is. */
function readMap(place: URL): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(place, 'utf8')))
  } catch {
    return undefined
  }
}
