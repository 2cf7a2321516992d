import { type Repeating, repeat } from '#platform/work/repeat.ts'

const lookEveryMs = 1000

interface Expiring {
  /** Whether there may be more. */
  readonly expire: (now: Date) => Promise<boolean>
  readonly now: () => Date
  readonly onError: (error: unknown) => void
}

/** Ends pending transfers that were not posted in time. On each server: they end once, whoever looks. */
export const expirePending = ({ expire, now, onError }: Expiring): Repeating =>
  repeat(async () => ((await expire(now())) ? 0 : lookEveryMs), { sleepAfterErrorMs: 5 * lookEveryMs, onError })
