import { Type } from 'typebox'
import type { EventSubject } from '#platform/core/event-subject.ts'
import { channelSchema, orNull } from '#platform/http/schema-kit.ts'
import { verificationEventKinds } from '#verification/core/event-kinds.ts'
import { verificationIds } from '#verification/core/ids.ts'

/** A verification as its events are told. No code is in them. */
export const verificationSubject: EventSubject = {
  idPrefix: verificationIds.verification,
  part: {
    name: 'delivery',
    idPrefix: verificationIds.delivery,
    description: 'The message that it is about, if it is about one.',
  },
  description:
    'What happened to a verification or one of its messages. A hint to look: how things stand now is what ' +
    '`GET /v1/verifications/{id}` answers. No code is in it.',
  permission: 'verification:read',
  isOfApplication: true,
  kinds: verificationEventKinds,
  told: {
    channel: orNull(channelSchema),
    reason: orNull(Type.String({ description: 'Why, where there is a why.' })),
    provider_code: orNull(Type.String({ description: "The provider's own code." })),
  },
  facts: { to: Type.String(), purpose: Type.String() },
}
