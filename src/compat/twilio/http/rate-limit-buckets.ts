import { bucketsPerLimit } from '#compat/twilio/core/rate-limits.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { needs } from '#platform/http/permissions.ts'
import type { Caller } from '#platform/core/caller.ts'
import { Refusal } from '#platform/core/refusal.ts'
import type { RateLimitBucket } from '#compat/twilio/store/rate-limits.ts'
import { serviceCaller } from './authenticate.ts'
import { TwilioFault } from './errors.ts'
import { type Form, formOf } from './form.ts'
import { readPage, representPage } from './page.ts'
import { findLimit, mayChange } from './rate-limits.ts'
import { twilioTime } from './represent.ts'
import { readSid, spellSid } from '#compat/twilio/core/sid.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { TwilioTakes } from './takes.ts'

type Takes = Pick<TwilioTakes, 'access' | 'now' | 'publicUrl' | 'rateLimits'>

/** How many in which time: the buckets of a rate limit. */
export function bucketRoutes(app: FastifyInstance, takes: Takes): void {
  const { rateLimits } = takes
  const path = '/Services/:ServiceSid/RateLimits/:Sid/Buckets'

  app.post(path, needs('compat:admin'), async (request, reply) => {
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

  app.get(path, needs('compat:read'), async (request) => {
    const { caller, limit } = await findLimit(takes, await serviceCaller(takes, request), request)
    const page = readPage(request)
    const all = await rateLimits.listBuckets(caller.businessId, limit.id)
    const found = all.filter(({ id }) => page.after === undefined || id > page.after)
    const represent = (bucket: RateLimitBucket) => representBucket(caller, bucket, takes.publicUrl())
    return representPage(request, takes.publicUrl(), page, found, { key: 'buckets', represent })
  })

  app.get(`${path}/:BucketSid`, needs('compat:read'), async (request) => {
    const { caller, bucket } = await findBucket(takes, await serviceCaller(takes, request), request)
    return representBucket(caller, bucket, takes.publicUrl())
  })

  app.post(`${path}/:BucketSid`, needs('compat:admin'), async (request) => {
    const { caller, bucket } = await findBucket(takes, await mayChange(takes, request), request)
    const { countMax = bucket.countMax, intervalSeconds = bucket.intervalSeconds } = readBucket(formOf(request))
    const { id, rateLimitId } = bucket
    const changes = { id, rateLimitId, countMax, intervalSeconds }
    const changed = await rateLimits.putBucket(caller.businessId, changes, takes.now())
    return representBucket(caller, changed, takes.publicUrl())
  })

  app.delete(`${path}/:BucketSid`, needs('compat:admin'), async (request, reply) => {
    const { caller, bucket } = await findBucket(takes, await mayChange(takes, request), request)
    await rateLimits.deleteBucket(caller.businessId, bucket.id)
    return reply.status(204).send()
  })
}

async function findBucket(takes: Takes, caller: Caller, request: FastifyRequest) {
  const { limit } = await findLimit(takes, caller, request)
  const id = readSid('bucket', (request.params as { BucketSid: string }).BucketSid)
  const bucket = (await takes.rateLimits.listBuckets(caller.businessId, limit.id)).find((one) => one.id === id)
  if (!bucket) throw new Refusal(platformRefusals.resource_not_found)
  return { caller, bucket }
}

const readBucket = (form: Form) => ({
  countMax: form.integer('Max', { min: 1, max: 1_000_000 }),
  intervalSeconds: form.integer('Interval', { min: 1, max: 31_536_000 }),
})

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
