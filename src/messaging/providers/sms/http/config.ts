import { type Static, Type } from 'typebox'
import { form, namesForm } from '#platform/core/field-problem.ts'
import { failureReasons } from '#messaging/core/failure.ts'
import type { Sender } from '#messaging/core/sender.ts'

const headerForm = '1 to 60 of A-Z, a-z, 0-9 and -'
const path = (description: string) =>
  Type.String({
    ...form('^[A-Za-z0-9_$-]+(\\.[A-Za-z0-9_$-]+)*$', 'names with dots between, like result.message.id'),
    maxLength: 200,
    description,
  })
const oneOf = <const Values extends readonly string[]>(values: Values) =>
  Type.Unsafe<Values[number]>({ type: 'string', enum: values })

/** An SMS provider described in words instead of code: how to ask it, and how to read its answers and receipts. */
export const configSchema = Type.Object(
  {
    url: Type.String({ ...form('^https?://', 'a URL that begins with https:// or http://'), maxLength: 500 }),
    method: Type.Optional(oneOf(['POST', 'PUT', 'GET'] as const)),
    from: Type.Optional(Type.String({ maxLength: 30, description: 'Sender id or number, for {{from}}.' })),
    headers: Type.Optional(
      Type.Record(Type.String({ pattern: '^[A-Za-z0-9-]{1,60}$' }), Type.String({ maxLength: 1000 }), {
        additionalProperties: false,
        ...namesForm(headerForm),
      }),
    ),
    content_type: Type.Optional(oneOf(['application/json', 'application/x-www-form-urlencoded'] as const)),
    body: Type.Optional(
      Type.Record(Type.String({ maxLength: 60 }), Type.Unknown(), {
        description:
          'Members of the JSON object or fields of the form. Placeholders: {{to}} {{to_digits}} {{from}} {{text}} {{reference}} {{secret.NAME}}',
      }),
    ),
    success: Type.Optional(
      Type.Object(
        {
          http_status: Type.Optional(
            Type.Array(Type.Integer({ minimum: 200, maximum: 599 }), { minItems: 1, maxItems: 20 }),
          ),
          path: Type.Optional(path('Member of the answer that tells success.')),
          equals: Type.Optional(Type.Array(Type.String({ maxLength: 100 }), { minItems: 1, maxItems: 20 })),
        },
        { additionalProperties: false },
      ),
    ),
    id_path: Type.Optional(path("Member of the answer that holds the provider's message id. Default `id`.")),
    error_path: Type.Optional(path('Member of the answer that holds the error code.')),
    errors: Type.Optional(
      Type.Record(
        Type.String({ maxLength: 60 }),
        Type.Object(
          {
            reason: oneOf(failureReasons),
            retry_seconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 3600 })),
            alert: Type.Optional(Type.Boolean()),
          },
          { additionalProperties: false },
        ),
        { description: 'What its error codes mean, of answers and of receipts.' },
      ),
    ),
    receipts: Type.Optional(
      Type.Object(
        {
          list_path: Type.Optional(path('Member that holds the list of receipts, when they come wrapped.')),
          id_path: path('Member of a receipt that holds the message id.'),
          status_path: path('Member of a receipt that holds the status.'),
          statuses: Type.Record(
            Type.String({ maxLength: 60 }),
            oneOf(['sent', 'delivered', 'read', 'failed'] as const),
          ),
          error_path: Type.Optional(path('Member of a receipt that holds the error code.')),
          reference_path: Type.Optional(path('Member of a receipt that echoes {{reference}}.')),
          at_path: Type.Optional(path('Member of a receipt that holds the time: ISO 8601 or Unix seconds.')),
          signature: Type.Optional(
            Type.Object(
              {
                header: Type.String(form('^[A-Za-z0-9-]{1,60}$', headerForm)),
                encoding: Type.Optional(oneOf(['hex', 'base64'] as const)),
                prefix: Type.Optional(Type.String({ maxLength: 20 })),
              },
              {
                additionalProperties: false,
                description:
                  'HMAC-SHA-256 of the raw body under secret `webhook`. Without it, the receipts URL must carry ?token= with that secret.',
              },
            ),
          ),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
)

export const secretsSchema = Type.Record(
  Type.String({ pattern: '^[a-z_]{1,40}$' }),
  Type.String({ minLength: 1, maxLength: 4000 }),
  { additionalProperties: false, ...namesForm('1 to 40 of a-z and _') },
)

export type SmsHttpConfig = Static<typeof configSchema>

// Checked by the schema when the sender was made.
export const configOf = (sender: Pick<Sender, 'config'>): SmsHttpConfig => sender.config as SmsHttpConfig
