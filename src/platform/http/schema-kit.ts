import { type Static, type TSchema, type TUnsafe, Type } from 'typebox'
import { type Channel, offeredChannels } from '#platform/core/channel.ts'
import { form, namesForm } from '#platform/core/field-problem.ts'
import { localePattern, locales } from '#platform/core/locale.ts'
import { codePointsPerCharacter } from '#platform/core/shown-text.ts'

/** A clean `{type: string, enum: […]}`, which generated clients read as a union. */
export const oneOf = <const Values extends readonly string[]>(
  values: Values,
  options: Record<string, unknown> = {},
): TUnsafe<Values[number]> => Type.Unsafe<Values[number]>({ type: 'string', enum: values, ...options })

export const range = ({ min, max }: { readonly min: number; readonly max: number }) => ({ minimum: min, maximum: max })

/**
 * A text that a person reads beside ours, judged by the keyword `x-shown` (core/shown-text.ts). `maxLength` counts code
 * points, of which one character may have several.
 */
export const shownText = (characters: number, description = '') =>
  Type.String({
    minLength: 1,
    maxLength: codePointsPerCharacter * characters,
    'x-shown': { characters },
    description:
      `${description} One line of at most ${characters} characters, without links, and without characters that nobody sees or that change the direction of writing.`.trim(),
  })

/** The same for what a business writes in a chat, where paragraphs and links belong. */
export const proseText = (characters: number, description = '') =>
  Type.String({
    minLength: 1,
    maxLength: characters,
    'x-prose': true,
    description:
      `${description} Without control characters, and without those that change the direction of writing.`.trim(),
  })

export const nameSchema = shownText(100)

export const channelSchema = Type.Unsafe<Channel>({
  type: 'string',
  enum: offeredChannels,
  description: 'How a code travels.',
})

/** A tag of any language; `nearestLocale` reads it. */
export const localeSchema = Type.String({
  ...form(localePattern, 'the tag of a language, like en, id, es or pt-BR'),
  maxLength: 40,
  examples: [...locales],
  description:
    'Language of what the person reads: `en`, `id`, `es` or `pt-BR`. A tag with another region or spelling is read too (`es-419`, `id_ID`, `in`, `pt`).',
})

export const metadataSchema = Type.Record(
  Type.String({ pattern: '^[A-Za-z0-9_.-]{1,40}$' }),
  Type.String({ maxLength: 500 }),
  {
    maxProperties: 20,
    additionalProperties: false,
    ...namesForm('1 to 40 of A-Z, a-z, 0-9, _ . and -'),
    description: 'Kept with it, for you.',
  },
)

export const time = Type.String({ format: 'date-time' })

/** `type: [x, "null"]` and not a union: a union would be validated again each time an answer is written. */
export function orNull<Schema extends TSchema>(schema: Schema): TUnsafe<Static<Schema> | null> {
  const { type, enum: values, ...rest } = schema as Schema & { type?: string; enum?: readonly unknown[] }
  return Type.Unsafe<Static<Schema> | null>({
    ...rest,
    type: [type, 'null'],
    ...(values && { enum: [...values, null] }),
  })
}

export const problemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String({ description: 'Stable; see the list of refusals.' }),
    remedy: Type.String({ description: 'What to do next.' }),
    rule: Type.Optional(Type.String()),
    request_id: Type.String(),
    errors: Type.Optional(Type.Array(Type.Object({ path: Type.String(), problem: Type.String() }))),
  },
  { description: 'RFC 9457' },
)

export const idParameter = Type.Object({ id: Type.String({ maxLength: 64 }) })

export const idempotencyHeader = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      description:
        'Repeating a request with the same key repeats its answer, for 24 hours. Each application has keys of its own, in each mode.',
    }),
  ),
})
