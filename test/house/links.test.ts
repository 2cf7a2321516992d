import assert from 'node:assert/strict'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { read, root } from './imports.ts'
import { anchorsOf, type Link, linksOf, pagesOfPeople } from './pages.ts'

const pages = pagesOfPeople()
const links = pages.flatMap((page) => linksOf(page))

/** A page, or the README of a folder, as GitHub shows it. */
const pageAt = (path: string): string =>
  existsSync(join(root, path)) && statSync(join(root, path)).isDirectory() ? join(path, 'README.md') : path

/** Every page that a reader comes to who follows the links from one. */
function reachedFrom(begin: string, along: readonly Link[]): Set<string> {
  const reached = new Set([begin])
  // A set that grows while it is walked is walked to its new end.
  for (const page of reached)
    for (const link of along) if (link.page === page && link.path !== undefined) reached.add(pageAt(link.path))
  return reached
}

describe('the links', () => {
  it('lead from the README to every page', () => {
    assert.ok(pages.length > 50, `${pages.length} pages`)
    const reached = reachedFrom('README.md', links)
    assert.deepEqual(
      pages.filter((page) => !reached.has(page)),
      [],
      'nobody finds these',
    )
  })

  it('lead to every guide from the map, and from the README to the map and the start', () => {
    const named = new Set(linksOf('docs/README.md').map(({ path = '' }) => pageAt(path)))
    assert.deepEqual(
      pages.filter((page) => /^docs\/(guides|reference)\//.test(page) && !named.has(page)),
      [],
    )
    for (const page of ['README.md', 'docs/start.md'])
      assert.ok(
        linksOf(page).some(({ path }) => path === 'docs/README.md'),
        `${page} names the map`,
      )
  })

  it('lead to a file that is there, and to a heading that is there', () => {
    assert.deepEqual(
      links
        .filter(({ path }) => path !== undefined && !existsSync(join(root, path)))
        .map(({ page, target }) => `${page} → ${target}`),
      [],
    )
    const toHeadings = links.filter(({ path, anchor }) => path !== undefined && anchor !== undefined)
    assert.ok(toHeadings.length > 10)
    assert.deepEqual(
      toHeadings
        .filter(({ path = '', anchor = '' }) => !anchorsOf(read(pageAt(path))).has(anchor))
        .map(({ page, target }) => `${page} → ${target}`),
      [],
    )
  })

  it('would be noticed when they are broken', () => {
    const two = [...linksOf('README.md', '[a](docs/start.md#x)'), ...linksOf('docs/start.md', '[b](guides/sdk.md)')]
    assert.deepEqual([...reachedFrom('README.md', two)], ['README.md', 'docs/start.md', 'docs/guides/sdk.md'])
    assert.deepEqual([...reachedFrom('README.md', two.slice(1))], ['README.md'])
    assert.deepEqual(linksOf('README.md', '`[no](link)`\n```sh\n[no](link)\n```\n'), [])
    assert.deepEqual(
      [...anchorsOf('# A `b`: c, [d](e)\n## Same\n## Same\n```sh\n# no\n```\n')],
      ['a-b-c-d', 'same', 'same-1'],
    )
  })
})
