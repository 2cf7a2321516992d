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
