import { globSync } from 'node:fs'

/**
 * Tests beside the source, and the simulator's, in one process: they start no other process and share no state, so that
 * they need none of their own. A whole server, a database or a process is for `test/`.
 */
const root = new URL('../../', import.meta.url)
for (const file of globSync(['src/**/*.test.ts', 'simulator/**/*.test.ts'], { cwd: root }).toSorted())
  await import(new URL(file, root).href)
