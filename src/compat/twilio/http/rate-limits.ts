import { limitsPerService } from '#compat/twilio/core/rate-limits.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { needs } from '#platform/http/permissions.ts'
import type { Caller } from '#platform/core/caller.ts'
import { Refusal } from '#platform/core/refusal.ts'
import type { RateLimit } from '#compat/twilio/store/rate-limits.ts'
import { serviceCaller } from './authenticate.ts'
import { invalidParameter, TwilioFault } from './errors.ts'
import { type Form, formOf } from './form.ts'
import { readPage, representPage } from './page.ts'
import { twilioTime } from './represent.ts'
import { readSid, spellSid } from '#compat/twilio/core/sid.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { TwilioTakes } from './takes.ts'

type Takes = Pick<TwilioTakes, 'access' | 'now' | 'publicUrl' | 'rateLimits'>

export function rateLimitRoutes(app: FastifyInstance, takes: Takes): void {
  const { rateLimits } = takes
  const path = '/Services/:ServiceSid/RateLimits'

  app.post(path, needs('compat:admin'), async (request, reply) => {
    const caller = await mayChange(takes, request)
    const form = formOf(request)
    const uniqueName = form.required('UniqueName')
    if (!/^[A-Za-z0-9._-]{1,255}$/.test(uniqueName)) throw invalidParameter('UniqueName')
    if ((await rateLimits.list(caller)).length >= limitsPerService) {
      throw new TwilioFault(60207, 400, 'Max rate limits per service reached')
    }
    const made = await rateLimits.create(caller, { uniqueName, description: readDescription(form) }, takes.now())
    if (!made) throw new TwilioFault(60225, 409, 'Conflict: there is a rate limit with this unique name')
    return reply.status(201).send(representLimit(caller, made, takes.publicUrl()))
  })

  app.get(path, needs('compat:read'), async (request) => {
    const caller = await serviceCaller(takes, request)
    const page = readPage(request)
    const found = (await rateLimits.list(caller)).filter(({ id }) => page.after === undefined || id > page.after)
    const represent = (limit: RateLimit) => representLimit(caller, limit, takes.publicUrl())
    return representPage(request, takes.publicUrl(), page, found, { key: 'rate_limits', represent })
  })

  app.get(`${path}/:Sid`, needs('compat:read'), async (request) => {
    const { caller, limit } = await findLimit(takes, await serviceCaller(takes, request), request)
    return representLimit(caller, limit, takes.publicUrl())
  })

  app.post(`${path}/:Sid`, needs('compat:admin'), async (request) => {
    const { caller, limit } = await findLimit(takes, await mayChange(takes, request), request)
    const description = readDescription(formOf(request)) ?? limit.description ?? ''
    const changed = await rateLimits.describe(caller.businessId, limit.id, description, takes.now())
    if (!changed) throw new Refusal(platformRefusals.resource_not_found)
    return representLimit(caller, changed, takes.publicUrl())
  })

  app.delete(`${path}/:Sid`, needs('compat:admin'), async (request, reply) => {
    const { caller, limit } = await findLimit(takes, await mayChange(takes, request), request)
    await rateLimits.delete(caller.businessId, limit.id)
    return reply.status(204).send()
  })
}

export async function mayChange(takes: Takes, request: FastifyRequest): Promise<Caller> {
  const caller = await serviceCaller(takes, request)
  await takes.access.requireMayChange(caller)
  return caller
}

/** The one that the path names. */
export async function findLimit(takes: Takes, caller: Caller, request: FastifyRequest) {
  const id = readSid('rateLimit', (request.params as { Sid: string }).Sid)
  const limit = (await takes.rateLimits.list(caller)).find((one) => one.id === id)
  if (!limit) throw new Refusal(platformRefusals.resource_not_found)
  return { caller, limit }
}

function readDescription(form: Form): string | null {
  const description = form.text('Description') ?? null
  if (description !== null && description.length > 255) throw invalidParameter('Description')
  return description
}

function representLimit(caller: Caller, limit: RateLimit, publicUrl: string): object {
  const sid = spellSid('rateLimit', limit.id)
  const service = spellSid('service', limit.applicationId)
  const url = `${publicUrl}/v2/Services/${service}/RateLimits/${sid}`
  return {
    sid,
    service_sid: service,
    account_sid: spellSid('account', caller.businessId),
    unique_name: limit.uniqueName,
    description: limit.description,
    date_created: twilioTime(limit.createdAt),
    date_updated: twilioTime(limit.updatedAt),
    url,
    links: { buckets: `${url}/Buckets` },
  }
}
