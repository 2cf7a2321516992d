import { type Static, type TSchema, type TUnsafe, Type } from 'typebox'
import { channels } from '#messaging/core/channel.ts'
import { policyLimits, stepWaitDefaultSeconds } from '#access/core/policy.ts'
import { verificationStatuses } from '#verification/core/verification.ts'

/** A clean `{type: string, enum: […]}`, which generated clients read as a union. */
export const oneOf = <const Values extends readonly string[]>(
  values: Values,
  options: Record<string, unknown> = {},
): TUnsafe<Values[number]> => Type.Unsafe<Values[number]>({ type: 'string', enum: values, ...options })

export const range = ({ min, max }: { readonly min: number; readonly max: number }) => ({ minimum: min, maximum: max })

export const nameSchema = Type.String({ minLength: 1, maxLength: 100, pattern: '^[^\\u0000-\\u001f\\u007f]+$' })

export const channelSchema = oneOf(channels, { description: 'How a code travels.' })

const transactionSchema = Type.Object(
  {
    amount: Type.String({ pattern: '^[0-9]{1,15}(\\.[0-9]{1,4})?$', description: 'Decimal, for example `120.00`.' }),
    currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217.' }),
    payee: Type.String({ minLength: 1, maxLength: 140 }),
  },
  {
    additionalProperties: false,
    description: 'What the code authorises. A code of one amount and payee authorises no other.',
  },
)

export const workflowSchema = Type.Array(
  Type.Object(
    {
      channel: channelSchema,
      wait_seconds: Type.Optional(
        Type.Integer({
          ...range(policyLimits.stepWaitSeconds),
          description: `Go on after so long without delivery. Default ${stepWaitDefaultSeconds}.`,
        }),
      ),
    },
    { additionalProperties: false },
  ),
  { minItems: policyLimits.workflowSteps.min, maxItems: policyLimits.workflowSteps.max },
)

export const localeSchema = oneOf(['en', 'id', 'es', 'pt-BR'] as const, {
  description: 'Language of the message (BCP 47).',
})

export const metadataSchema = Type.Record(
  Type.String({ pattern: '^[A-Za-z0-9_.-]{1,40}$' }),
  Type.String({ maxLength: 500 }),
  { maxProperties: 20, additionalProperties: false, description: 'Kept with it, for you.' },
)

export const startBody = Type.Object(
  {
    to: Type.String({
      minLength: 1,
      maxLength: 254,
      description: 'Phone number in E.164 form, or an e-mail address.',
      examples: ['+6281234567890'],
    }),
    channel: Type.Optional(channelSchema),
    workflow: Type.Optional(workflowSchema),
    locale: Type.Optional(localeSchema),
    purpose: Type.Optional(
      Type.String({
        pattern: '^[a-z0-9_.-]{1,40}$',
        description: 'One pending verification per purpose. Default `verification`.',
      }),
    ),
    code_length: Type.Optional(
      Type.Integer({
        ...range(policyLimits.codeLength),
        description: "Digits of the code. Default: the application's.",
      }),
    ),
    expires_in_seconds: Type.Optional(
      Type.Integer({
        ...range(policyLimits.expiresInSeconds),
        description: "Lifetime of the code. Default: the application's.",
      }),
    ),
    code: Type.Optional(
      Type.String({ minLength: 4, maxLength: 64, description: "A code of your own making instead of the server's." }),
    ),
    transaction: Type.Optional(transactionSchema),
    metadata: Type.Optional(metadataSchema),
  },
  { additionalProperties: false, examples: [{ to: '+6281234567890', locale: 'id' }] },
)

export const checkBody = Type.Object(
  {
    code: Type.String({
      minLength: 1,
      maxLength: 64,
      description: 'As the person typed it: spaces, dashes and digits of any script are read.',
    }),
    transaction: Type.Optional(transactionSchema),
  },
  { additionalProperties: false, examples: [{ code: '123 456' }] },
)

export const channelBody = Type.Optional(
  Type.Union([Type.Object({ channel: Type.Optional(channelSchema) }, { additionalProperties: false }), Type.Null()]),
)

const time = Type.String({ format: 'date-time' })

/** `type: [x, "null"]` and not a union: a union would be validated again each time an answer is written. */
export function orNull<Schema extends TSchema>(schema: Schema): TUnsafe<Static<Schema> | null> {
  const { type, enum: values, ...rest } = schema as Schema & { type?: string; enum?: readonly unknown[] }
  return Type.Unsafe<Static<Schema> | null>({
    ...rest,
    type: [type, 'null'],
    ...(values && { enum: [...values, null] }),
  })
}

export const deliverySchema = Type.Object({
  id: Type.String(),
  channel: channelSchema,
  status: oneOf(['queued', 'sent', 'delivered', 'read', 'failed', 'unknown'] as const),
  reason: orNull(Type.String({ description: 'Why it failed, in our words.' })),
  detail: orNull(Type.String({ description: 'Why, for people.' })),
  provider_code: orNull(Type.String({ description: "The provider's own code, raw." })),
  queued_at: time,
  sent_at: orNull(time),
  delivered_at: orNull(time),
  read_at: orNull(time),
  failed_at: orNull(time),
})

export const verificationSchema = Type.Object(
  {
    id: Type.String({ examples: ['ver_019a6b0c2f4e7c3d8a51e2f60b7d9c14'] }),
    status: oneOf(verificationStatuses),
    to: Type.String({ examples: ['+6281234567890'] }),
    channel: channelSchema,
    purpose: Type.String(),
    locale: Type.String(),
    test: Type.Boolean({ description: 'Started with a test key: nothing left the simulator.' }),
    checks_remaining: Type.Integer(),
    sends_remaining: Type.Integer(),
    created_at: time,
    expires_at: time,
    resend_after: orNull(time),
    ended_at: orNull(time),
    transaction: orNull(transactionSchema),
    metadata: orNull(Type.Record(Type.String(), Type.String())),
    workflow: Type.Array(Type.Object({ channel: channelSchema, wait_seconds: Type.Integer() })),
    deliveries: Type.Array(deliverySchema),
  },
  { description: 'The verification as it stands now.' },
)

export const timelineSchema = Type.Array(
  Type.Object({
    at: time,
    kind: Type.String(),
    channel: orNull(channelSchema),
    reason: orNull(Type.String()),
    provider_code: orNull(Type.String()),
    delivery_id: orNull(Type.String()),
  }),
)

export const verificationWithTimelineSchema = Type.Object(
  {
    ...verificationSchema.properties,
    timeline: timelineSchema,
  },
  { description: 'The verification with everything that happened to it.' },
)

export const checkSchema = Type.Object(
  {
    id: Type.String(),
    status: oneOf(verificationStatuses),
    valid: Type.Boolean({ description: 'Whether the code was right.' }),
    checks_remaining: Type.Integer({ description: 'Wrong codes that are still allowed.' }),
  },
  { description: 'Right or wrong: both are answers.' },
)

export const clientTokenSchema = Type.Object(
  {
    token: Type.String({ description: '`ct_…`. Opens this verification and nothing else.' }),
    expires_at: time,
  },
  { description: 'For a page: read, check, resend and next of this one verification.' },
)

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
    Type.String({ description: 'Repeating a request with the same key repeats its answer, for 24 hours.' }),
  ),
})
