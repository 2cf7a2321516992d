import { Type } from 'typebox'
import { policyLimits } from '#access/core/policy.ts'
import { workflowSchema } from '#access/port.ts'
import { form } from '#platform/core/field-problem.ts'
import {
  channelSchema,
  localeSchema,
  metadataSchema,
  oneOf,
  orNull,
  range,
  shownText,
  time,
} from '#platform/http/schema-kit.ts'
import { verificationStatuses } from '#verification/core/verification.ts'

const transactionSchema = Type.Object(
  {
    id: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'Your name for it, for example of the order. Two starts share a code only when it is the same.',
      }),
    ),
    amount: Type.String({
      ...form('^(0|[1-9][0-9]{0,14})(\\.[0-9]{1,4})?$', 'a decimal like 120.00'),
      description:
        'Decimal, for example `120.00`, with no more decimals than the currency has (ISO 4217): it is shown as it is written, and never rounded.',
    }),
    currency: Type.String({
      ...form('^[A-Z]{3}$', 'three capital letters, like IDR'),
      description: 'ISO 4217, a currency in use.',
    }),
    payee: shownText(140, 'Who gets it.'),
  },
  {
    additionalProperties: false,
    description:
      'What the code authorises, shown to the person as it is written. A code of one amount and payee authorises no other.',
  },
)

const clientSchema = Type.Object(
  {
    ip: Type.Optional(
      Type.String({
        minLength: 2,
        maxLength: 45,
        description: 'IPv4 or IPv6 address of the person, not of your proxy or server.',
        examples: ['203.0.113.7'],
      }),
    ),
    user_agent: Type.Optional(Type.String({ maxLength: 500, description: "Of the person's browser or app." })),
    device_id: Type.Optional(
      Type.String({ minLength: 1, maxLength: 200, description: 'Your own name of the device or installation.' }),
    ),
  },
  {
    additionalProperties: false,
    description:
      'Who asked you for the code. Your pre-send hook is told; and when one network or device asks for many codes that ' +
      'nobody enters, further ones are refused.',
  },
)

export const startBody = Type.Object(
  {
    to: Type.String({
      minLength: 1,
      maxLength: 254,
      description:
        'Phone number in E.164 form. (An e-mail address is read too, and refused as long as no sender carries e-mail.)',
      examples: ['+6281234567890'],
    }),
    channel: Type.Optional(channelSchema),
    workflow: Type.Optional(workflowSchema),
    locale: Type.Optional(localeSchema),
    purpose: Type.Optional(
      Type.String({
        ...form('^[a-z0-9_.-]{1,40}$', '1 to 40 of a-z, 0-9, _ . and -'),
        description: 'What for. Codes are shared within one purpose. Default `verification`.',
      }),
    ),
    code_length: Type.Optional(
      Type.Integer({
        ...range(policyLimits.codeLength),
        description: "Digits of the code, no fewer than the application's, which is the default.",
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
    client: Type.Optional(clientSchema),
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
    code_length: Type.Integer({ description: 'Digits of the code.', examples: [6] }),
    test: Type.Boolean({ description: 'Started with a test key: nothing left the simulator.' }),
    checks_remaining: Type.Integer(),
    sends_remaining: Type.Integer(),
    created_at: time,
    expires_at: time,
    resend_after: orNull(time),
    resend_in_seconds: orNull(
      Type.Integer({
        description: 'The same as seconds from this answer on: what a page counts down, whatever its clock says.',
      }),
    ),
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
    type: Type.String({ description: 'As webhooks and the event stream call it.', examples: ['delivery.delivered'] }),
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
    result: Type.Optional(
      Type.String({
        description:
          'For a page with a client token that brought the right code: a JWT for your server, verified with `/.well-known/jwks.json`.',
      }),
    ),
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
