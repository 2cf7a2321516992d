import { cpuUsage } from 'node:process'

/** What a test file took. */
export interface Taken {
  readonly file: string
  /** By the clock on the wall, from the start of its process to its end. */
  readonly seconds: number
  readonly cpuSeconds: number
}

export interface Limits {
  /** Of one file, by the clock on the wall. */
  readonly fileSeconds: number
  /** Of all files and what they start, together: processor time, which grows little on a busy machine. */
  readonly cpuSeconds: number
}

export const limits: Limits = { fileSeconds: 20, cpuSeconds: 560 }

/** Files that took longer than they may, when everything took `slowness` times as long as on a quiet machine. */
export const tooSlow = (taken: readonly Taken[], { fileSeconds }: Limits, slowness = 1): readonly Taken[] =>
  taken.filter(({ seconds }) => seconds > fileSeconds * Math.max(1, slowness))

export const isTooMuch = (cpuSeconds: number, limit: Limits): boolean => cpuSeconds > limit.cpuSeconds

/** How much longer a piece of work takes here and now than the processor needs for it: what others take away. */
export function slownessNow(): number {
  const before = cpuUsage()
  const from = performance.now()
  let used = 0
  while (used < 200_000) {
    for (let n = 0; n < 1e5; n++) Math.imul(n, n)
    const { user, system } = cpuUsage(before)
    used = user + system
  }
  return ((performance.now() - from) * 1000) / used
}

export const describeTaken = (taken: readonly Taken[]): string =>
  taken
    .toSorted((a, b) => b.seconds - a.seconds)
    .map((one) => `${one.seconds.toFixed(1).padStart(7)} s ${one.cpuSeconds.toFixed(1).padStart(6)} s cpu  ${one.file}`)
    .join('\n')
