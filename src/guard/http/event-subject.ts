import { Type } from 'typebox'
import { guardEventKinds } from '#guard/core/event-kinds.ts'
import { guardIds } from '#guard/core/ids.ts'
import { ruleIds } from '#guard/core/rules.ts'
import type { EventSubject } from '#platform/core/event-subject.ts'
import { oneOf, orNull } from '#platform/http/schema-kit.ts'

/** A broken rule as its events are told. No number of a person, no device and no whole address is in them. */
export const noticeSubject: EventSubject = {
  idPrefix: guardIds.notice,
  permission: 'guard:read',
  description:
    'A rule of the guard was broken. At most one event an hour for each counter; how often is in the metric ' +
    '`centang_guard_total`. What the rules are and how they are set: `GET /v1/guard/policy`.',
  isOfApplication: true,
  kinds: guardEventKinds,
  told: {
    rule: oneOf(ruleIds, { description: 'The rule.' }),
    country: orNull(Type.String({ description: 'ISO 3166-1, or the calling code with `+`.' })),
    prefix: orNull(Type.String({ description: 'The block or range of numbers, without the last digits.' })),
    network: orNull(Type.String({ description: 'The /24 or /48 that `client.ip` is of.' })),
  },
}
