import { readdirSync, readFileSync } from 'node:fs'

/** USER_HZ: the unit of /proc on every Linux (proc(5)). */
const ticksPerSecond = 100

interface Process {
  readonly pid: number
  readonly parent: number
  /** Of its own and of its children that have ended and were waited for. */
  readonly cpuTicks: number
}

function readProcess(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name is in brackets and may hold anything; the fields after it count from 3 (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const sum = [11, 12, 13, 14].reduce((ticks, index) => ticks + Number(fields[index]), 0)
    return { pid, parent: Number(fields[1]), cpuTicks: sum }
  } catch {
    // It ended since the folder was listed; its parent has its time.
    return undefined
  }
}

/** The processes under the roots, roots included. */
function treeOf(roots: readonly number[]): Process[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? [])
  const children = Map.groupBy(all, ({ parent }) => parent)
  const under = (process: Process): Process[] => [process, ...(children.get(process.pid) ?? []).flatMap(under)]
  // One root may stand under another.
  return [...new Set(all.filter(({ pid }) => roots.includes(pid)).flatMap(under))]
}

/**
 * CPU seconds that the trees have used so far. What a child used is in its parent's account once it was waited for,
 * so the figure never falls and nothing is counted twice.
 */
export const cpuSecondsOf = (...roots: readonly number[]): number =>
  treeOf(roots).reduce((ticks, { cpuTicks }) => ticks + cpuTicks, 0) / ticksPerSecond

export interface Memory {
  /** Proportional set size: memory shared by n processes counts 1/n in each. Megabytes of 10⁶ bytes. */
  readonly pssMb: number
  /** Resident set sizes added up: PostgreSQL's shared memory counts once for every process that touched it. */
  readonly rssMb: number
}

export function memoryOf(...roots: readonly number[]): Memory {
  let pssKb = 0
  let rssKb = 0
  for (const { pid } of treeOf(roots)) {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1')
    pssKb += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0)
    rssKb += Number(/^Rss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0)
  }
  return { pssMb: (pssKb * 1024) / 1e6, rssMb: (rssKb * 1024) / 1e6 }
}

/** CPU seconds of the whole machine; time stolen by its host counts as busy with something else. */
export function machineCpuSeconds(): { busy: number; total: number } {
  const [line = ''] = readFileSync('/proc/stat', 'latin1').split('\n')
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softIrq = 0, steal = 0] = line
    .split(/\s+/)
    .slice(1)
    .map((ticks) => Number(ticks) / ticksPerSecond)
  const busy = user + nice + system + irq + softIrq + steal
  return { busy, total: busy + idle + wait }
}
