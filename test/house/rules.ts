import type { Import } from './imports.ts'
import { divided, exceptions, layers, modules, outside, platformRooms } from './rooms.ts'

interface Place {
  /** A module, or what lies outside of them. */
  readonly module: string
  /** A vendor, in a module that is divided. */
  readonly part?: string
  readonly layer: string
}

/** Where a file of `src` lies; undefined: in no room. */
export function placeOf(file: string): Place | undefined {
  const [top, module = '', ...rest] = file.split('/')
  if (top !== 'src' || !(module in modules) || rest.length === 0) return undefined
  const part = divided[module]?.find((one) => one === rest[0])
  const [layer, below] = part === undefined ? rest : rest.slice(1)
  const rooms = module === 'platform' ? platformRooms : layers
  const named = below === undefined ? 'root' : (layer as string)
  if (!(named in rooms)) return undefined
  return { module, ...(part !== undefined && { part }), layer: named }
}

const outsideOf = (file: string): string | undefined =>
  Object.keys(outside).find((place) => file === place || file.startsWith(`${place}/`))

/** What is wrong with an import, in a sentence; undefined when nothing is. */
export function problemOf({ file, target, isOurs, isType }: Import): string | undefined {
  const from = placeOf(file)
  if (!isOurs) return from ? packageProblem(from, file, target) : sdkProblem(file, target)
  if (exceptions[file] !== undefined && target.startsWith(exceptions[file])) return undefined
  if (!from) {
    const place = outsideOf(file)
    if (place === undefined) return `${file} lies in no room`
    const isFine = (outside[place] as string[]).some((top) => target.startsWith(`${top}/`))
    return isFine && !isConsoleCrossed(file, target) ? undefined : `${file} (${place}) imports ${target}`
  }
  const to = placeOf(target)
  if (!to) return `${file} imports ${target}, which lies in no module`
  const isFine = from.module === to.module ? isFineInside(from, to, isType) : isFineBetween(from, to, target)
  return isFine ? undefined : `${file} imports ${target}`
}

/** A module of the console knows itself and the kit, the kit only itself; the router finds their pages. */
function isConsoleCrossed(file: string, target: string): boolean {
  const [from, to] = [file, target].map((path) => /^console\/src\/([^/]+)\//.exec(path)?.[1])
  return from !== undefined && to !== undefined && from !== to && to !== 'kit'
}

/** The rules have no I/O, clock or randomness, and neither have the flows: what they need is handed in. */
const packageProblem = ({ layer, module }: Place, file: string, target: string): string | undefined =>
  layer === 'core' || (layer === 'flows' && module !== 'platform') ? `${file} imports ${target}` : undefined

/** The published client brings no package along; its adapters need the one that they adapt. */
function sdkProblem(file: string, target: string): string | undefined {
  if (!file.startsWith('sdk/src/')) return undefined
  const allowed = { 'sdk/src/react.ts': 'react', 'sdk/src/better-auth.ts': 'better-auth/api' }[file]
  return target === allowed ? undefined : `${file} imports ${target}`
}

function isFineInside(from: Place, to: Place, isType: boolean): boolean {
  const rooms = from.module === 'platform' ? platformRooms : layers
  // One vendor knows nothing of another; what they share lies beside them.
  if (to.part !== undefined && from.part !== to.part && from.layer !== 'root') return false
  if (from.layer === to.layer) return true
  const allowed = rooms[from.layer] as string[]
  return allowed.includes(to.layer) || (isType && allowed.includes(`${to.layer} (types)`))
}

function isFineBetween(from: Place, to: Place, target: string): boolean {
  const rules = modules[from.module] as string[]
  if (to.module === 'platform') return from.layer !== 'core' || to.layer === 'core'
  if (!rules.includes(to.module)) return false
  if (from.layer === 'core') return to.layer === 'core'
  return to.layer === 'core' || target === `src/${to.module}/port.ts`
}
