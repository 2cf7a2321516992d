import { accessIds } from '#access/core/ids.ts'
import { type EventSubject, spellSubject, tellData } from '#platform/core/event-subject.ts'
import { spellId } from '#platform/core/id.ts'
import type { LoggedEvent } from './format.ts'

/**
 * The body of our own webhooks (Standard Webhooks: `type`, `timestamp`, `data`). Made of what never changes, so that it
 * is the same each time it is sent. It is a hint to look, not the state: how things stand now is what the API answers.
 */
export const standardBody = (subject: EventSubject, event: LoggedEvent, facts: Readonly<Record<string, unknown>>) => ({
  type: event.kind,
  timestamp: event.at.toISOString(),
  data: {
    ...spellSubject(event.subjectKind, subject, event),
    ...(event.applicationId !== undefined && { application_id: spellId(accessIds.application, event.applicationId) }),
    ...facts,
    test: !event.live,
    ...tellData(subject, event.data),
  },
})
