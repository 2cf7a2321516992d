import type { TestServer } from './server.ts'

/** Every way a code might have been written down. */
const spellings = (code: string): string[] => [
  code,
  Buffer.from(code).toString('hex'),
  Buffer.from(code).toString('base64').replaceAll('=', ''),
]

/** Those of them that a text gives away. */
export const leaks = (text: string, codes: readonly string[]): string[] =>
  codes.flatMap(spellings).filter((one) => text.includes(one))

/** Every row of every table as text: what a stolen dump would hold. */
export async function dump(server: TestServer): Promise<string> {
  const tables = await server.database.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public'`,
  )
  const parts = []
  for (const { name } of tables)
    parts.push(
      ...(await server.database.query<{ row: string }>(`select t::text as row from "${name}" t`)).map(({ row }) => row),
    )
  return parts.join('\n')
}
