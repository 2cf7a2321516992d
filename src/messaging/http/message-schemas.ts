import { form } from '#platform/core/field-problem.ts'
import { type Static, Type } from 'typebox'
import { spellId } from '#platform/core/id.ts'
import type { ChatContent, Choice } from '#messaging/core/chat.ts'
import type { StoredMessage } from '#messaging/core/message.ts'
import { reasonText } from '#messaging/core/reasons.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { metadataSchema, oneOf, orNull, proseText, shownText } from '#platform/http/schema-kit.ts'
import { messagingIds } from '#messaging/core/ids.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

/** Limits of WhatsApp's interactive messages (Cloud API, "Messages"). */
const choiceSchema = (limits: { readonly id: number; readonly title: number }) => ({
  id: Type.String({ minLength: 1, maxLength: limits.id, description: 'Comes back when it is tapped.' }),
  title: shownText(limits.title),
})
const text = proseText(4096)
const textWithChoicesMax = 1024

export const messageBody = Type.Object(
  {
    to: Type.Optional(Type.String({ minLength: 1, maxLength: 40, description: 'Phone number in E.164 form.' })),
    contact_id: Type.Optional(
      Type.String({
        maxLength: 64,
        description:
          'Instead of `to`: somebody who has written, also when nobody has told their number. A WhatsApp user id is never a number: it does not go into `to`.',
      }),
    ),
    text: Type.Optional(text),
    buttons: Type.Optional(
      Type.Array(Type.Object(choiceSchema({ id: 256, title: 20 }), { additionalProperties: false }), {
        minItems: 1,
        maxItems: 3,
        description: 'Under the text, which may then have 1,024 characters.',
      }),
    ),
    list: Type.Optional(
      Type.Object(
        {
          label: shownText(20, 'Of the button that opens it.'),
          choices: Type.Array(
            Type.Object(
              {
                ...choiceSchema({ id: 200, title: 24 }),
                description: Type.Optional(shownText(72)),
              },
              { additionalProperties: false },
            ),
            { minItems: 1, maxItems: 10 },
          ),
        },
        { additionalProperties: false, description: 'A list to choose from, under the text.' },
      ),
    ),
    template: Type.Optional(
      Type.Object(
        {
          name: Type.String(form('^[a-z0-9_]{1,512}$', 'a-z, 0-9 and _, as Meta names templates')),
          language: Type.String({
            ...form('^[a-z]{2,3}(_[A-Z]{2})?$', "a language in Meta's spelling, like pt_BR"),
            description: "Meta's spelling: `pt_BR`.",
          }),
          parameters: Type.Optional(
            Type.Array(shownText(1024), {
              maxItems: 20,
              description: 'Texts of its body, in their order.',
            }),
          ),
          payloads: Type.Optional(
            Type.Array(Type.String({ minLength: 1, maxLength: 256 }), {
              maxItems: 10,
              description: 'What its quick replies send back, in their order.',
            }),
          ),
        },
        {
          additionalProperties: false,
          description: 'An approved template: reaches also people who have not written in the last 24 hours.',
        },
      ),
    ),
    reply_to: Type.Optional(
      Type.String({ maxLength: 64, description: 'The message that it answers; without `to` it goes to who wrote it.' }),
    ),
    metadata: Type.Optional(metadataSchema),
  },
  {
    additionalProperties: false,
    examples: [
      { to: '+6281234567890', template: { name: 'appointment', language: 'id', parameters: ['Budi', '1 Des, 09:00'] } },
    ],
  },
)

const time = Type.String({ format: 'date-time' })

