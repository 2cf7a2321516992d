import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Application } from '#access/core/business.ts'
import { accessIds } from '#access/core/ids.ts'
import { policyLimits, stepWaitDefaultSeconds } from '#access/core/policy.ts'
import { accessRefusals } from '#access/core/refusals.ts'
import { requireMayChange } from '#access/flows/may-change.ts'
import type { ApiKey, BusinessStore } from '#access/store/businesses.ts'
import { spellId } from '#platform/core/id.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { callerOf, requireCaller } from '#platform/http/authenticate.ts'
import type { IdempotentRequests } from '#platform/http/idempotency.ts'
import { managing } from '#platform/http/refusals.ts'
import { requireId } from '#platform/http/require-id.ts'
import {
  idempotencyHeader,
  idParameter,
  localeSchema,
  nameSchema,
  oneOf,
  orNull,
  range,
} from '#platform/http/schema-kit.ts'
import { refused } from './refused.ts'
import { workflowSchema } from './workflow-schema.ts'

interface BusinessRoutes extends Pick<IdempotentRequests, 'answerOnce'> {
  readonly businesses: BusinessStore
  readonly now: () => Date
}

const policySchema = Type.Object(
  {
    code_length: Type.Integer(range(policyLimits.codeLength)),
    expires_in_seconds: Type.Integer(range(policyLimits.expiresInSeconds)),
    check_count_max: Type.Integer(range(policyLimits.checkCountMax)),
    send_count_max: Type.Integer(range(policyLimits.sendCountMax)),
    resend_waits_seconds: Type.Array(Type.Integer({ minimum: 0, maximum: 600 }), { minItems: 1, maxItems: 10 }),
  },
  { additionalProperties: false },
)

const applicationSchema = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    brand: Type.String(),
    locale: Type.String(),
    domain: orNull(Type.String()),
    policy: policySchema,
    workflow: workflowSchema,
    created_at: Type.String(),
  },
  { description: 'The application.' },
)

const applicationChanges = Type.Object(
  {
    name: Type.Optional(nameSchema),
    brand: Type.Optional(nameSchema),
    locale: Type.Optional(localeSchema),
    domain: Type.Optional(
      orNull(Type.String({ pattern: '^(?!-)[A-Za-z0-9-]{1,63}(\\.[A-Za-z0-9-]{1,63})+$', maxLength: 253 })),
    ),
    policy: Type.Optional(Type.Partial(policySchema, { additionalProperties: false })),
    workflow: Type.Optional(workflowSchema),
  },
  { additionalProperties: false, minProperties: 1, examples: [{ brand: 'Toko Budi', locale: 'id' }] },
)

const keySchema = Type.Object({
  id: Type.String(),
  application_id: Type.String(),
  mode: oneOf(['test', 'live'] as const),
  hint: Type.String({ description: 'The last four characters.' }),
  created_at: Type.String(),
  revoked_at: orNull(Type.String()),
})

const newKeySchema = Type.Object(
  { ...keySchema.properties, key: Type.String({ description: 'Shown this once.' }) },
  { description: 'The key.' },
)

/** For a business: its applications and keys. */
export const businessRoutes =
  (takes: BusinessRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    requireCaller(app)
    await app.register(readingApplications(takes))
    await app.register(changingApplications(takes))
    await app.register(apiKeys(takes))
  }

/** Its applications as they are. */
const readingApplications =
  ({ businesses }: BusinessRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/applications',
      {
        schema: {
          operationId: 'listApplications',
          summary: 'List applications',
          tags: ['Applications'],
          response: { 200: Type.Object({ data: Type.Array(applicationSchema) }, { description: 'The applications.' }) },
          refusals: managing,
        },
      },
      async (request) => ({
        data: (await businesses.listApplications(callerOf(request).businessId)).map(representApplication),
      }),
    )

    app.get(
      '/applications/:id',
      {
        schema: {
          operationId: 'getApplication',
          summary: 'Read an application',
          tags: ['Applications'],
          params: idParameter,
          response: { 200: applicationSchema },
          refusals: managing,
        },
      },
      async (request) => {
        const id = requireId(accessIds.application, request.params.id)
        const found = await businesses.findApplication(callerOf(request).businessId, id)
        if (!found) throw new Refusal(platformRefusals.resource_not_found)
        return representApplication(found)
      },
    )
  }

