import { Type } from 'typebox'
import { messageEventKinds, senderEventKinds } from '#messaging/core/event-kinds.ts'
import { messagingIds } from '#messaging/core/ids.ts'
import type { EventSubject } from '#platform/core/event-subject.ts'
import { channelSchema, oneOf, orNull } from '#platform/http/schema-kit.ts'

/** A message of a chat as its events are told: whose and which, not what was said. */
export const messageSubject: EventSubject = {
  idPrefix: messagingIds.message,
  description:
    'What happened to a message of a chat. A hint to look: what was said is what `GET /v1/messages/{id}` answers.',
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

/** What happened to a sender: what the provider told of it, and what its messages fail by. */
export const senderSubject: EventSubject = {
  idPrefix: messagingIds.sender,
  description:
    'What a provider told of a sender, and what its messages fail by. `GET /v1/senders` shows the newest of each.',
  isOfApplication: false,
  kinds: senderEventKinds,
  told: {
    channel: orNull(channelSchema),
    check: orNull(Type.String({ description: 'What it is about, for example one template.' })),
    state: orNull(oneOf(['ok', 'warning', 'problem'] as const)),
    detail: orNull(Type.String({ description: "In the provider's words." })),
    mend: orNull(Type.String({ description: 'What to do about it.' })),
    contact: orNull(Type.String({ description: 'The number whose account has changed, E.164.' })),
  },
  facts: { provider: Type.String(), purpose: Type.String() },
}
