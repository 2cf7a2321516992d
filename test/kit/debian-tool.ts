import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A program that others run beside us, and the environment it needs. */
export interface Tool {
  readonly path: string
  readonly env: Readonly<Record<string, string>>
}

/** A tool, or why it can't be had here. */
export type Found = { readonly tool: Tool; readonly skip: false } | { readonly tool: undefined; readonly skip: string }

const cache = join(tmpdir(), `centang-debian-tools-${process.getuid?.() ?? 0}`)

const run = (command: string, words: readonly string[], cwd = '/'): string | undefined => {
  const { status, stdout } = spawnSync(command, words, { cwd, encoding: 'utf8', timeout: 120_000 })
  return status === 0 ? stdout : undefined
}

/**
 * A server program of Debian: the installed one, else the package with what it needs, unpacked into a temporary folder,
 * which takes no rights and changes nothing on the system.
 */
export function debianTool(name: string): Found {
  const installed = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin']
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path))
  if (installed !== undefined) return { tool: { path: installed, env: {} }, skip: false }
  const folder = join(cache, name)
  const reason = existsSync(folder) ? undefined : unpack(name, folder)
  if (reason !== undefined) return { tool: undefined, skip: `${name} can't be had: ${reason}` }
  const libraries = run('find', [folder, '-name', '*.so*', '-printf', '%h\n']) ?? ''
  const LD_LIBRARY_PATH = [...new Set(libraries.split('\n').filter(Boolean))].join(':')
  return { tool: { path: join(folder, 'usr/sbin', name), env: { LD_LIBRARY_PATH } }, skip: false }
}

/** Whole or not at all, so that two files that unpack at once do not meet. Returns why it failed. */
function unpack(name: string, folder: string): string | undefined {
  if (run('dpkg', ['--version']) === undefined) return 'it is not installed, and this is no Debian'
  const planned = run('apt-get', ['-s', '--no-install-recommends', '-o', 'Debug::NoLocking=1', 'install', name])
  const packages = [...(planned ?? '').matchAll(/^Inst (\S+)/gm)].map(([, one]) => one as string)
  if (packages.length === 0) return `it is not installed, and apt-get does not know it (apt-get install ${name})`
  mkdirSync(cache, { recursive: true })
  chmodSync(cache, 0o755)
  const unfinished = mkdtempSync(join(cache, `${name}-`))
  chmodSync(unfinished, 0o755)
  try {
    if (run('apt-get', ['download', ...packages], unfinished) === undefined) return 'apt-get can not download it'
    for (const file of readdirSync(unfinished).filter((one) => one.endsWith('.deb'))) {
      if (run('dpkg', ['-x', file, '.'], unfinished) === undefined) return `${file} can't be unpacked`
      rmSync(join(unfinished, file))
    }
    if (!existsSync(folder)) renameSync(unfinished, folder)
    return undefined
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}
