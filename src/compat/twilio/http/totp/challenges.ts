import type { FastifyInstance, FastifyRequest } from 'fastify'
import { needs } from '#platform/http/permissions.ts'
import type { ChallengeFilter, TotpChallenge, TotpEntity } from '#totp/core/factor.ts'
import { invalidParameter, TwilioFault } from '#compat/twilio/http/errors.ts'
import { type Form, formOf, queryOf } from '#compat/twilio/http/form.ts'
import { readPage, representPage } from '#compat/twilio/http/page.ts'
import { readTime } from '#compat/twilio/http/time.ts'
import { readSid } from '#compat/twilio/core/sid.ts'
import { checksSpent, checkTotp } from './check-code.ts'
import { findEntity, sliceOf } from './entities.ts'
import { findFactor } from './factors.ts'
import { challengeStatus, representChallenge } from './represent.ts'
import type { TwilioTakes } from '#compat/twilio/http/takes.ts'

type Takes = Pick<TwilioTakes, 'access' | 'now' | 'publicUrl' | 'totp'>

/** As the vendor limits them: an hour and a day of one factor. */
const createdMax = [
  { seconds: 3600, count: 50 },
  { seconds: 86_400, count: 100 },
] as const
const lastsSeconds = { usual: 300, max: 3600 }

export function challengeRoutes(app: FastifyInstance, takes: Takes): void {
  const { challenges, factors } = takes.totp
  const path = '/Services/:ServiceSid/Entities/:Identity/Challenges'
  const represent = (entity: TotpEntity, challenge: TotpChallenge) =>
    representChallenge(entity, challenge, takes.now(), takes.publicUrl())

  app.post(path, needs('totp:write'), async (request, reply) => {
    const form = formOf(request)
    const entity = await findEntity(takes, request)
    const factor = await findFactor(takes, entity, form.required('FactorSid'))
    if (!factor.verifiedAt) throw new TwilioFault(60318, 403, 'Factor is unverified')
    const now = takes.now()
    for (const { seconds, count } of createdMax) {
      if ((await challenges.countOf(factor, new Date(now.getTime() - seconds * 1000))) >= count) {
        throw new TwilioFault(60312, 429, 'Challenge creation limit reached', seconds)
      }
    }
    const given = {
      expiresAt: readExpiry(form, now),
      details: readDetails(form, now),
      hiddenDetails: form.map('HiddenDetails', { entries: 20, length: 128 }),
    }
    const challenge = await challenges.create(factor, given, now)
    const code = form.text('AuthPayload')
    // A wrong code is an answer: the challenge stays pending.
    const isRight =
      code !== undefined &&
      (await checkTotp(takes, { entity, factor, challengeId: challenge.id }, code, checksSpent.challenge))
    return reply.status(201).send(represent(entity, isRight ? { ...challenge, approvedAt: now } : challenge))
  })

  app.get(path, needs('totp:read'), async (request) => {
    const entity = await findEntity(takes, request)
    const page = readPage(request)
    const filter = readFilter(queryOf(request), takes.now())
    const found = filter ? await challenges.list(entity, sliceOf(page), filter) : []
    const one = (challenge: TotpChallenge) => represent(entity, challenge)
    return representPage(request, takes.publicUrl(), page, found, { key: 'challenges', represent: one })
  })

  app.get(`${path}/:Sid`, needs('totp:read'), async (request) => {
    const entity = await findEntity(takes, request)
    return represent(entity, await findChallenge(takes, request, entity))
  })

  app.post(`${path}/:Sid`, needs('totp:write'), async (request) => {
    const code = formOf(request).required('AuthPayload')
    const entity = await findEntity(takes, request)
    const challenge = await findChallenge(takes, request, entity)
    const now = takes.now()
    const status = challengeStatus(challenge, now)
    if (status === 'expired') throw new TwilioFault(60323, 403, 'Challenge expired')
    if (status === 'approved') throw new TwilioFault(60322, 403, 'Challenge is not pending')
    const [factor] = (await factors.listOf(entity)).filter(({ id }) => id === challenge.factorId)
    const isRight =
      factor && (await checkTotp(takes, { entity, factor, challengeId: challenge.id }, code, checksSpent.challenge))
    return represent(entity, isRight ? { ...challenge, approvedAt: now } : challenge)
  })
}

async function findChallenge(takes: Takes, request: FastifyRequest, entity: TotpEntity): Promise<TotpChallenge> {
  const id = readSid('challenge', (request.params as { Sid: string }).Sid)
  const found = id === undefined ? undefined : await takes.totp.challenges.find(entity, id)
  if (!found) throw new TwilioFault(60391, 404, 'Challenge not found')
  return found
}

/** Undefined: no challenge is like that. */
function readFilter(query: Form, now: Date): ChallengeFilter | undefined {
  const sid = query.text('FactorSid')
  const factorId = sid === undefined ? undefined : readSid('factor', sid)
  if (sid !== undefined && factorId === undefined) throw invalidParameter('FactorSid')
  const order = query.text('Order') ?? 'desc'
  if (order !== 'asc' && order !== 'desc') throw invalidParameter('Order')
  const filter = { ...(factorId !== undefined && { factorId }), isOldestFirst: order === 'asc', now }
  const status = query.text('Status')
  // People deny in an app for push; an authenticator app only knows codes.
  if (status === 'denied') return undefined
  if (status === undefined) return filter
  if (status !== 'pending' && status !== 'approved' && status !== 'expired') throw invalidParameter('Status')
  return { ...filter, status }
}

function readExpiry(form: Form, now: Date): Date {
  const at = readTime(form, 'ExpirationDate')
  if (at === undefined) return new Date(now.getTime() + lastsSeconds.usual * 1000)
  const isSoon = at > now && at.getTime() <= now.getTime() + lastsSeconds.max * 1000
  if (!isSoon) throw invalidParameter('ExpirationDate', 'must be within the next hour')
  return at
}

/** What the person is asked to confirm. An app shows none of it; it is kept for the business's own page. */
function readDetails(form: Form, now: Date) {
  const message = form.text('Details.Message')
  const fields = form.all('Details.Fields').map(readField)
  if (message === undefined && fields.length === 0) return undefined
  if ((message?.length ?? 0) > 256) throw invalidParameter('Details.Message')
  if (fields.length > 20) throw invalidParameter('Details.Fields')
  return { message: message ?? null, date: `${now.toISOString().slice(0, 19)}Z`, fields }
}

function readField(text: string): { label: string; value: string } {
  const isText = (value: unknown, max: number): value is string =>
    typeof value === 'string' && value.length <= max && value.isWellFormed() && !value.includes('\0')
  try {
    const { label, value } = (JSON.parse(text) ?? {}) as { label?: unknown; value?: unknown }
    if (isText(label, 36) && isText(value, 128)) return { label, value }
  } catch {
    // No JSON, answered below.
  }
  throw invalidParameter('Details.Fields')
}
