import { Type } from 'typebox'
import { senderEventKinds } from '#messaging/core/event-kinds.ts'
import { messagingIds } from '#messaging/core/ids.ts'
import { senderChanges } from '#messaging/core/sender-changes.ts'
import type { EventSubject } from '#platform/core/event-subject.ts'
import { channelSchema, oneOf, orNull } from '#platform/http/schema-kit.ts'

/**
 * A sender as its events are told: who changed it, since codes travel by it; what the provider told of it; and what its
 * messages fail by.
 */
export const senderSubject: EventSubject = {
  idPrefix: messagingIds.sender,
  description:
    'What happened to a sender: a change, what a provider told of it, what its messages fail by. `GET /v1/senders` shows the newest of each. No credential is in it.',
  permission: 'messaging:senders',
  isOfApplication: false,
  kinds: senderEventKinds,
  told: {
    channel: orNull(channelSchema),
    changed: orNull(
      Type.Array(oneOf(senderChanges), {
        description: 'Of a change: the host that it calls, its credentials, its settings.',
      }),
    ),
    api_key_id: orNull(Type.String({ description: 'The key that did it; null: the operator did, or nobody.' })),
    check: orNull(Type.String({ description: 'What it is about, for example one template.' })),
    state: orNull(oneOf(['ok', 'warning', 'problem'] as const)),
    detail: orNull(Type.String({ description: "In the provider's words." })),
    mend: orNull(Type.String({ description: 'What to do about it.' })),
    contact: orNull(Type.String({ description: 'The number whose account has changed, E.164.' })),
  },
  facts: { provider: Type.String(), purpose: Type.String() },
}
