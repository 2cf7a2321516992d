import { messagingRefusals } from '#messaging/core/refusals.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { managing } from '#platform/http/refusals.ts'

const { recipient_invalid, recipient_not_allowed } = platformRefusals
const { channel_unavailable } = messagingRefusals

/** What the calls of this module may be refused for besides what any may. */
export const refused = {
  list: [recipient_invalid, recipient_not_allowed],
  say: [...managing, recipient_invalid, recipient_not_allowed, channel_unavailable],
}
