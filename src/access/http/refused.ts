import { accessRefusals } from '#access/core/refusals.ts'
import { managing } from '#platform/http/refusals.ts'

/** What the calls of this module may be refused for besides what any may. */
export const refused = {
  change: [...managing, accessRefusals.live_key_required],
}
