import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Tool } from './debian-tool.ts'
import { freePort, temporaryFolder, untilListening } from './processes.ts'

export interface PgBouncer {
  readonly url: string
  stop(): Promise<void>
}

/** PgBouncer as it ships, but for what is given, in front of one database. */
export async function startPgBouncer(
  tool: Tool,
  databaseUrl: string,
  settings: Readonly<Record<string, string>>,
): Promise<PgBouncer> {
  const { hostname, port, username, password, pathname } = new URL(databaseUrl)
  const folder = temporaryFolder(0o777)
  const listens = await freePort()
  const all = {
    listen_addr: '127.0.0.1',
    listen_port: String(listens),
    unix_socket_dir: '',
    auth_type: 'any',
    ...settings,
  }
  const ini = join(folder, 'pgbouncer.ini')
  writeFileSync(
    ini,
    `[databases]\n${pathname.slice(1)} = host=${hostname} port=${port} user=${username} password=${password}\n[pgbouncer]\n` +
      Object.entries(all)
        .map(([name, value]) => `${name} = ${value}\n`)
        .join(''),
    { mode: 0o644 },
  )
  // It does not run as root.
  const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
  const child = spawn(tool.path, [ini], { ...user, env: { ...tool.env }, stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = once(child, 'exit')
  await untilListening(listens, child)
  return {
    url: `postgres://${username}@127.0.0.1:${listens}${pathname}`,
    async stop() {
      child.kill('SIGTERM')
      const impatience = setTimeout(() => child.kill('SIGKILL'), 2000)
      await exited
      clearTimeout(impatience)
    },
  }
}
