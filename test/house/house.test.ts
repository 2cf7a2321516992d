import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { filesIn, findCycle, importsOf, isTest, read, root } from './imports.ts'
import { modules, rootFiles } from './rooms.ts'
import { placeOf, problemOf } from './rules.ts'

const files = ['src', 'simulator', 'console/src', 'sdk/src', 'examples']
  .flatMap(filesIn)
  .filter((file) => !isTest(file))
const imports = files.flatMap((file) => importsOf(file, read(file)))

const problemsOf = (file: string, text: string): (string | undefined)[] => importsOf(file, text).map(problemOf)

describe('the house', () => {
  it('has a room for every file', () => {
    const homeless = files.filter(
      (file) => file.startsWith('src/') && !placeOf(file) && !/^src\/(app\.ts$|cli\/)/.test(file),
    )
    assert.deepEqual(homeless, [])
  })

  it('has nothing beside the rooms of a module but what every module may have', () => {
    const stray = Object.keys(modules)
      .filter((module) => module !== 'platform')
      .flatMap((module) =>
        readdirSync(join(root, 'src', module), { withFileTypes: true }).map((entry) => ({ module, entry })),
      )
      .filter(({ entry }) => entry.isFile() && !rootFiles.includes(entry.name) && !isTest(entry.name))
    assert.deepEqual(
      stray.map(({ module, entry }) => `${module}/${entry.name}`),
      [],
    )
  })

  it('has for every module its module.ts and a README of 40 lines at most', () => {
    for (const module of Object.keys(modules)) {
      assert.ok(existsSync(join(root, 'src', module, 'module.ts')), `${module} has a module.ts`)
      const lines = read(`src/${module}/README.md`).trimEnd().split('\n').length
      assert.ok(lines <= 40, `the README of ${module} has ${lines} lines`)
    }
  })

  it('is held to the plan of who may import whom', () => {
    assert.ok(imports.length > 1000, 'there was something to look at')
    assert.deepEqual([...new Set(imports.map(problemOf))].filter(Boolean), [])
  })

  it('has no cycles', () => {
    assert.equal(findCycle(imports)?.join(' → '), undefined)
  })

  it('would be noticed when it is broken between modules', () => {
    const broken = [
      ['src/access/flows/x.ts', `import '#verification/core/move.ts'`],
      ['src/webhooks/store/x.ts', `import '#messaging/port.ts'`],
      ['src/gateways/http/x.ts', `import '#verification/flows/move-on.ts'`],
      ['src/compat/http/x.ts', `import { a } from '../../totp/store/totp.ts'`],
      ['src/platform/http/x.ts', `const a = await import('#access/port.ts')`],
      ['simulator/meta/x.ts', `import '#platform/core/refusal.ts'`],
      ['src/verification/http/x.ts', `import '#simulator/simulator.ts'`],
      ['console/src/messaging/pages/x/page.tsx', `import '../../../verification/text/texts.ts'`],
      ['console/src/kit/x.tsx', `import '../verification/api.ts'`],
      ['examples/x/server.ts', `import '../../src/app.ts'`],
    ] as const
    for (const [file, text] of broken)
      assert.equal(problemsOf(file, text).filter(Boolean).length, 1, `${file}: ${text}`)
    assert.deepEqual(problemsOf('src/compat/http/x.ts', `import '#totp/port.ts'`), [undefined])
    assert.deepEqual(problemsOf('src/verification/core/x.ts', `import '#access/core/policy.ts'`), [undefined])
  })

  it('would be noticed when it is broken inside a module', () => {
    const broken = [
      ['src/messaging/core/x.ts', `import { b } from 'node:fs'`],
      ['src/messaging/core/x.ts', `import '../flows/chat.ts'`],
      ['src/messaging/flows/x.ts', `import 'pino'`],
      ['src/messaging/flows/x.ts', `import { SenderStore } from '../store/senders.ts'`],
      ['src/messaging/store/x.ts', `export { c } from '../http/senders.ts'`],
      ['src/messaging/http/x.ts', `import { SenderStore } from '#messaging/store/senders.ts'`],
      ['src/compat/twilio/http/x.ts', `import '#compat/vonage/http/routes.ts'`],
      ['src/platform/core/x.ts', `import '#platform/database/database.ts'`],
    ] as const
    for (const [file, text] of broken)
      assert.equal(problemsOf(file, text).filter(Boolean).length, 1, `${file}: ${text}`)
    assert.deepEqual(
      problemsOf('src/messaging/http/x.ts', `import type { SenderStore } from '#messaging/store/senders.ts'`),
      [undefined],
    )
  })

  it('would be noticed when a file is in no room, or imports go round', () => {
    for (const file of ['src/x.ts', 'src/messaging/x/y.ts', 'src/nowhere/core/x.ts', 'src/compat/acme/core/x.ts'])
      assert.equal(placeOf(file), undefined, file)
    const cycle = [...importsOf('src/core/a.ts', `import './b.ts'`), ...importsOf('src/core/b.ts', `import './a.ts'`)]
    assert.deepEqual(findCycle(cycle), ['src/core/a.ts', 'src/core/b.ts', 'src/core/a.ts'])
  })

  it('has no barrels, no default exports and no banned words in its names', () => {
    assert.deepEqual(
      files.filter((file) => /(^|\/)(index|utils?|helpers?)\.ts$|manager|attempt/.test(file)),
      [],
    )
    for (const file of files.filter((one) => !one.startsWith('console/')))
      assert.doesNotMatch(read(file), /^export (default|\*)/m, file)
  })

  it('reads the environment in one place', () => {
    const readers = files.filter((file) => file.startsWith('src/') && /process\.env/.test(read(file)))
    assert.deepEqual(
      readers.filter((file) => !file.startsWith('src/cli/')),
      // What a child process needs of its surroundings is no setting.
      ['src/platform/database/embedded/embedded-postgres.ts'],
    )
  })
})
