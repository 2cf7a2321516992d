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

/** Whether a lock of the kernel there is one of ours: both run on the same one since the same boot. */
export const isSameKernel = (place: string): boolean => place.split(' ')[0] === placeOfProcesses().split(' ')[0]

/** Start time of a process in clock ticks since boot (proc(5), field 22 of stat); undefined where there is no /proc. */
export const startOf = (pid: number): string | undefined => fieldOf(pid, 22)

/** Of /proc/<pid>/stat, counted from 1; the second, a name, may hold blanks. */
const fieldOf = (pid: number, field: number): string | undefined =>
  read(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[field - 3] as string
  })

/** A zombie has a number and does nothing any more: it waits for a parent that may never ask after it. */
export function isAlive(pid: number, platform: NodeJS.Platform = process.platform): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return !/^[ZX]/.test(stateOf(pid, platform) ?? '')
}

/** As proc(5) and ps(1) spell it; undefined where nobody can tell. */
const stateOf = (pid: number, platform: NodeJS.Platform): string | undefined =>
  platform === 'linux'
    ? fieldOf(pid, 3)
    : spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim()

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
