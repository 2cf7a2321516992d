import { accessRefusals } from '#access/core/refusals.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { managing, posting } from '#platform/http/refusals.ts'

/** What the calls of this module may be refused for besides what any may. */
export const refused = {
  operate: [...posting, platformRefusals.operator_required, platformRefusals.operator_throttled],
  change: [...managing, accessRefusals.live_key_required],
}
