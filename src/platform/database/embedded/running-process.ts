import { spawnSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/**
 * Where a process id means what it means here: the same kernel since the same boot, the same pid namespace. Two
 * containers on one volume both have a process 1.
 */
export const placeOfProcesses = (): string =>
  [
    read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    read(() => readlinkSync('/proc/self/ns/pid')),
    hostname(),
  ]
    .filter((part) => part !== undefined)
    .join(' ')

/** Start time of a process in clock ticks since boot (proc(5), field 22 of stat); undefined where there is no /proc. */
export const startOf = (pid: number): string | undefined =>
  read(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] as string
  })

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** With its arguments; empty for a zombie and for a process that is not there, undefined where nobody can tell. */
export function commandOf(pid: number, platform: NodeJS.Platform = process.platform): string | undefined {
  if (platform === 'linux') return read(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? ''
  const asked = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  return asked.error ? undefined : asked.stdout.trim()
}

function read(ask: () => string): string | undefined {
  try {
    return ask()
  } catch {
    return undefined
  }
}
