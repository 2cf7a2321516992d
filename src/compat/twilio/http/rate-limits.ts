import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Caller } from '#platform/core/caller.ts'
import { Refusal } from '#platform/core/refusal.ts'
import type { RateLimit, RateLimitBucket } from '#compat/twilio/store/rate-limits.ts'
import { serviceCaller } from './authenticate.ts'
import { invalidParameter, TwilioFault } from './errors.ts'
import { type Form, formOf } from './form.ts'
import { readPage, representPage } from './page.ts'
import { twilioTime } from './represent.ts'
import { readSid, spellSid } from '#compat/twilio/core/sid.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { TwilioTakes } from './takes.ts'

type Takes = Pick<TwilioTakes, 'access' | 'keys' | 'now' | 'publicUrl' | 'rateLimits' | 'safeNumbers'>

const limitsPerService = 10
const bucketsPerLimit = 5

export function rateLimitRoutes(app: FastifyInstance, takes: Takes): void {
  const { rateLimits } = takes
  const path = '/Services/:ServiceSid/RateLimits'

  app.post(path, async (request, reply) => {
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

  app.get(path, async (request) => {
    const caller = await serviceCaller(takes, request)
    const page = readPage(request)
    const found = (await rateLimits.list(caller)).filter(({ id }) => page.after === undefined || id > page.after)
    const represent = (limit: RateLimit) => representLimit(caller, limit, takes.publicUrl())
    return representPage(request, takes.publicUrl(), page, found, { key: 'rate_limits', represent })
  })

  app.get(`${path}/:Sid`, async (request) => {
    const { caller, limit } = await findLimit(takes, await serviceCaller(takes, request), request)
    return representLimit(caller, limit, takes.publicUrl())
  })

  app.post(`${path}/:Sid`, async (request) => {
    const { caller, limit } = await findLimit(takes, await mayChange(takes, request), request)
    const description = readDescription(formOf(request)) ?? limit.description ?? ''
    const changed = await rateLimits.describe(caller.businessId, limit.id, description, takes.now())
    if (!changed) throw new Refusal(platformRefusals.resource_not_found)
    return representLimit(caller, changed, takes.publicUrl())
  })

  app.delete(`${path}/:Sid`, async (request, reply) => {
    const { caller, limit } = await findLimit(takes, await mayChange(takes, request), request)
    await rateLimits.delete(caller.businessId, limit.id)
    return reply.status(204).send()
  })

  bucketRoutes(app, takes, `${path}/:Sid/Buckets`)
}

function bucketRoutes(app: FastifyInstance, takes: Takes, path: string): void {
  const { rateLimits } = takes

  app.post(path, async (request, reply) => {
    const { caller, limit } = await findLimit(takes, await mayChange(takes, request), request)
    const { businessId } = caller
    if ((await rateLimits.listBuckets(businessId, limit.id)).length >= bucketsPerLimit) {
      throw new TwilioFault(60210, 400, 'Max buckets per rate limit reached')
    }
    const { countMax, intervalSeconds } = readBucket(formOf(request))
    if (countMax === undefined || intervalSeconds === undefined) {
      throw new TwilioFault(60200, 400, `Missing required parameter ${countMax === undefined ? 'Max' : 'Interval'}`)
    }
    const made = await rateLimits.putBucket(
      businessId,
      { rateLimitId: limit.id, countMax, intervalSeconds },
      takes.now(),
    )
    return reply.status(201).send(representBucket(caller, made, takes.publicUrl()))
  })

  app.get(path, async (request) => {
    const { caller, limit } = await findLimit(takes, await serviceCaller(takes, request), request)
    const page = readPage(request)
    const all = await rateLimits.listBuckets(caller.businessId, limit.id)
    const found = all.filter(({ id }) => page.after === undefined || id > page.after)
    const represent = (bucket: RateLimitBucket) => representBucket(caller, bucket, takes.publicUrl())
    return representPage(request, takes.publicUrl(), page, found, { key: 'buckets', represent })
  })

  app.get(`${path}/:BucketSid`, async (request) => {
    const { caller, bucket } = await findBucket(takes, await serviceCaller(takes, request), request)
    return representBucket(caller, bucket, takes.publicUrl())
  })

  app.post(`${path}/:BucketSid`, async (request) => {
    const { caller, bucket } = await findBucket(takes, await mayChange(takes, request), request)
    const { countMax = bucket.countMax, intervalSeconds = bucket.intervalSeconds } = readBucket(formOf(request))
    const { id, rateLimitId } = bucket
    const changes = { id, rateLimitId, countMax, intervalSeconds }
    const changed = await rateLimits.putBucket(caller.businessId, changes, takes.now())
    return representBucket(caller, changed, takes.publicUrl())
  })

  app.delete(`${path}/:BucketSid`, async (request, reply) => {
    const { caller, bucket } = await findBucket(takes, await mayChange(takes, request), request)
    await rateLimits.deleteBucket(caller.businessId, bucket.id)
    return reply.status(204).send()
  })
}

/**
 * Before a start: every limit it names has to exist, and to have something left for the value. A recipient on the safe
 * list spends nothing of them and is held back by none.
 */
export async function spendRateLimits(takes: Takes, caller: Caller, form: Form, recipient: string): Promise<void> {
  const { rateLimits, safeNumbers } = takes
  const given = form.map('RateLimits', { entries: limitsPerService, length: 255 })
  if (given === undefined) return
  const limits = await rateLimits.list(caller)
  const values = Object.entries(given).map(([name, value]) => {
    const limit = limits.find(({ uniqueName }) => uniqueName === name)
    if (!limit) throw invalidParameter('RateLimits', 'names a rate limit that the service does not have')
    return { rateLimitId: limit.id, mac: takes.keys.fingerprint('rate limit', limit.id, value) }
  })
  if (await safeNumbers.find(caller.businessId, recipient)) return
  const { waitSeconds } = await rateLimits.spend(caller.businessId, caller.live, values, takes.now())
  if (waitSeconds > 0) throw new TwilioFault(20429, 429, 'Too many requests', waitSeconds)
}

async function mayChange(takes: Takes, request: FastifyRequest): Promise<Caller> {
  const caller = await serviceCaller(takes, request)
  await takes.access.requireMayChange(caller)
  return caller
}

async function findLimit(takes: Takes, caller: Caller, request: FastifyRequest) {
  const id = readSid('rateLimit', (request.params as { Sid: string }).Sid)
  const limit = (await takes.rateLimits.list(caller)).find((one) => one.id === id)
  if (!limit) throw new Refusal(platformRefusals.resource_not_found)
  return { caller, limit }
}

async function findBucket(takes: Takes, caller: Caller, request: FastifyRequest) {
  const { limit } = await findLimit(takes, caller, request)
  const id = readSid('bucket', (request.params as { BucketSid: string }).BucketSid)
  const bucket = (await takes.rateLimits.listBuckets(caller.businessId, limit.id)).find((one) => one.id === id)
  if (!bucket) throw new Refusal(platformRefusals.resource_not_found)
  return { caller, bucket }
}

function readDescription(form: Form): string | null {
  const description = form.text('Description') ?? null
  if (description !== null && description.length > 255) throw invalidParameter('Description')
  return description
}

const readBucket = (form: Form) => ({
  countMax: form.integer('Max', { min: 1, max: 1_000_000 }),
  intervalSeconds: form.integer('Interval', { min: 1, max: 31_536_000 }),
})

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

function representBucket(caller: Caller, bucket: RateLimitBucket, publicUrl: string): object {
  const sid = spellSid('bucket', bucket.id)
  const limit = spellSid('rateLimit', bucket.rateLimitId)
  const service = spellSid('service', caller.applicationId)
  return {
    sid,
    rate_limit_sid: limit,
    service_sid: service,
    account_sid: spellSid('account', caller.businessId),
    max: bucket.countMax,
    interval: bucket.intervalSeconds,
    date_created: twilioTime(bucket.createdAt),
    date_updated: twilioTime(bucket.updatedAt),
    url: `${publicUrl}/v2/Services/${service}/RateLimits/${limit}/Buckets/${sid}`,
  }
}
