import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, closeSync, fsyncSync, mkdirSync, mkdtempSync, openSync, readdirSync } from 'node:fs'
import { existsSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { DatabaseHome } from './database-user.ts'
import { ownGroup } from './postgres-process.ts'

/**
 * initdb works beside the place and its result is moved there whole: a server that is killed meanwhile leaves nothing
 * that looks like a database.
 */
export async function makeCluster(home: DatabaseHome, password: string, env: Record<string, string>): Promise<void> {
  const { cluster, user } = home
  const unfinished = `${cluster}.new-${randomBytes(4).toString('hex')}`
  removeUnfinished(cluster)
  makeOwn(unfinished, home)
  const folder = mkdtempSync(join(tmpdir(), 'centang-init-'))
  const passwordFile = join(folder, 'password')
  try {
    writeFileSync(passwordFile, password, { mode: 0o600 })
    if (user) for (const path of [folder, passwordFile]) chownSync(path, user.uid, user.gid)
    await initdb(home, unfinished, passwordFile, env)
    // What is there is empty, or this fails: nothing is ever overwritten.
    if (existsSync(cluster)) rmdirSync(cluster)
    renameSync(unfinished, cluster)
    syncFolder(dirname(cluster))
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    throw error
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Of servers that were killed. An initdb that outlived its server may still be writing there, and fails by this. */
function removeUnfinished(cluster: string): void {
  const parent = dirname(cluster)
  for (const name of existsSync(parent) ? readdirSync(parent) : []) {
    if (name.startsWith(`${basename(cluster)}.new-`))
      rmSync(join(parent, name), { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  }
}

function makeOwn(folder: string, { user }: DatabaseHome): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (user) chownSync(folder, user.uid, user.gid)
}

function initdb(home: DatabaseHome, target: string, passwordFile: string, env: Record<string, string>): Promise<void> {
  const child = spawn(
    join(home.binaries, 'bin', 'initdb'),
    [
      `--pgdata=${target}`,
      '--username=centang',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--data-checksums',
      '--no-instructions',
    ],
    { ...home.user, ...ownGroup, cwd: '/', env, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
  return new Promise((done, fail) => {
    const failed = (detail: string): void => fail(new Error(`The embedded database could not be made: ${detail}`))
    child.once('error', (error) => failed(error.message))
    child.once('close', (code, signal) => (code === 0 ? done() : failed(said.trim() || `${signal ?? code}`)))
  })
}

function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const descriptor = openSync(folder, 'r')
  fsyncSync(descriptor)
  closeSync(descriptor)
}
