import type { FastifyInstance, FastifyRequest } from 'fastify'
import { needs } from '#platform/http/permissions.ts'
import type { Caller } from '#platform/core/caller.ts'
import type { MessagingConfiguration } from '#compat/twilio/core/kept-settings.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { isSupportedCountry } from 'libphonenumber-js/max'
import { serviceCaller } from './authenticate.ts'
import { invalidParameter, TwilioFault } from './errors.ts'
import { formOf } from './form.ts'
import { readPage, representPage } from './page.ts'
import { twilioTime } from './represent.ts'
import { spellSid } from '#compat/twilio/core/sid.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { TwilioTakes } from './takes.ts'

type Takes = Pick<TwilioTakes, 'access' | 'messagingConfigurations' | 'now' | 'publicUrl'>

/** Messaging services are Twilio's: what a client keeps here is read back and chooses no sender. */
export function messagingConfigurationRoutes(app: FastifyInstance, takes: Takes): void {
  const { messagingConfigurations } = takes
  const path = '/Services/:ServiceSid/MessagingConfigurations'
  const represent = (caller: Caller) => (one: MessagingConfiguration) =>
    representConfiguration(caller, one, takes.publicUrl())

  app.post(path, needs('compat:admin'), async (request, reply) => {
    const caller = await mayChange(takes, request)
    const country = readCountry(formOf(request).required('Country'))
    if (country === undefined) throw invalidParameter('Country')
    const messagingServiceSid = readMessagingService(request)
    const made = await messagingConfigurations.create(caller, { country, messagingServiceSid }, takes.now())
    if (!made) throw new TwilioFault(60225, 409, 'Conflict: the country has a messaging configuration')
    return reply.status(201).send(represent(caller)(made))
  })

  app.get(path, needs('compat:read'), async (request) => {
    const caller = await serviceCaller(takes, request)
    const page = readPage(request)
    const all = await messagingConfigurations.list(caller)
    const rest = all.filter(({ id }) => page.after === undefined || id > page.after)
    const key = 'messaging_configurations'
    return representPage(request, takes.publicUrl(), page, rest, { key, represent: represent(caller) })
  })

  app.get(`${path}/:Country`, needs('compat:read'), async (request) => {
    const caller = await serviceCaller(takes, request)
    const country = countryOf(request)
    const found = (await messagingConfigurations.list(caller)).find((one) => one.country === country)
    if (!found) throw new Refusal(platformRefusals.resource_not_found)
    return represent(caller)(found)
  })

  app.post(`${path}/:Country`, needs('compat:admin'), async (request) => {
    const caller = await mayChange(takes, request)
    const given = { country: countryOf(request), messagingServiceSid: readMessagingService(request) }
    const changed = await messagingConfigurations.change(caller, given, takes.now())
    if (!changed) throw new Refusal(platformRefusals.resource_not_found)
    return represent(caller)(changed)
  })

  app.delete(`${path}/:Country`, needs('compat:admin'), async (request, reply) => {
    const caller = await mayChange(takes, request)
    if (!(await messagingConfigurations.remove(caller, countryOf(request))))
      throw new Refusal(platformRefusals.resource_not_found)
    return reply.status(204).send()
  })
}

async function mayChange(takes: Takes, request: FastifyRequest): Promise<Caller> {
  const caller = await serviceCaller(takes, request)
  await takes.access.requireMayChange(caller)
  return caller
}

/** As it is kept: `all`, or a country's two letters in capitals. */
function readCountry(text: string): string | undefined {
  if (text.toLowerCase() === 'all') return 'all'
  const country = text.toUpperCase()
  return isSupportedCountry(country) ? country : undefined
}

function countryOf(request: FastifyRequest): string {
  const country = readCountry((request.params as { Country: string }).Country)
  if (country === undefined) throw new Refusal(platformRefusals.resource_not_found)
  return country
}

function readMessagingService(request: FastifyRequest): string {
  const sid = formOf(request).required('MessagingServiceSid')
  if (!/^MG[0-9a-fA-F]{32}$/.test(sid)) throw invalidParameter('MessagingServiceSid')
  return sid
}

function representConfiguration(caller: Caller, one: MessagingConfiguration, publicUrl: string): object {
  const service = spellSid('service', one.applicationId)
  return {
    account_sid: spellSid('account', caller.businessId),
    service_sid: service,
    country: one.country,
    messaging_service_sid: one.messagingServiceSid,
    date_created: twilioTime(one.createdAt),
    date_updated: twilioTime(one.updatedAt),
    url: `${publicUrl}/v2/Services/${service}/MessagingConfigurations/${one.country}`,
  }
}
