import { readdirSync, readFileSync } from 'node:fs'
import type { ServerProcess } from './processes.ts'

/** A process, or by its negative number a group; it may have ended by itself in the moment before. */
export function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** The server and every process of its database, at once and without a warning. */
export function killEverything(server: ServerProcess, dataFolder: string): void {
  const victims = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid === server.child.pid || isOfDatabase(pid, dataFolder))
  for (const pid of victims) killNow(pid)
}

/** The postmaster names its folder; its children are found by their parent. */
function isOfDatabase(pid: number, dataFolder: string): boolean {
  try {
    const ofPid = (id: number): string => readFileSync(`/proc/${id}/cmdline`, 'utf8')
    if (ofPid(pid).includes(dataFolder)) return true
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    return parent > 1 && ofPid(parent).includes(`${dataFolder}/postgres`)
  } catch {
    return false
  }
}
