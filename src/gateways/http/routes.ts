import type { FastifyInstance, FastifyRequest } from 'fastify'
import { needs } from '#platform/http/permissions.ts'
import { apiKeyPattern } from '#access/core/api-key.ts'
import type { KeyCaller } from '#platform/core/caller.ts'
import type { Gateway } from '#gateways/core/gateway.ts'
import { readId } from '#platform/core/id.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { admit, callerOf } from '#platform/http/authenticate.ts'
import { judgeError } from '#platform/http/problem.ts'
import { auth0 } from './auth0.ts'
import { clerk } from './clerk.ts'
import { deliver } from './deliver.ts'
import { keycloak } from './keycloak.ts'
import { kratos } from './kratos.ts'
import { logto } from './logto.ts'
import { supabase } from './supabase.ts'
import type { KeyedSystem, SigningHook } from './system.ts'
import { zitadel } from './zitadel.ts'
import { gatewaysIds } from '#gateways/core/ids.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { GatewayTakes } from './takes.ts'

type Takes = Pick<GatewayTakes, 'access' | 'gateways' | 'keys' | 'now' | 'verification'>

const keyedSystems: readonly KeyedSystem[] = [logto, kratos, auth0, keycloak]
const signingHooks: readonly SigningHook[] = [supabase, clerk, zitadel]

/** One address an auth server, which has a code of its own delivered there. */
export const gatewayRoutes =
  (takes: Takes) =>
  async (app: FastifyInstance): Promise<void> => {
    for (const system of keyedSystems) await app.register(keyedRoutes(takes, system))
    for (const hook of signingHooks) await app.register(hookRoutes(takes, hook))
  }

const keyedRoutes = (takes: Takes, system: KeyedSystem) => async (app: FastifyInstance) => {
  refuseAs(app, system)
  app.addHook('onRequest', async (request) => admit(request, await findCaller(takes, request)))
  app.post(`/${system.name}`, { schema: { hide: true }, ...needs('verification:write') }, async (request) => {
    const caller = callerOf(request)
    const hookId = idempotencyKeyOf(request)
    return deliver(takes, caller, system.name, { ...system.read(request.body), hookId })
  })
}

const hookRoutes = (takes: Takes, hook: SigningHook) => async (app: FastifyInstance) => {
  refuseAs(app, hook)
  app.post(`/${hook.name}/:id`, { schema: { hide: true }, ...needs('signed') }, async (request) => {
    const now = takes.now()
    const gateway = await findGateway(takes, hook, (request.params as { id: string }).id)
    if (!hook.isSigned(request, gateway.secret, now)) throw new Refusal(platformRefusals.webhook_signature_invalid)
    const given = hook.read(request, now)
    if ('skipped' in given) return given
    const { businessId, applicationId, live, madeByKeyId: keyId } = gateway
    return deliver(takes, { businessId, applicationId, live, keyId }, hook.name, given)
  })
  // The address of the guide without its end, as it is easily pasted.
  app.post(`/${hook.name}`, { schema: { hide: true }, ...needs('signed') }, async () => {
    throw new Refusal(platformRefusals.resource_not_found)
  })
}

/** Whatever is wrong with a call of an auth server, it hears of it in its own way. */
function refuseAs(app: FastifyInstance, { refuse }: KeyedSystem | SigningHook): void {
  app.setErrorHandler((error, request, reply) => refuse(reply, judgeError(error, request)))
}

async function findGateway(takes: Takes, { name }: SigningHook, spelled: string): Promise<Gateway> {
  const id = readId(gatewaysIds.gateway, spelled)
  const gateway = id === undefined ? undefined : await takes.gateways.gatewayOf(id)
  if (gateway?.system !== name) throw new Refusal(platformRefusals.resource_not_found)
  return gateway
}

function idempotencyKeyOf({ headers: { 'idempotency-key': key } }: FastifyRequest): string | undefined {
  if (key === undefined) return undefined
  if (typeof key !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(key))
    throw new Refusal(platformRefusals.idempotency_key_invalid)
  return key
}

/** The API key as the auth servers can send it: as a bearer, bare, or as the password of any user. */
async function findCaller(takes: Takes, { headers: { authorization } }: FastifyRequest): Promise<KeyCaller> {
  if (!authorization) throw new Refusal(platformRefusals.credentials_missing)
  const [, scheme = '', value = ''] = /^(?:(bearer|basic) +)?(\S{1,600})$/i.exec(authorization) ?? []
  const key =
    scheme.toLowerCase() === 'basic'
      ? Buffer.from(value, 'base64')
          .toString()
          .replace(/^[^:]*:/, '')
      : value
  const caller = apiKeyPattern.test(key) ? await takes.access.findCaller(key) : undefined
  if (!caller) throw new Refusal(platformRefusals.credentials_invalid)
  return caller
}
