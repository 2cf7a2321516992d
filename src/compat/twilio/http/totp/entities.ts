import type { FastifyInstance, FastifyRequest } from 'fastify'
import { needs } from '#platform/http/permissions.ts'
import { Refusal } from '#platform/core/refusal.ts'
import type { TotpEntity } from '#totp/core/factor.ts'
import { serviceCaller } from '#compat/twilio/http/authenticate.ts'
import { invalidParameter, TwilioFault } from '#compat/twilio/http/errors.ts'
import { formOf } from '#compat/twilio/http/form.ts'
import { type PageWanted, readPage, representPage } from '#compat/twilio/http/page.ts'
import { representEntity } from './represent.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { TwilioTakes } from '#compat/twilio/http/takes.ts'

type Takes = Pick<TwilioTakes, 'access' | 'now' | 'publicUrl' | 'totp'>

const identityShape = /^[A-Za-z0-9-]{8,64}$/

/** People with authenticator apps, by the name that the business gives them. */
export function entityRoutes(app: FastifyInstance, takes: Takes): void {
  const { entities } = takes.totp

  app.post('/Services/:ServiceSid/Entities', needs('totp:write'), async (request, reply) => {
    const caller = await serviceCaller(takes, request)
    const identity = formOf(request).required('Identity')
    if (!identityShape.test(identity)) throw invalidParameter('Identity')
    const { entity, isNew } = await entities.open(caller, identity, takes.now())
    if (!isNew) throw new TwilioFault(60301, 409, 'Entity already exists')
    return reply.status(201).send(representEntity(entity, takes.publicUrl()))
  })

  app.get('/Services/:ServiceSid/Entities', needs('totp:read'), async (request) => {
    const caller = await serviceCaller(takes, request)
    const page = readPage(request)
    const found = await entities.list(caller, sliceOf(page))
    const represent = (entity: TotpEntity) => representEntity(entity, takes.publicUrl())
    return representPage(request, takes.publicUrl(), page, found, { key: 'entities', represent })
  })

  app.get('/Services/:ServiceSid/Entities/:Identity', needs('totp:read'), async (request) =>
    representEntity(await findEntity(takes, request), takes.publicUrl()),
  )

  app.delete('/Services/:ServiceSid/Entities/:Identity', needs('totp:write'), async (request, reply) => {
    await entities.delete(await findEntity(takes, request), takes.now())
    return reply.status(204).send()
  })
}

/** One more than fits tells whether there is another page. */
export const sliceOf = ({ size, skip, after }: PageWanted) => ({
  limit: skip + size + 1,
  ...(after !== undefined && { after }),
})

const identityOf = (request: FastifyRequest): string => (request.params as { Identity: string }).Identity

export async function findEntity(takes: Takes, request: FastifyRequest): Promise<TotpEntity> {
  const caller = await serviceCaller(takes, request)
  const entity = await takes.totp.entities.find(caller, identityOf(request))
  if (!entity) throw new Refusal(platformRefusals.resource_not_found)
  return entity
}

/** With the first factor the vendor makes the entity too. */
export async function openEntity(takes: Takes, request: FastifyRequest): Promise<TotpEntity> {
  const caller = await serviceCaller(takes, request)
  const identity = identityOf(request)
  if (!identityShape.test(identity)) throw invalidParameter('Identity')
  return (await takes.totp.entities.open(caller, identity, takes.now())).entity
}
