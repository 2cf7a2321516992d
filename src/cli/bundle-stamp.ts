import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** The packages are part of it, so what names their versions is too; `npm update` changes nothing else. */
const files = ['bundle.ts', 'package-lock.json', 'package.json']
const folders = ['simulator', 'src']
const isPart = (name: string): boolean => name.endsWith('.ts') && !name.endsWith('.test.ts')

/** Of everything a bundle is made of: whoever changes a source runs that source, and not a bundle of yesterday. */
export function stampOf(root: URL): string {
  const hash = createHash('sha256')
  const add = (path: string) => hash.update(`\0${path}\0`).update(readFileSync(new URL(path, root)))
  for (const name of files) if (existsSync(new URL(name, root))) add(name)
  for (const folder of folders) {
    const names = readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    for (const name of names.filter(isPart).toSorted()) add(`${folder}/${name}`)
  }
  return hash.digest('hex')
}

/** The folder of the bundle, when there is one of this very source. */
export function findBundle(root: URL): URL | undefined {
  const folder = new URL('dist/', root)
  const stamp = new URL('stamp', folder)
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === stampOf(root) ? folder : undefined
}
