/** Rows that were claimed by a lease and are under way, so many at a time, each with a mark of whose it is. */
export interface Leased<Mark> {
  /** How many more may be claimed. */
  room(): number
  /** The marks of all that are under way. */
  marks(): readonly Mark[]
  /** Begins one that was claimed. It does not throw: a failure is its own. */
  begin(mark: Mark, run: () => Promise<void>): void
  /** Until one has ended; at once when there is none. */
  oneEnded(): Promise<void>
  /** Until all have ended. */
  allEnded(): Promise<void>
}

/**
 * A claimed row is nobody else's for as long as its lease lasts, and a server that dies with it loses nothing: after the
 * lease another one claims it. Hence no more is claimed than can be done meanwhile.
 */
export function createLeased<Mark>(max: number, onError: (error: unknown) => void): Leased<Mark> {
  const underWay = new Map<Promise<void>, Mark>()
  return {
    room: () => max - underWay.size,
    marks: () => [...underWay.values()],
    begin(mark, run) {
      const running: Promise<void> = (async () => run())()
        .catch(onError)
        .finally(() => underWay.delete(running))
      underWay.set(running, mark)
    },
    async oneEnded() {
      if (underWay.size > 0) await Promise.race(underWay.keys())
    },
    async allEnded() {
      await Promise.all(underWay.keys())
    },
  }
}
