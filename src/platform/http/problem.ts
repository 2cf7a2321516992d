import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal, type RefusalFacts } from '#platform/core/refusal.ts'
import { problemOfField } from '#platform/core/field-problem.ts'
import { isDatabaseAway } from '#platform/core/passing-fault.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

/** RFC 9457. `type` is a page of this server, relative to it (§3.1.1); nothing here ever repeats input. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly remedy: string
  readonly rule?: string
  readonly request_id: string
  readonly errors?: readonly { readonly path: string; readonly problem: string }[]
}

/** @param basePath what stands before every path of this server, as the client sees it */
export function problemOf(refusal: Refusal, requestId: string, basePath: string): Problem {
  const { entry } = refusal
  return {
    type: `${basePath}/errors#${refusal.code}`,
    title: entry.title,
    status: entry.status,
    code: refusal.code,
    remedy: entry.remedy,
    ...(entry.rule !== undefined && { rule: entry.rule }),
    request_id: requestId,
    ...(refusal.facts.errors && { errors: refusal.facts.errors }),
  }
}

export function answerProblem(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const { retryAfterSeconds, allow, quota } = refusal.facts
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', String(retryAfterSeconds))
  if (allow !== undefined) void reply.header('allow', allow)
  if (quota !== undefined) tellQuota(reply, quota)
  const problem = problemOf(refusal, reply.request.id, reply.server.basePath)
  // Sent as text: a route's response schema is about its own answers.
  return reply
    .status(problem.status)
    .type('application/problem+json')
    .serializer((payload: unknown) => payload as string)
    .send(JSON.stringify(problem))
}

/** draft-ietf-httpapi-ratelimit-headers in the three headers of its earlier versions, which clients read. */
export function tellQuota(reply: FastifyReply, quota: NonNullable<RefusalFacts['quota']>): void {
  void reply
    .header('ratelimit-limit', String(quota.limit))
    .header('ratelimit-remaining', String(quota.remaining))
    .header('ratelimit-reset', String(quota.resetSeconds))
}

/** Everything that is thrown becomes a refusal of the catalogue; what is not known is `internal` and logged. */
export function handleError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return answerProblem(reply, judgeError(error, request))
}

/** The refusal that an error is, with its line in the log; the answer is left to whoever has a shape of its own for it. */
export function judgeError(error: unknown, request: FastifyRequest): Refusal {
  const refusal = toRefusal(error, request)
  const { status } = refusal.entry
  const { id: reqId } = request
  if (refusal.code === 'busy') {
    // There may be thousands in a second, and a stack tells nothing of them.
    request.log.warn({ reqId, refusal: refusal.code, detail: refusal.facts.detail }, 'request refused')
  } else if (status >= 500) {
    request.log.error({ reqId, err: refusal.facts.cause ?? refusal, refusal: refusal.code }, 'request failed')
  } else if (refusal.facts.cause !== undefined) {
    request.log.warn({ reqId, err: refusal.facts.cause, refusal: refusal.code }, 'request refused')
  } else if (status === 401) {
    // Who guesses keys is found by this line.
    request.log.info({ reqId, ip: request.ip, refusal: refusal.code }, 'credentials refused')
  }
  return refusal
}

interface FastifyFault {
  readonly code?: string
  readonly statusCode?: number
  readonly validation?: readonly {
    readonly instancePath: string
    readonly keyword?: string
    readonly schemaPath?: string
    readonly message?: string
    readonly params?: unknown
  }[]
  readonly validationContext?: 'body' | 'params' | 'querystring' | 'headers'
}

function toRefusal(error: unknown, request: FastifyRequest): Refusal {
  if (error instanceof Refusal) return error
  const fault = (typeof error === 'object' && error !== null ? error : {}) as FastifyFault
  if (fault.validation) return new Refusal(platformRefusals.body_invalid, { errors: fieldErrors(fault, request) })
  if (fault.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new Refusal(platformRefusals.content_type_unsupported)
  if (fault.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new Refusal(platformRefusals.payload_too_large)
  if (isDatabaseAway(error))
    return new Refusal(platformRefusals.database_unavailable, { retryAfterSeconds: 2, cause: error })
  if (isUnstorable(error)) {
    const errors = [{ path: '', problem: 'A value cannot be stored.' }]
    return new Refusal(platformRefusals.body_invalid, { errors, cause: error })
  }
  if (error instanceof SyntaxError || fault.code?.startsWith('FST_ERR_CTP') || fault.code === 'FST_ERR_VALIDATION') {
    return new Refusal(platformRefusals.body_invalid, { errors: [{ path: 'body', problem: 'is not JSON' }] })
  }
  if (fault.statusCode !== undefined && fault.statusCode >= 400 && fault.statusCode < 500) {
    return new Refusal(platformRefusals.request_unreadable)
  }
  return new Refusal(platformRefusals.internal, { cause: error })
}

function fieldErrors(fault: FastifyFault, request: FastifyRequest): { path: string; problem: string }[] {
  const { validationContext: part = 'body' } = fault
  const schema = request.routeOptions.schema?.[part]
  return (fault.validation ?? []).flatMap((one) => {
    const { missingProperty } = (one.params ?? {}) as Record<string, string | undefined>
    const field = missingProperty === undefined ? '' : `/${missingProperty}`
    const path = `${part}${one.instancePath}${field}`
    const problem = problemOfField(one, schema)
    return problem === undefined ? [] : [{ path, problem }]
  })
}

/** PostgreSQL's class 22 (data exception): a value that passed every check of ours and is still none of its type. */
function isUnstorable(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown }
  return typeof code === 'string' && /^22[0-9A-Z]{3}$/.test(code)
}
