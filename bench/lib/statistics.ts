/** The value below which `share` of the values lie (nearest rank); NaN when there are none. */
function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

export const median = (values: readonly number[]): number => {
  const sorted = Float64Array.from(values).sort()
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** Milliseconds. */
export interface Latency {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export const latencyOf = (milliseconds: readonly number[]): Latency => ({
  count: milliseconds.length,
  p50: percentile(milliseconds, 0.5),
  p99: percentile(milliseconds, 0.99),
  max: percentile(milliseconds, 1),
})
