import { randomBytes } from 'node:crypto'
import { needs } from '#platform/http/permissions.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { TotpSettings } from '#totp/core/settings.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { readBase32, spellBase32 } from '#totp/core/base32.ts'
import type { TotpEntity, TotpFactor } from '#totp/core/factor.ts'
import { totpAlgorithms, type TotpConfig, totpDefaults, totpLimits } from '#totp/core/totp.ts'
import { serviceCaller } from '#compat/twilio/http/authenticate.ts'
import { invalidParameter, notOffered, shownParameter, TwilioFault } from '#compat/twilio/http/errors.ts'
import { type Form, formOf } from '#compat/twilio/http/form.ts'
import { readPage, representPage } from '#compat/twilio/http/page.ts'
import { readSid } from '#compat/twilio/core/sid.ts'
import { checksSpent, checkTotp } from './check-code.ts'
import { findEntity, openEntity } from './entities.ts'
import { representFactor } from './represent.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { TwilioTakes } from '#compat/twilio/http/takes.ts'

type Takes = Pick<TwilioTakes, 'access' | 'now' | 'publicUrl' | 'totp'>

const factorsMax = 100
/** RFC 4226 §4 (R6) asks for 128 bits and recommends 160. */
const secretBytes = { given: 16, made: 20, max: 64 }
const metadataLimits = { entries: 20, length: 128 }

export function factorRoutes(app: FastifyInstance, takes: Takes): void {
  const { factors, settings: kept } = takes.totp
  const path = '/Services/:ServiceSid/Entities/:Identity/Factors'

  app.post(path, needs('totp:write'), async (request, reply) => {
    const form = formOf(request)
    const friendlyName = readName(form.required('FriendlyName'))
    const type = form.required('FactorType')
    if (type === 'push' || type === 'passkeys') throw notOffered('factors of this type')
    if (type !== 'totp') throw invalidParameter('FactorType')
    const service = await serviceCaller(takes, request)
    const settings = (await kept.list(service.businessId)).get(service.applicationId)
    const config = readConfig(form, settings)
    const secret = readSecret(form.text('Binding.Secret'))
    const metadata = form.map('Metadata', metadataLimits)
    const entity = await openEntity(takes, request)
    if ((await factors.listOf(entity)).length >= factorsMax) {
      throw new TwilioFault(60315, 400, 'Max factors limit reached')
    }
    const factor = await factors.create(entity, { friendlyName, secret, config, metadata }, takes.now())
    const application = await takes.access.findApplication(entity.businessId, entity.applicationId)
    const uri = uriOf(settings?.issuer ?? application?.brand ?? '', friendlyName, secret, config)
    // The only answer that ever has the secret.
    return reply
      .status(201)
      .send({ ...representFactor(entity, factor, takes.publicUrl()), binding: { secret, uri }, options: null })
  })

  app.get(path, needs('totp:read'), async (request) => {
    const entity = await findEntity(takes, request)
    const page = readPage(request)
    const found = (await factors.listOf(entity)).filter(({ id }) => page.after === undefined || id > page.after)
    const represent = (factor: TotpFactor) => representFactor(entity, factor, takes.publicUrl())
    return representPage(request, takes.publicUrl(), page, found, { key: 'factors', represent })
  })

  app.get(`${path}/:Sid`, needs('totp:read'), async (request) => {
    const entity = await findEntity(takes, request)
    return representFactor(entity, await findFactor(takes, entity, sidOf(request)), takes.publicUrl())
  })

  app.post(`${path}/:Sid`, needs('totp:write'), async (request) => {
    const form = formOf(request)
    const entity = await findEntity(takes, request)
    const factor = await findFactor(takes, entity, sidOf(request))
    const name = form.text('FriendlyName')
    const code = form.text('AuthPayload')
    if (name !== undefined) await factors.rename(factor, readName(name), takes.now())
    if (code !== undefined) {
      if (factor.verifiedAt) throw new TwilioFault(60317, 409, 'Factor is already verified')
      // A wrong code is an answer: the factor stays unverified.
      await checkTotp(takes, { entity, factor }, code, checksSpent.factor)
    }
    return representFactor(entity, await findFactor(takes, entity, sidOf(request)), takes.publicUrl())
  })

  app.delete(`${path}/:Sid`, needs('totp:write'), async (request, reply) => {
    const entity = await findEntity(takes, request)
    await factors.delete(await findFactor(takes, entity, sidOf(request)), takes.now())
    return reply.status(204).send()
  })
}

const sidOf = (request: FastifyRequest): string => (request.params as { Sid: string }).Sid

export async function findFactor(takes: Takes, entity: TotpEntity, sid: string): Promise<TotpFactor> {
  const id = readSid('factor', sid)
  const factor = (await takes.totp.factors.listOf(entity)).find((one) => one.id === id)
  if (!factor) throw new Refusal(platformRefusals.resource_not_found)
  return factor
}

/** It stands in the authenticator app, and is mostly an address of e-mail. */
const readName = (text: string): string => shownParameter('FriendlyName', text, { characters: 64, mayBeAddress: true })

/** As the request says, else as the service does. */
function readConfig(form: Form, settings: TotpSettings = {}): TotpConfig {
  const algorithm = form.text('Config.Alg') ?? totpDefaults.algorithm
  const known = totpAlgorithms.find((one) => one === algorithm)
  if (!known) throw invalidParameter('Config.Alg')
  return {
    algorithm: known,
    codeLength:
      form.integer('Config.CodeLength', totpLimits.codeLength) ?? settings.codeLength ?? totpDefaults.codeLength,
    timeStepSeconds:
      form.integer('Config.TimeStep', totpLimits.timeStepSeconds) ??
      settings.timeStepSeconds ??
      totpDefaults.timeStepSeconds,
    skewSteps: form.integer('Config.Skew', totpLimits.skewSteps) ?? settings.skewSteps ?? totpDefaults.skewSteps,
  }
}

/** One that comes from elsewhere, so that nobody has to scan anew; or a new one. */
function readSecret(given: string | undefined): string {
  if (given === undefined) return spellBase32(randomBytes(secretBytes.made))
  const bytes = readBase32(given)
  if (!bytes || bytes.length < secretBytes.given || bytes.length > secretBytes.max) {
    throw invalidParameter('Binding.Secret')
  }
  return spellBase32(bytes)
}

function uriOf(issuer: string, name: string, secret: string, config: TotpConfig): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(name)}`
  return (
    `otpauth://totp/${label}?secret=${secret}&issuer=${encodeURIComponent(issuer)}` +
    `&algorithm=${config.algorithm.toUpperCase()}&digits=${config.codeLength}&period=${config.timeStepSeconds}`
  )
}
