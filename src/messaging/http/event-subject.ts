import { Type } from 'typebox'
import { messageEventKinds } from '#messaging/core/event-kinds.ts'
import { messagingIds } from '#messaging/core/ids.ts'
import type { EventSubject } from '#platform/core/event-subject.ts'
import { channelSchema, oneOf, orNull } from '#platform/http/schema-kit.ts'

/** A message of a chat as its events are told: whose and which, not what was said. */
export const messageSubject: EventSubject = {
  idPrefix: messagingIds.message,
  description:
    'What happened to a message of a chat. A hint to look: what was said is what `GET /v1/messages/{id}` answers.',
  permission: 'messaging:read',
  isOfApplication: false,
  kinds: messageEventKinds,
  told: {
    channel: orNull(channelSchema),
    message_type: orNull(Type.String({ description: 'What was received: `text`, `image`, `edit`, …' })),
    choice: orNull(Type.String({ description: 'The id of what was tapped, if something was.' })),
    reason: orNull(Type.String({ description: 'Why, where there is a why.' })),
    provider_code: orNull(Type.String({ description: "The provider's own code." })),
  },
  facts: {
    direction: oneOf(['out', 'in'] as const),
    contact: orNull(Type.String({ description: 'The number of the person, E.164; null when nobody has told it.' })),
    contact_id: Type.String({ description: 'The person, whether their number is known or not.' }),
    sender_id: Type.String({ description: 'Where it was sent from, or came in.' }),
  },
}
