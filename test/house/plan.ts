import { layers, modules, platformRooms } from './rooms.ts'

/** The two tables of the plan, as ARCHITECTURE.md shows them. */
export function planTables(): string {
  const may = (allowed: readonly string[], base: string): string =>
    allowed.length === 0 ? base : [...(base === 'nothing' ? [] : [base]), ...allowed].join(', ')
  const between = Object.entries(modules).map(
    ([module, allowed]) =>
      `| [\`${module}\`](src/${module}/README.md) | ${module === 'platform' ? 'nothing' : may(allowed, 'platform')} |`,
  )
  const row =
    (base: string) =>
    ([layer, allowed]: [string, readonly string[]]): string =>
      `| \`${layer === 'root' ? 'module.ts and what lies beside it' : `${layer}/`}\` | ${may(allowed, base)} |`
  return [
    '| Module | May use `core/` and `port.ts` of |',
    '|---|---|',
    ...between,
    '',
    '| Layer inside a module | May import |',
    '|---|---|',
    ...Object.entries(layers).map(row('nothing')),
    '',
    '| Room of platform | May import |',
    '|---|---|',
    ...Object.entries(platformRooms).map(row('nothing')),
  ].join('\n')
}
