import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

export const noProc = process.platform !== 'linux' && 'processes are found by /proc'

/** A busy machine takes its time to start a process. */
export const patienceMs = 60_000

export const processesWith = (words: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(words)
      } catch {
        return false
      }
    })

/** Processes of the database in this folder, seen from outside every container. */
export const postgresOf = (dataFolder: string): number[] => processesWith(`-D\0${dataFolder}/postgres\0`)

/** As two containers on one volume: process ids and shared memory of their own. */
export const container = ['unshare', '--pid', '--fork', '--ipc', '--mount-proc', '--kill-child']
export const noContainers =
  spawnSync(container[0] as string, [...container.slice(1), 'true']).status !== 0 &&
  'this system does not let unshare make a pid namespace'
