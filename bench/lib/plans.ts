import type { LoadPlan } from './generator.ts'

type Plan = Omit<LoadPlan, 'target'>

interface Times {
  readonly seconds: number
  readonly 'warm-up': number
}

/** Connections that never rest: what a server can do at most. */
export const closedPlan =
  ({ seconds, 'warm-up': warmUpSeconds }: Times, connections: number, lag: number) =>
  (firstNumber: number): Plan => ({
    warmUpSeconds,
    seconds,
    firstNumber,
    load: { kind: 'closed', connections, lag },
  })
