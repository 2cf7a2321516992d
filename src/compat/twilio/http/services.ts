import type { FastifyInstance, FastifyRequest } from 'fastify'
import { needs } from '#platform/http/permissions.ts'
import type { Application } from '#access/core/business.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { callerOf } from '#platform/http/authenticate.ts'
import { deleteService } from './delete-service.ts'
import { formOf } from './form.ts'
import { readPage, representPage } from './page.ts'
import { representService } from './represent-service.ts'
import { readName, readServiceSettings } from './service-settings.ts'
import { readSid } from '#compat/twilio/core/sid.ts'
import { readTotpSettings } from './totp/settings.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { TwilioTakes } from './takes.ts'

type Takes = Pick<TwilioTakes, 'access' | 'now' | 'publicUrl' | 'serviceSettings' | 'totp' | 'verification'>

/** A service is an application: its name is the brand in messages, its code length the policy's. */
export function serviceRoutes(app: FastifyInstance, takes: Takes): void {
  const { serviceSettings } = takes
  const { settings: totpSettings } = takes.totp
  /** Of every service of a business, what is kept of it besides its application. */
  const keptOf = async (businessId: string) => {
    const [own, totp] = await Promise.all([serviceSettings.list(businessId), totpSettings.list(businessId)])
    return (one: Application) =>
      representService(one, { own: own.get(one.id), totp: totp.get(one.id) }, takes.publicUrl())
  }
  const represent = async (application: Application): Promise<object> =>
    (await keptOf(application.businessId))(application)

  app.post('/Services', needs('access:admin'), async (request, reply) => {
    const caller = callerOf(request)
    const form = formOf(request)
    const name = readName(form.required('FriendlyName'))
    const { codeLength, own } = readServiceSettings(form)
    const totp = readTotpSettings(form)
    const like = await takes.access.findApplication(caller.businessId, caller.applicationId)
    if (!like) throw new Refusal(platformRefusals.credentials_invalid)
    // Languages and channels as in the application of the key that asks.
    const { businessId, locale, workflow, policy } = like
    const made = await takes.access.businesses.createApplication(
      { businessId, name, brand: name, locale, workflow, policy: { ...policy, ...(codeLength && { codeLength }) } },
      takes.now(),
    )
    await totpSettings.change(businessId, made.id, totp)
    if (own.customCodeEnabled !== undefined) {
      await serviceSettings.change({ businessId, applicationId: made.id }, own, made.createdAt)
    }
    return reply.status(201).send(await represent(made))
  })

  app.get('/Services', needs('access:read'), async (request) => {
    const page = readPage(request)
    const { businessId } = callerOf(request)
    const [all, representOne] = await Promise.all([
      takes.access.businesses.listApplications(businessId),
      keptOf(businessId),
    ])
    const rest = all.filter(({ id }) => page.after === undefined || id > page.after)
    return representPage(request, takes.publicUrl(), page, rest, { key: 'services', represent: representOne })
  })

  app.get('/Services/:ServiceSid', needs('access:read'), async (request) =>
    represent(await findService(takes, request)),
  )

  app.post('/Services/:ServiceSid', needs('access:admin'), async (request) => {
    const { businessId, id } = await findService(takes, request)
    await takes.access.requireMayChange(callerOf(request))
    const form = formOf(request)
    const given = form.text('FriendlyName')
    const name = given === undefined ? undefined : readName(given)
    const { codeLength, own } = readServiceSettings(form)
    const totp = readTotpSettings(form)
    const changes = { ...(name !== undefined && { name, brand: name }), ...(codeLength && { policy: { codeLength } }) }
    const changed = await takes.access.businesses.changeApplication(businessId, id, changes)
    if (!changed) throw new Refusal(platformRefusals.resource_not_found)
    await totpSettings.change(businessId, id, totp)
    await serviceSettings.change({ businessId, applicationId: id }, own, takes.now())
    return represent(changed)
  })

  app.delete('/Services/:ServiceSid', needs('access:admin'), async (request, reply) => {
    const { businessId, id } = await findService(takes, request)
    await takes.access.requireMayChange(callerOf(request))
    await deleteService(takes, { businessId, applicationId: id })
    return reply.status(204).send()
  })
}

async function findService(takes: Takes, request: FastifyRequest): Promise<Application> {
  const id = readSid('service', (request.params as { ServiceSid: string }).ServiceSid)
  const found =
    id === undefined ? undefined : await takes.access.businesses.findApplication(callerOf(request).businessId, id)
  if (!found) throw new Refusal(platformRefusals.resource_not_found)
  return found
}
