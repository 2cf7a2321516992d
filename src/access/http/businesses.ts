import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { form } from '#platform/core/field-problem.ts'
import { Type } from 'typebox'
import type { Application } from '#access/core/business.ts'
import { accessIds } from '#access/core/ids.ts'
import { logoBytesMax, problemOfLogo } from '#access/core/logo.ts'
import { policyLimits, stepWaitDefaultSeconds } from '#access/core/policy.ts'
import { requireMayChange } from '#access/flows/may-change.ts'
import type { BusinessStore } from '#access/store/businesses.ts'
import { spellId } from '#platform/core/id.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { callerOf, requireCaller } from '#platform/http/authenticate.ts'
import { answerPage, pageAmong, pageOf, pageQuery, readLimit } from '#platform/http/page.ts'
import { managing } from '#platform/http/refusals.ts'
import { requireId } from '#platform/http/require-id.ts'
import { idParameter, localeSchema, nameSchema, orNull, range } from '#platform/http/schema-kit.ts'
import { apiKeyRoutes } from './api-keys.ts'
import { refused } from './refused.ts'
import { requireLocale } from './require-locale.ts'
import { workflowSchema } from './workflow-schema.ts'

interface BusinessRoutes extends Omit<Parameters<typeof apiKeyRoutes>[0], 'businesses'> {
  readonly businesses: BusinessStore
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
    color: orNull(Type.String()),
    has_logo: Type.Boolean(),
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
      orNull(
        Type.String({
          ...form(
            '^(?!-)[A-Za-z0-9-]{1,63}(\\.[A-Za-z0-9-]{1,63})+$',
            'a domain like shop.example, without https:// and path',
          ),
          maxLength: 253,
        }),
      ),
    ),
    color: Type.Optional(
      orNull(
        Type.String({
          ...form('^#[0-9A-Fa-f]{6}$', 'a colour like #0b6e4f'),
          description:
            'Of the buttons of the hosted page: `#rrggbb`. Their text is black or white, whichever can be read.',
          examples: ['#0b6e4f'],
        }),
      ),
    ),
    logo: Type.Optional(
      orNull(
        Type.String({
          maxLength: 17_000,
          description: `Shown by the hosted page: a \`data:\` URL of a PNG, JPEG or WebP picture of at most ${logoBytesMax} bytes.`,
        }),
      ),
    ),
    policy: Type.Optional(Type.Partial(policySchema, { additionalProperties: false })),
    workflow: Type.Optional(workflowSchema),
  },
  { additionalProperties: false, minProperties: 1, examples: [{ brand: 'Toko Budi', locale: 'id' }] },
)

/** For a business: its applications and keys. */
export const businessRoutes =
  (takes: BusinessRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    requireCaller(app)
    await app.register(readingApplications(takes))
    await app.register(changingApplications(takes))
    await app.register(apiKeyRoutes(takes))
  }

/** Its applications as they are. */
const readingApplications =
  ({ businesses }: BusinessRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/applications',
      {
        config: { permission: 'access:read' },
        schema: {
          operationId: 'listApplications',
          summary: 'List applications',
          tags: ['Applications'],
          querystring: pageQuery,
          response: { 200: pageOf(applicationSchema, 'applications') },
          refusals: managing,
        },
        preValidation: readLimit,
      },
      async (request) => {
        const all = await businesses.listApplications(callerOf(request).businessId)
        return answerPage(request.query, accessIds.application, pageAmong(all), representApplication)
      },
    )

    app.get(
      '/applications/:id',
      {
        config: { permission: 'access:read' },
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
        config: { permission: 'access:admin' },
        schema: {
          operationId: 'changeApplication',
          summary: 'Change an application',
          description:
            'Brand, look, language, code policy and workflow. Pending verifications keep the policy they started with. ' +
            'Once the business has a live key, only a live key may.',
          tags: ['Applications'],
          params: idParameter,
          body: applicationChanges,
          response: { 200: applicationSchema },
          refusals: refused.change,
        },
      },
      async (request) => {
        const { policy, workflow, locale, ...rest } = request.body
        const caller = callerOf(request)
        const id = requireId(accessIds.application, request.params.id)
        await requireMayChange(businesses, caller)
        requireLogo(rest.logo)
        const changed = await businesses.changeApplication(caller.businessId, id, {
          ...rest,
          ...(locale !== undefined && { locale: requireLocale(locale) }),
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

function requireLogo(logo: string | null | undefined): void {
  const problem = typeof logo === 'string' ? problemOfLogo(logo) : undefined
  if (problem !== undefined)
    throw new Refusal(platformRefusals.body_invalid, { errors: [{ path: 'body/logo', problem }] })
}

const representApplication = (application: Application) => ({
  id: spellId(accessIds.application, application.id),
  name: application.name,
  brand: application.brand,
  locale: application.locale as 'en' | 'id' | 'es' | 'pt-BR',
  domain: application.domain ?? null,
  color: application.color ?? null,
  has_logo: application.hasLogo === true,
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
