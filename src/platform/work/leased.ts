/** What was claimed by a lease and is under way, so many at a time, each with a mark of whose it is. */
export interface Leased<Mark> {
  /** How many more may be claimed. */
  room(): number
  /** Those that are under way, by their marks. */
  marks(): readonly Mark[]
  /** Begins one that was claimed. It does not throw: a failure is its own. */
  begin(mark: Mark, run: () => Promise<void>): void
  /** Until one has ended; at once when there is none. */
  oneEnded(): Promise<void>
  /** Until all have ended. */
  allEnded(): Promise<void>
}

/**
 * A row that is claimed is nobody else's for as long as its lease lasts, and whoever dies with it loses nothing: after
 * the lease somebody claims it again. Hence no more is claimed than can be done meanwhile.
 */
export function createLeased<Mark>(max: number, onError: (error: unknown) => void): Leased<Mark> {
  const underWay = new Map<Promise<void>, Mark>()
  return {
    room: () => max - underWay.size,
    marks: () => [...underWay.values()],
    begin(mark, run) {
      const running: Promise<void> = run()
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
