import { Type } from 'typebox'
import type { EventSubject } from '#platform/core/event-subject.ts'
import { orNull } from '#platform/http/schema-kit.ts'
import { factorEventKinds } from '#totp/core/event-kinds.ts'
import { totpIds } from '#totp/core/ids.ts'

/** An authenticator app as its events are told. They say all of it: when they are read, the app may be gone. */
export const factorSubject: EventSubject = {
  idPrefix: totpIds.factor,
  part: {
    name: 'challenge',
    idPrefix: totpIds.challenge,
    description: 'The challenge that it is about, if it is about one.',
  },
  description: 'What happened to an authenticator app. No secret and no code is in it.',
  permission: 'totp:read',
  isOfApplication: true,
  kinds: factorEventKinds,
  told: {
    identity: orNull(Type.String({ description: 'The person, as the business names them.' })),
    factor_name: orNull(Type.String()),
  },
}
