import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { findBundle, stampOf } from './bundle-stamp.ts'

describe('the bundle', () => {
  let folder = ''
  let root: URL
  const write = (path: string, text: string): void => writeFileSync(join(folder, path), text)
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'centang-bundle-'))
    root = pathToFileURL(`${folder}/`)
    for (const name of ['src/core', 'simulator', 'dist']) mkdirSync(join(folder, name), { recursive: true })
    write('package.json', '{}')
    write('src/core/a.ts', 'export const a = 1')
    write('simulator/b.ts', 'export const b = 2')
  })
  after(() => rmSync(folder, { recursive: true }))

  it('is taken when it is of the source beside it', () => {
    assert.equal(findBundle(root), undefined)
    write('dist/stamp', stampOf(root))
    assert.equal(findBundle(root)?.href, new URL('dist/', root).href)
  })

  it('is left when a source, its name or a package has changed, and taken again when it is as it was', () => {
    const isLeft = (): boolean => findBundle(root) === undefined
    write('src/core/a.ts', 'export const a = 3')
    assert.ok(isLeft())
    write('src/core/a.ts', 'export const a = 1')
    assert.ok(!isLeft())
    renameSync(join(folder, 'simulator/b.ts'), join(folder, 'simulator/c.ts'))
    assert.ok(isLeft())
    renameSync(join(folder, 'simulator/c.ts'), join(folder, 'simulator/b.ts'))
    write('package.json', '{ }')
    assert.ok(isLeft())
    write('package.json', '{}')
    for (const name of ['package-lock.json', 'bundle.ts']) {
      write(name, 'new')
      assert.ok(isLeft(), name)
      rmSync(join(folder, name))
    }
    write('src/core/new.ts', '')
    assert.ok(isLeft())
    rmSync(join(folder, 'src/core/new.ts'))
    assert.ok(!isLeft())
  })

  it('is taken whatever the tests say', () => {
    write('src/core/a.test.ts', 'anything')
    assert.ok(findBundle(root))
  })
})
