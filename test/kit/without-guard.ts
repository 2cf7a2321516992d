import assert from 'node:assert/strict'
import { readFunctions } from '#platform/database/functions.ts'
import { moduleLines } from '../../src/cli/module-lines.ts'
import type { TestDatabase } from './database.ts'

const functions = readFunctions(moduleLines.map(({ folder }) => folder))

/** Puts a function back with a rule taken out, and restores it afterwards. */
export async function withoutGuard(
  database: Pick<TestDatabase, 'query'>,
  name: string,
  cuts: readonly (readonly [string, string])[],
  work: () => Promise<void>,
): Promise<void> {
  const [found] = await database.query<{ source: string }>(
    'select pg_get_functiondef(oid) as source from pg_proc where proname = $1',
    [functions.find((one) => one.name === name)?.spelled],
  )
  const before = (found as { source: string }).source
  let cut = before
  for (const [plain, to] of cuts) {
    const from = functions.reduce((text, one) => text.replaceAll(`${one.name}(`, `${one.spelled}(`), plain)
    assert.ok(cut.includes(from), `the guard “${from}” is not there any more`)
    cut = cut.replaceAll(from, to)
  }
  await database.query(cut)
  try {
    await work()
  } finally {
    await database.query(before)
  }
}
