import type { FastifyInstance, FastifyRequest } from 'fastify'
import { needs } from '#platform/http/permissions.ts'
import type { Application } from '#access/core/business.ts'
import { Refusal } from '#platform/core/refusal.ts'
import type { TotpSettings } from '#totp/core/settings.ts'
import { policyLimits } from '#access/core/policy.ts'
import { callerOf } from '#platform/http/authenticate.ts'
import { invalidParameter, notOffered, TwilioFault } from './errors.ts'
import { type Form, formOf } from './form.ts'
import { readPage, representPage } from './page.ts'
import { twilioTime } from './represent.ts'
import { readSid, spellSid } from '#compat/twilio/core/sid.ts'
import { readTotpSettings, representTotpSettings } from './totp/settings.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { TwilioTakes } from './takes.ts'

type Takes = Pick<TwilioTakes, 'access' | 'now' | 'publicUrl' | 'totp'>

/** A service is an application: its name is the brand in messages, its code length the policy's. */
export function serviceRoutes(app: FastifyInstance, takes: Takes): void {
  const { settings: totpSettings } = takes.totp
  const represent = async (application: Application): Promise<object> => {
    const settings = await totpSettings.list(application.businessId)
    return representService(application, settings.get(application.id), takes.publicUrl())
  }

  app.post('/Services', needs('access:admin'), async (request, reply) => {
    const caller = callerOf(request)
    const form = formOf(request)
    const name = readName(form.required('FriendlyName'))
    const codeLength = readSettings(form)
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
    return reply.status(201).send(await represent(made))
  })

  app.get('/Services', needs('access:read'), async (request) => {
    const page = readPage(request)
    const { businessId } = callerOf(request)
    const [all, settings] = await Promise.all([
      takes.access.businesses.listApplications(businessId),
      totpSettings.list(businessId),
    ])
    const rest = all.filter(({ id }) => page.after === undefined || id > page.after)
    return representPage(request, takes.publicUrl(), page, rest, {
      key: 'services',
      represent: (one) => representService(one, settings.get(one.id), takes.publicUrl()),
    })
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
    const codeLength = readSettings(form)
    const totp = readTotpSettings(form)
    const changes = { ...(name !== undefined && { name, brand: name }), ...(codeLength && { policy: { codeLength } }) }
    const changed = await takes.access.businesses.changeApplication(businessId, id, changes)
    if (!changed) throw new Refusal(platformRefusals.resource_not_found)
    await totpSettings.change(businessId, id, totp)
    return represent(changed)
  })

  app.delete('/Services/:ServiceSid', needs('access:admin'), async (request, reply) => {
    const { businessId, id } = await findService(takes, request)
    await takes.access.requireMayChange(callerOf(request))
    if (!(await takes.access.businesses.deleteApplication(businessId, id))) {
      throw new TwilioFault(60225, 409, 'Conflict: the service has API keys or a pending verification')
    }
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

function readName(name: string): string {
  if (name.length > 32 || /\d{5}/.test(name)) {
    throw invalidParameter('FriendlyName', 'at most 32 characters and no five digits in a row')
  }
  return name
}

/** How it is here, and whether the other value may be asked for because nothing would change by it. */
const flags: Readonly<Record<string, { readonly holds: boolean; readonly other?: true }>> = {
  LookupEnabled: { holds: false },
  SkipSmsToLandlines: { holds: false },
  DtmfInputRequired: { holds: true },
  Psd2Enabled: { holds: true, other: true },
  DoNotShareWarningEnabled: { holds: true, other: true },
  CustomCodeEnabled: { holds: true, other: true },
  VerifyEventSubscriptionEnabled: { holds: false },
}
const notSettable = /^(TtsName|DefaultTemplateSid|Push\.|Whatsapp\.|Passkeys\.)/

/** The code length; anything else that would have to change something here is refused by name. */
function readSettings(form: Form): number | undefined {
  for (const name of form.names()) {
    if (notSettable.test(name)) throw notOffered(name.slice(0, 40))
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined
    const value = flag && form.text(name)
    if (!flag || value === undefined) continue
    if (value !== 'true' && value !== 'false') throw invalidParameter(name)
    if (value !== String(flag.holds) && !flag.other) throw notOffered(name)
  }
  return form.integer('CodeLength', policyLimits.codeLength)
}

function representService(application: Application, totp: TotpSettings | undefined, publicUrl: string): object {
  const sid = spellSid('service', application.id)
  const url = `${publicUrl}/v2/Services/${sid}`
  const at = twilioTime(application.createdAt)
  return {
    sid,
    account_sid: spellSid('account', application.businessId),
    friendly_name: application.brand,
    code_length: application.policy.codeLength,
    lookup_enabled: false,
    psd2_enabled: true,
    skip_sms_to_landlines: false,
    dtmf_input_required: true,
    tts_name: null,
    do_not_share_warning_enabled: true,
    custom_code_enabled: true,
    // Objects also where there is nothing in them: clients read their fields without asking.
    push: { include_date: false, apn_credential_sid: null, fcm_credential_sid: null },
    totp: representTotpSettings(totp, application.brand),
    whatsapp: { msg_service_sid: null, from: null },
    passkeys: {},
    default_template_sid: null,
    verify_event_subscription_enabled: false,
    date_created: at,
    // Changes are not dated.
    date_updated: at,
    url,
    links: {
      verification_checks: `${url}/VerificationCheck`,
      verifications: `${url}/Verifications`,
      rate_limits: `${url}/RateLimits`,
      messaging_configurations: `${url}/MessagingConfigurations`,
      entities: `${url}/Entities`,
      webhooks: `${url}/Webhooks`,
      access_tokens: `${url}/AccessTokens`,
    },
  }
}
