import { needs } from '#platform/http/permissions.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Caller } from '#platform/core/caller.ts'
import type { Channel } from '#platform/core/channel.ts'
import { callerOf } from '#platform/http/authenticate.ts'
import { spellSid } from '#compat/twilio/core/sid.ts'
import type { CodeTemplate } from '#compat/twilio/core/template.ts'
import { invalidParameter, notOffered, TwilioFault } from './errors.ts'
import { type Form, queryOf } from './form.ts'
import { readPage, representPage } from './page.ts'
import type { TwilioTakes } from './takes.ts'

type Takes = Pick<TwilioTakes, 'access' | 'codeTemplates' | 'publicUrl'>

/** The approved templates that codes of the account's services go by; each can be named where a code is sent. */
export function templateRoutes(app: FastifyInstance, takes: Takes): void {
  app.get('/Templates', needs('compat:read'), async (request) => {
    const caller = callerOf(request)
    const page = readPage(request)
    const name = queryOf(request).text('FriendlyName')
    const applications = await takes.access.businesses.listApplications(caller.businessId)
    const lifetimes = applications.map(({ policy }) => policy.expiresInSeconds)
    const all = await takes.codeTemplates.list(caller, lifetimes, (error) => tellFailure(request, error))
    const rest = all.filter((one) => (page.after ?? '') < one.id && (name === undefined || one.name === name))
    const represent = (one: CodeTemplate) => representTemplate(caller, one)
    return representPage(request, takes.publicUrl(), page, rest, { key: 'templates', represent })
  })
}

const tellFailure = (request: FastifyRequest, error: unknown): void =>
  request.log.warn({ err: error }, 'the templates of a sender could not be read')

/**
 * A template that a start names is the one that its message goes by, or the start is refused. Nothing but the code is set
 * in it, so there is nothing to substitute.
 */
export async function requireTemplate(
  takes: Pick<TwilioTakes, 'access' | 'codeTemplates'>,
  request: FastifyRequest,
  caller: Caller,
  form: Form,
  channel: Channel | undefined,
): Promise<void> {
  const substitutions = form.map('TemplateCustomSubstitutions', { entries: 20, length: 255 }) ?? {}
  if (Object.keys(substitutions).length > 0) {
    throw invalidParameter('TemplateCustomSubstitutions', 'no template of this account has variables of its own')
  }
  const sid = form.text('TemplateSid')
  if (sid === undefined) return
  const application = await takes.access.findApplication(caller.businessId, caller.applicationId)
  const lifetimes = application ? [application.policy.expiresInSeconds] : []
  let failed = false
  const all = await takes.codeTemplates.list(caller, lifetimes, (error) => {
    failed = true
    tellFailure(request, error)
  })
  const found = all.find(({ id }) => spellSid('template', id) === sid)
  if (!found && failed) throw new TwilioFault(20503, 503, 'The templates cannot be looked up at the moment')
  if (!found) throw new TwilioFault(60228, 400, 'Template not found: see the list of templates')
  if (channel !== undefined && channel !== found.channel) {
    throw notOffered(`this template on another channel than ${found.channel}`)
  }
}

const representTemplate = ({ businessId }: Caller, { id, name, channel, languages }: CodeTemplate): object => ({
  sid: spellSid('template', id),
  account_sid: spellSid('account', businessId),
  friendly_name: name,
  channels: [channel],
  translations: Object.fromEntries(
    languages.map((language, index) => {
      const locale = language.replace('_', '-')
      // Text and dates lie with the vendor, who tells neither in this list.
      const unknown = { text: null, date_created: null, date_updated: null }
      return [locale, { is_default_translation: index === 0, status: 'approved', locale, ...unknown }]
    }),
  ),
})
