import type { FastifySchema } from 'fastify'
import type { RefusalEntry } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { isKeyless } from '#platform/core/permission.ts'
import { problemSchema } from './schema-kit.ts'

declare module 'fastify' {
  interface FastifySchema {
    /** What else a call answers; documented, and not compiled into serialisers that nothing would use. */
    refusals?: readonly RefusalEntry[]
  }
}

const { body_invalid, credentials_missing, credentials_invalid, resource_not_found } = platformRefusals

const everywhere: readonly RefusalEntry[] = [
  credentials_missing,
  credentials_invalid,
  body_invalid,
  platformRefusals.request_unreadable,
  platformRefusals.request_too_slow,
  platformRefusals.headers_too_large,
  platformRefusals.host_not_allowed,
  platformRefusals.busy,
  platformRefusals.database_unavailable,
  platformRefusals.internal,
]

/** What every call with a body may be refused for. */
export const posting: readonly RefusalEntry[] = [
  platformRefusals.idempotency_key_invalid,
  platformRefusals.idempotency_key_reused,
  platformRefusals.idempotency_answer_gone,
  platformRefusals.payload_too_large,
  platformRefusals.content_type_unsupported,
]

/** The same for calls about something under an id. */
export const managing: readonly RefusalEntry[] = [...posting, resource_not_found]

const ofKeys: readonly RefusalEntry[] = [platformRefusals.permission_missing, platformRefusals.address_not_allowed]

const ofOperators: readonly RefusalEntry[] = [platformRefusals.operator_required, platformRefusals.operator_throttled]

/** The refusals of a call as OpenAPI answers, one entry a status, each naming its codes. */
function refusalsOf(own: readonly RefusalEntry[]): Record<number, object> {
  const byStatus = Map.groupBy([...everywhere, ...own], ({ status }) => status)
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [
      status,
      {
        description: group.map(({ code }) => `\`${code}\``).join(', '),
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    ]),
  )
}

interface Permitting {
  readonly permission: string | undefined
  /** Those that hold it. */
  readonly scopes: readonly string[]
}

/** A route's schema as the OpenAPI file shows it; routes of the simulator have none. */
export function documentRefusals(given: FastifySchema | undefined, of: Permitting): FastifySchema {
  const { refusals, ...schema } = given ?? {}
  if (refusals === undefined) return schema
  const { permission } = of
  const takesKey = permission !== undefined && !isKeyless(permission)
  const own = [...refusals, ...(takesKey ? ofKeys : permission === 'operator' ? ofOperators : [])]
  const holders = takesKey ? `Needs \`${permission}\`: scope ${of.scopes.map((one) => `\`${one}\``).join(' or ')}.` : ''
  return {
    ...schema,
    description: [schema.description, holders].filter(Boolean).join(' '),
    ...(takesKey && { 'x-permission': permission }),
    response: { ...(schema.response as object), ...refusalsOf(own) },
  }
}