/** What verifications of an application begin with. */
const changingApplications =
  ({ businesses }: BusinessRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.patch(
      '/applications/:id',
      {
        schema: {
          operationId: 'changeApplication',
          summary: 'Change an application',
          description:
            'Brand, language, code policy and workflow. Pending verifications keep the policy they started with. ' +
            'Once the business has a live key, only a live key may.',
          tags: ['Applications'],
          params: idParameter,
          body: applicationChanges,
          response: { 200: applicationSchema },
          refusals: refused.change,
        },
      },
      async (request) => {
        const { policy, workflow, ...rest } = request.body
        const caller = callerOf(request)
        const id = requireId(accessIds.application, request.params.id)
        await requireMayChange(businesses, caller)
        const changed = await businesses.changeApplication(caller.businessId, id, {
          ...rest,
          ...(policy && { policy: readPolicy(policy) }),
          ...(workflow && {
            workflow: workflow.map(({ channel, wait_seconds = stepWaitDefaultSeconds }) => ({
              channel,
              waitSeconds: wait_seconds,
            })),
          }),
        })
        if (!changed) throw new Refusal(platformRefusals.resource_not_found)
        return representApplication(changed)
      },
    )
  }

/** Keys, which are shown whole only once. */
const apiKeys =
  ({ businesses, answerOnce, now }: BusinessRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      '/api_keys',
      {
        schema: {
          operationId: 'createApiKey',
          summary: 'Create an API key',
          description: 'For the application of the key that asks, in its own mode. The key is shown this once.',
          tags: ['API keys'],
          headers: idempotencyHeader,
          body: Type.Optional(Type.Union([Type.Object({}, { additionalProperties: false }), Type.Null()])),
          response: { 201: newKeySchema },
          refusals: managing,
        },
      },
      (request, reply) =>
        answerOnce(request, reply, async () => {
          const { businessId, applicationId, live } = callerOf(request)
          const created = await businesses.createKey({ businessId, applicationId, live }, now())
          return { status: 201, body: { ...representKey(created), key: created.key } }
        }),
    )

    app.get(
      '/api_keys',
      {
        schema: {
          operationId: 'listApiKeys',
          summary: 'List API keys',
          tags: ['API keys'],
          response: {
            200: Type.Object({ data: Type.Array(keySchema) }, { description: 'The keys, without their secret parts.' }),
          },
          refusals: managing,
        },
      },
      async (request) => ({ data: (await businesses.listKeys(callerOf(request).businessId)).map(representKey) }),
    )

    app.delete(
      '/api_keys/:id',
      {
        schema: {
          operationId: 'revokeApiKey',
          summary: 'Revoke an API key',
          description:
            'It stops within five seconds on every server. A test key revokes no live key. What was made with ' +
            'it goes on, also what is a credential of its own: whoever lists those sees which key made which.',
          tags: ['API keys'],
          params: idParameter,
          response: { 204: Type.Null({ description: 'It is revoked.' }) },
          refusals: refused.change,
        },
      },
      async (request, reply) => {
        const id = requireId(accessIds.apiKey, request.params.id)
        const { businessId, live } = callerOf(request)
        const key = (await businesses.listKeys(businessId)).find((one) => one.id === id)
        if (key?.live && !live) throw new Refusal(accessRefusals.live_key_required)
        if (!key || !(await businesses.revokeKey(businessId, id, now())))
          throw new Refusal(platformRefusals.resource_not_found)
        return reply.status(204).send(null)
      },
    )
  }

const representApplication = (application: Application) => ({
  id: spellId(accessIds.application, application.id),
  name: application.name,
  brand: application.brand,
  locale: application.locale as 'en' | 'id' | 'es' | 'pt-BR',
  domain: application.domain ?? null,
  policy: {
    code_length: application.policy.codeLength,
    expires_in_seconds: application.policy.expiresInSeconds,
    check_count_max: application.policy.checkCountMax,
    send_count_max: application.policy.sendCountMax,
    resend_waits_seconds: [...application.policy.resendWaitsSeconds],
  },
  workflow: application.workflow.map(({ channel, waitSeconds }) => ({ channel, wait_seconds: waitSeconds })),
  created_at: application.createdAt.toISOString(),
})

const representKey = (key: ApiKey) => ({
  id: spellId(accessIds.apiKey, key.id),
  application_id: spellId(accessIds.application, key.applicationId),
  mode: key.live ? ('live' as const) : ('test' as const),
  hint: key.hint,
  created_at: key.createdAt.toISOString(),
  revoked_at: key.revokedAt?.toISOString() ?? null,
})

interface PolicyBody {
  readonly code_length?: number
  readonly expires_in_seconds?: number
  readonly check_count_max?: number
  readonly send_count_max?: number
  readonly resend_waits_seconds?: number[]
}

const readPolicy = (body: PolicyBody) => ({
  ...(body.code_length !== undefined && { codeLength: body.code_length }),
  ...(body.expires_in_seconds !== undefined && { expiresInSeconds: body.expires_in_seconds }),
  ...(body.check_count_max !== undefined && { checkCountMax: body.check_count_max }),
  ...(body.send_count_max !== undefined && { sendCountMax: body.send_count_max }),
  ...(body.resend_waits_seconds !== undefined && { resendWaitsSeconds: body.resend_waits_seconds }),
})
