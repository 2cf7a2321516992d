import { Type } from 'typebox'
import { senderEventKinds } from '#messaging/core/event-kinds.ts'
import { messagingIds } from '#messaging/core/ids.ts'
import { senderChanges } from '#messaging/core/sender-changes.ts'
import type { EventSubject } from '#platform/core/event-subject.ts'
import { channelSchema, oneOf, orNull } from '#platform/http/schema-kit.ts'

/** A sender as its events are told: codes travel by it, so that a change nobody meant has to be heard of. */
export const senderSubject: EventSubject = {
  idPrefix: messagingIds.sender,
  description: 'What happened to a sender. No credential is in it.',
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
    api_key_id: orNull(Type.String({ description: 'The key that did it; null: the operator did.' })),
  },
}
