import { Type } from 'typebox'
import type { EventSubjects } from '#platform/core/event-subject.ts'
import { spellId } from '#platform/core/id.ts'
import { oneOf, orNull } from '#platform/http/schema-kit.ts'
import { webhookProblems } from '#webhooks/core/delivery.ts'
import { type WebhookDelivery, webhookStatuses } from '#webhooks/core/endpoint.ts'
import { webhooksIds } from '#webhooks/core/ids.ts'

export const deliverySchema = Type.Object(
  {
    id: Type.String({ description: 'The `webhook-id` it is sent with, each time the same.' }),
    type: orNull(Type.String()),
    part: Type.String({
      description:
        '`event`, or what else its format makes of one event: one may tell of an end twice, of the step and (`summary`) of the whole.',
    }),
    subject: Type.String({ description: 'What it is about.', examples: ['verification'] }),
    subject_id: orNull(Type.String({ description: 'Its id; null when this server no longer knows such things.' })),
    status: oneOf(webhookStatuses),
    send_count: Type.Integer(),
    response_status: orNull(Type.Integer({ description: 'What the endpoint answered last.' })),
    problem: orNull(Type.String({ description: webhookProblems.map((problem) => `\`${problem}\``).join(', ') })),
    created_at: Type.String(),
    sent_at: orNull(Type.String()),
    next_send_at: orNull(Type.String()),
    settled_at: orNull(Type.String()),
  },
  { description: 'One event on its way to one endpoint.' },
)

export const progressSchema = Type.Object(
  {
    waiting: Type.Integer({ description: 'Due, and not sent since then.' }),
    delivered: Type.Integer(),
    retrying: Type.Integer({ description: 'Sent and not taken; they are sent again later.' }),
    failed: Type.Integer(),
    caught_up: Type.Boolean({ description: 'False: there are events that have not become deliveries yet.' }),
  },
  { description: 'How far sending has come.' },
)

const iso = (date: Date | undefined): string | null => date?.toISOString() ?? null

export function representDelivery(subjects: EventSubjects, delivery: WebhookDelivery) {
  const subject = subjects[delivery.subjectKind]
  return {
    id: spellId(webhooksIds.webhookDelivery, delivery.id),
    type: delivery.kind ?? null,
    part: delivery.part,
    subject: delivery.subjectKind,
    subject_id: subject ? spellId(subject.idPrefix, delivery.subjectId) : null,
    status: delivery.status,
    send_count: delivery.sendCount,
    response_status: delivery.responseStatus ?? null,
    problem: delivery.problem ?? null,
    created_at: delivery.createdAt.toISOString(),
    sent_at: iso(delivery.sentAt),
    next_send_at: iso(delivery.dueAt),
    settled_at: iso(delivery.settledAt),
  }
}
