import type { FastifyInstance, FastifyRequest } from 'fastify'
import { needs } from '#platform/http/permissions.ts'
import type { Caller } from '#platform/core/caller.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { factorEventKinds } from '#totp/core/event-kinds.ts'
import { endpointsMax, type NewWebhookEndpoint, type WebhookEndpoint } from '#webhooks/core/endpoint.ts'
import { serviceCaller } from './authenticate.ts'
import { invalidParameter, TwilioFault } from './errors.ts'
import { type Form, formOf } from './form.ts'
import { readPage, representPage } from './page.ts'
import { twilioTime } from './represent.ts'
import { readSid, spellSid } from '#compat/twilio/core/sid.ts'
import { type TwilioWebhookSettings, webhookVersions } from '#compat/twilio/core/webhook-settings.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { TwilioTakes } from './takes.ts'

type Takes = Pick<TwilioTakes, 'access' | 'now' | 'publicUrl' | 'webhooks'>

/** Twilio has one name for all of them. */
const everything = ['factor.*', 'challenge.*']

/** A code of ours is never denied, but endpoints may ask to be told. */
const eventTypes: readonly string[] = [...Object.keys(factorEventKinds), 'challenge.denied']

/** News of authenticator apps: endpoints of ours in Twilio's format, each of one service and of the key's mode. */
export function webhookRoutes(app: FastifyInstance, takes: Takes): void {
  const path = '/Services/:ServiceSid/Webhooks'

  app.post(path, needs('webhooks:admin'), async (request, reply) => {
    const caller = await serviceCaller(takes, request)
    const form = formOf(request)
    for (const name of ['FriendlyName', 'EventTypes', 'WebhookUrl']) form.required(name)
    const { disabled, ...wanted } = readSettings(takes, form)
    if ((await takes.webhooks.endpoints.list(caller, takes.now())).length >= endpointsMax) {
      throw new TwilioFault(60200, 400, `Invalid parameter: there are ${endpointsMax} webhooks already`)
    }
    const { applicationId } = caller
    const made = await takes.webhooks.endpoints.create(
      caller,
      { format: 'twilio', applicationId, ...wanted },
      takes.now(),
    )
    const kept = disabled ? await takes.webhooks.endpoints.change(caller, made.id, { disabled }, takes.now()) : made
    // The only answer that has it; Twilio's own clients pass over it, and ask for a new one natively.
    return reply.status(201).send({ ...represent(kept ?? made, takes.publicUrl()), secret: made.secret })
  })

  app.get(path, needs('webhooks:read'), async (request) => {
    const caller = await serviceCaller(takes, request)
    const page = readPage(request)
    const found = (await listOf(takes, caller)).filter(({ id }) => page.after === undefined || id > page.after)
    const one = (endpoint: WebhookEndpoint) => represent(endpoint, takes.publicUrl())
    return representPage(request, takes.publicUrl(), page, found, { key: 'webhooks', represent: one })
  })

  app.get(`${path}/:Sid`, needs('webhooks:read'), async (request) =>
    represent((await findWebhook(takes, request)).endpoint, takes.publicUrl()),
  )

  app.post(`${path}/:Sid`, needs('webhooks:admin'), async (request) => {
    const { caller, endpoint } = await findWebhook(takes, request)
    const changes = readSettings(takes, formOf(request), endpoint)
    const changed = await takes.webhooks.endpoints.change(caller, endpoint.id, changes, takes.now())
    if (!changed) throw new Refusal(platformRefusals.resource_not_found)
    return represent(changed, takes.publicUrl())
  })

  app.delete(`${path}/:Sid`, needs('webhooks:admin'), async (request, reply) => {
    const { caller, endpoint } = await findWebhook(takes, request)
    await takes.webhooks.endpoints.remove(caller, endpoint.id, takes.now())
    return reply.status(204).send()
  })
}

async function listOf(takes: Takes, caller: Caller): Promise<WebhookEndpoint[]> {
  const all = await takes.webhooks.endpoints.list(caller, takes.now())
  return all.filter(({ format, applicationId }) => format === 'twilio' && applicationId === caller.applicationId)
}

async function findWebhook(takes: Takes, request: FastifyRequest) {
  const caller = await serviceCaller(takes, request)
  const id = readSid('webhook', (request.params as { Sid: string }).Sid)
  const endpoint = (await listOf(takes, caller)).find((one) => one.id === id)
  if (!endpoint) throw new Refusal(platformRefusals.resource_not_found)
  return { caller, endpoint }
}

/** What is given; the rest as it was. */
function readSettings(
  takes: Takes,
  form: Form,
  before?: WebhookEndpoint,
): Pick<NewWebhookEndpoint, 'url' | 'events'> & {
  readonly formatSettings: Readonly<Record<string, string>>
  readonly disabled: boolean
} {
  const url = form.text('WebhookUrl') ?? before?.url ?? ''
  const problem = form.text('WebhookUrl') === undefined ? undefined : takes.webhooks.judgeUrl(url)
  if (problem !== undefined || url.length > 2000) throw invalidParameter('WebhookUrl', problem)
  const friendlyName = form.text('FriendlyName') ?? (before && settingsOf(before).friendly_name) ?? ''
  if (friendlyName.length > 64) throw invalidParameter('FriendlyName')
  const events = form.all('EventTypes')
  return {
    url,
    events: events.length === 0 ? (before?.events ?? []) : readEvents(events),
    formatSettings: {
      friendly_name: friendlyName,
      version: readOne(form, 'Version', webhookVersions) ?? (before && settingsOf(before).version) ?? 'v2',
      ...(before && { updated_at: takes.now().toISOString() }),
    },
    disabled:
      (readOne(form, 'Status', ['enabled', 'disabled']) ?? (before?.disabledAt ? 'disabled' : 'enabled')) ===
      'disabled',
  }
}

function readEvents(given: readonly string[]): readonly string[] {
  if (given.includes('*')) return everything
  if (!given.every((kind) => eventTypes.includes(kind))) throw invalidParameter('EventTypes')
  return [...new Set(given)]
}

const settingsOf = (endpoint: WebhookEndpoint) => endpoint.formatSettings as unknown as TwilioWebhookSettings

function readOne<const Value extends string>(form: Form, name: string, values: readonly Value[]): Value | undefined {
  const given = form.text(name)
  const known = values.find((value) => value === given)
  if (given !== undefined && known === undefined) throw invalidParameter(name)
  return known
}

function represent(endpoint: WebhookEndpoint, publicUrl: string) {
  const sid = spellSid('webhook', endpoint.id)
  const service = spellSid('service', endpoint.applicationId ?? '')
  const at = twilioTime(endpoint.createdAt)
  const { friendly_name, version, updated_at } = settingsOf(endpoint)
  return {
    sid,
    service_sid: service,
    account_sid: spellSid('account', endpoint.businessId),
    friendly_name,
    event_types: endpoint.events.includes('factor.*') ? ['*'] : endpoint.events,
    status: endpoint.disabledAt ? 'disabled' : 'enabled',
    version,
    webhook_url: endpoint.url,
    webhook_method: 'POST',
    date_created: at,
    date_updated: updated_at === undefined ? at : twilioTime(new Date(updated_at)),
    url: `${publicUrl}/v2/Services/${service}/Webhooks/${sid}`,
  }
}