export const messageSchema = Type.Object(
  {
    id: Type.String(),
    direction: oneOf(['out', 'in'] as const, { description: '`in`: the person wrote or tapped it.' }),
    contact: orNull(Type.String({ description: 'The number of the person, E.164; null when nobody has told it.' })),
    contact_id: Type.String({ description: 'The person, whether their number is known or not.' }),
    contact_name: orNull(Type.String({ description: 'How they call themselves.' })),
    type: orNull(Type.String({ description: 'Of one that was received, what it is: `text`, `image`, `edit`, …' })),
    group: orNull(Type.String({ description: "The provider's id of the group in which it was said." })),
    status: oneOf(['sending', 'sent', 'delivered', 'read', 'failed', 'unknown', 'received'] as const, {
      description: '`unknown`: the answer was lost; it may have arrived, and is not sent again.',
    }),
    text: orNull(Type.String()),
    choice: orNull(Type.String({ description: 'The id of what was tapped.' })),
    template: orNull(Type.String()),
    reply_to: orNull(Type.String()),
    sender_id: Type.String(),
    reason: orNull(Type.String()),
    detail: orNull(Type.String({ description: 'Why it failed, for people.' })),
    provider_code: orNull(Type.String()),
    metadata: orNull(Type.Record(Type.String(), Type.String())),
    created_at: time,
    sent_at: orNull(time),
    delivered_at: orNull(time),
    read_at: orNull(time),
    failed_at: orNull(time),
  },
  { description: 'The message as it stands now.' },
)

export const invalid = (path: string, problem: string): Refusal =>
  new Refusal(platformRefusals.body_invalid, { errors: [{ path, problem }] })

/** What a schema can't say: exactly one kind of message, and choices that can be told apart. */
export function readContent(body: Static<typeof messageBody>): ChatContent {
  const { text: words, buttons, list, template } = body
  if (template) {
    const other = words !== undefined || buttons || list
    if (other) throw invalid('body/template', 'brings its own text and buttons: leave out text, buttons and list')
    const { name, language, parameters = [], payloads = [] } = template
    return { kind: 'template', name, language, parameters, payloads }
  }
  if (words === undefined) throw invalid('body/text', 'is required, unless a template is named')
  if (buttons && list) throw invalid('body/list', 'and buttons can not be in one message')
  const choices = buttons ?? list?.choices
  if (choices && words.length > textWithChoicesMax)
    throw invalid('body/text', `must have at most ${textWithChoicesMax} characters with buttons or a list`)
  if (choices) requireDistinct(choices, buttons ? 'body/buttons' : 'body/list/choices', buttons !== undefined)
  if (buttons) return { kind: 'buttons', text: words, buttons }
  if (list) return { kind: 'list', text: words, label: list.label, choices: list.choices }
  return { kind: 'text', text: words }
}

function requireDistinct(choices: readonly Choice[], path: string, titlesToo: boolean): void {
  const isDistinct = (values: readonly string[]): boolean => new Set(values).size === values.length
  if (!isDistinct(choices.map(({ id }) => id))) throw invalid(path, 'must have distinct ids')
  if (titlesToo && !isDistinct(choices.map(({ title }) => title))) throw invalid(path, 'must have distinct titles')
}

const iso = (date: Date | undefined): string | null => date?.toISOString() ?? null

export function representMessage(message: StoredMessage): Static<typeof messageSchema> {
  const { content, failure, replyTo, status } = message
  return {
    id: spellId(messagingIds.message, message.id),
    direction: message.direction,
    contact: message.contact.phone ?? null,
    contact_id: spellId(messagingIds.contact, message.contact.id),
    contact_name: message.contact.name ?? null,
    type: content.kind === 'inbound' ? content.type : null,
    group: content.kind === 'inbound' ? (content.group ?? null) : null,
    status: status === 'queued' ? 'sending' : status,
    text: content.kind === 'template' ? null : content.text,
    choice: content.kind === 'inbound' ? (content.choice ?? null) : null,
    template: content.kind === 'template' ? content.name : null,
    reply_to: replyTo === undefined ? null : spellId(messagingIds.message, replyTo),
    sender_id: spellId(messagingIds.sender, message.senderId),
    reason: failure?.reason ?? null,
    detail: failure ? reasonText(failure.reason) : null,
    provider_code: failure?.providerCode ? failure.providerCode : null,
    metadata: message.metadata ? { ...message.metadata } : null,
    created_at: message.createdAt.toISOString(),
    sent_at: iso(message.sentAt),
    delivered_at: iso(message.deliveredAt),
    read_at: iso(message.readAt),
    failed_at: iso(message.failedAt),
  }
}
