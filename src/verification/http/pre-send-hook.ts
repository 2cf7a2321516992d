import { managing } from '#platform/http/refusals.ts'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { spellId } from '#platform/core/id.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { failurePolicies, type PreSendHook, type PreSendHookOwner } from '#verification/core/pre-send.ts'
import { callerOf, requireCaller } from '#platform/http/authenticate.ts'
import { requireBusinessUrl } from '#platform/http/business-url.ts'
import type { PreSendHookStore } from '#verification/store/pre-send-hooks.ts'
import type { AccessPort } from '#access/port.ts'
import { requireId } from '#platform/http/require-id.ts'
import { idParameter, oneOf } from '#platform/http/schema-kit.ts'
import { accessIds } from '#access/core/ids.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

const hookBody = Type.Object(
  {
    url: Type.String({ minLength: 1, maxLength: 2000, examples: ['https://shop.example/hooks/pre-send'] }),
    on_failure: oneOf(failurePolicies, { description: 'What holds when there is no answer within half a second.' }),
  },
  {
    additionalProperties: false,
    examples: [{ url: 'https://shop.example/hooks/pre-send', on_failure: 'allow' }],
  },
)

const hookSchema = Type.Object(
  {
    application_id: Type.String(),
    mode: oneOf(['test', 'live'] as const),
    url: Type.String(),
    on_failure: oneOf(failurePolicies),
    created_at: Type.String(),
  },
  { description: 'The hook.' },
)

const newHookSchema = Type.Object(
  { ...hookSchema.properties, secret: Type.String({ description: '`whsec_…`, shown this once.' }) },
  { description: 'The hook with its secret.' },
)

interface PreSendHookRoutes {
  readonly hooks: Pick<PreSendHookStore, 'set' | 'find' | 'remove'>
  readonly businesses: Pick<AccessPort['businesses'], 'findApplication'>
  readonly judgeUrl: (url: string) => string | undefined
  readonly now: () => Date
}

/** An application's own say before a verification is sent, in the mode of the key. */
export const preSendHookRoutes =
  (routes: PreSendHookRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    requireCaller(app)
    const path = '/applications/:id/pre_send_hook'
    const tags = ['Webhooks']
    const { hooks, now } = routes

    app.put(
      path,
      {
        config: { permission: 'verification:admin' },
        schema: {
          operationId: 'setPreSendHook',
          summary: 'Set the pre-send hook of an application',
          description:
            'Asked before each start of a verification; it may allow, deny or choose another channel. A new secret each time it is set.',
          tags,
          params: idParameter,
          body: hookBody,
          response: { 200: newHookSchema },
          refusals: managing,
        },
      },
      async (request) => {
        const { url, on_failure: onFailure } = request.body
        requireBusinessUrl(routes.judgeUrl, url)
        const owner = await requireOwner(routes, request, request.params.id)
        const hook = await hooks.set(owner, { url, onFailure }, now())
        return { ...represent(hook), secret: hook.secret }
      },
    )

    app.get(
      path,
      {
        config: { permission: 'verification:settings' },
        schema: {
          operationId: 'getPreSendHook',
          summary: 'Read the pre-send hook of an application',
          tags,
          params: idParameter,
          response: { 200: hookSchema },
          refusals: managing,
        },
      },
      async (request) => {
        const found = await hooks.find(await requireOwner(routes, request, request.params.id))
        if (!found) throw new Refusal(platformRefusals.resource_not_found)
        return represent(found)
      },
    )

    app.delete(
      path,
      {
        config: { permission: 'verification:admin' },
        schema: {
          operationId: 'removePreSendHook',
          summary: 'Remove the pre-send hook of an application',
          tags,
          params: idParameter,
          response: { 204: Type.Null({ description: 'It is removed.' }) },
          refusals: managing,
        },
      },
      async (request, reply) => {
        const owner = await requireOwner(routes, request, request.params.id)
        if (!(await hooks.remove(owner))) throw new Refusal(platformRefusals.resource_not_found)
        return reply.status(204).send(null)
      },
    )
  }

async function requireOwner(
  { businesses }: PreSendHookRoutes,
  request: FastifyRequest,
  spelled: string,
): Promise<PreSendHookOwner> {
  const { businessId, live } = callerOf(request)
  const applicationId = requireId(accessIds.application, spelled)
  if (!(await businesses.findApplication(businessId, applicationId)))
    throw new Refusal(platformRefusals.resource_not_found)
  return { businessId, applicationId, live }
}

const represent = (hook: PreSendHook) => ({
  application_id: spellId(accessIds.application, hook.applicationId),
  mode: hook.live ? ('live' as const) : ('test' as const),
  url: hook.url,
  on_failure: hook.onFailure,
  created_at: hook.createdAt.toISOString(),
})
