import type { NewsListener } from '#messaging/core/news.ts'
import type { DeliveryKey } from '#verification/core/engine.ts'
import { applyNews } from './apply-receipts.ts'
import { checkCode } from './check-code.ts'
import { stepTo } from './choose-workflow.ts'
import { moveOn } from './move-on.ts'
import type { HandedIn, Outside } from './outside.ts'
import { createPerformer } from './perform.ts'
import { startVerification } from './start-verification.ts'
import { watchDue } from './watch-due.ts'

/** Routes pick from these the flows that they call. */
export type Flows = ReturnType<typeof createFlows>

/** The flows with what lies outside of them in their hands: what is handed in, and the queues that they share. */
export function createFlows(handedIn: HandedIn, onError: (error: unknown, effect: string) => void) {
  const performer = createPerformer(() => outside, onError)
  const outside: Outside = { ...handedIn, perform: performer.perform, reserve: performer.reserve }

  const withOutside =
    <Rest extends unknown[], Answer>(flow: (outside: Outside, ...rest: Rest) => Answer) =>
    (...rest: Rest): Answer =>
      flow(outside, ...rest)

  return {
    start: withOutside(startVerification),
    check: withOutside(checkCode),
    move: withOutside(moveOn),
    stepTo: withOutside(stepTo),
    load: (verification: DeliveryKey) => handedIn.engine.load(verification),
    takeNews: withOutside(applyNews) satisfies NewsListener,
    /** Begins what time drives. */
    watchDue: withOutside(watchDue),
    drain: performer.drain,
  }
}
