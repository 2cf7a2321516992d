import { repeat, type Repeating } from '#platform/work/repeat.ts'

interface LearningTakes {
  /** Reads what became of sends; how many events there were. */
  readonly learn: () => Promise<number>
  /** Forgets what is old in some pages; the page to go on at, 0 after the last. */
  readonly forget: (page: number, now: Date) => Promise<number>
  readonly now: () => Date
  readonly onError: (error: unknown) => void
}

/** A person takes seconds to enter a code; who counts them may be so late. */
const learnEveryMs = 500
/** After a full batch there is more to read. */
const fullBatch = 1000
const forgetEveryMs = 10_000

/** Learns from the log which sends proved themselves, and forgets what is old. */
export function learnAndForget({ learn, forget, now, onError }: LearningTakes): Repeating {
  const options = { sleepAfterErrorMs: 2000, onError }
  let page = 0
  const learning = repeat(async () => ((await learn()) >= fullBatch ? 0 : learnEveryMs), options)
  const forgetting = repeat(async () => {
    page = await forget(page, now())
    return forgetEveryMs
  }, options)
  return {
    async stop() {
      await Promise.all([learning.stop(), forgetting.stop()])
    },
  }
}
