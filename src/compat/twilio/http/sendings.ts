import type { FastifyInstance, FastifyRequest } from 'fastify'
import { needs } from '#platform/http/permissions.ts'
import { getCountries, getCountryCallingCode, isSupportedCountry } from 'libphonenumber-js/max'
import { Refusal } from '#platform/core/refusal.ts'
import type { DeliveryStatus } from '#platform/core/delivery-status.ts'
import { callerOf } from '#platform/http/authenticate.ts'
import type { Sending, SendingFilter } from '#verification/port.ts'
import { readRecipient } from '#platform/http/recipient.ts'
import { readChannel, spellChannel } from './channel.ts'
import { invalidParameter, notOffered } from './errors.ts'
import { type Form, queryOf } from './form.ts'
import { readPage, representPage } from './page.ts'
import { twilioTime } from './represent.ts'
import { readSid, type SidKind, spellSid } from '#compat/twilio/core/sid.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { TwilioTakes } from './takes.ts'

type Takes = Pick<TwilioTakes, 'now' | 'publicUrl' | 'verification'>

/** What Twilio calls attempts: each message that was sent, and whether its verification was approved. */
export function sendingRoutes(app: FastifyInstance, takes: Takes): void {
  const represent = (businessId: string) => (sending: Sending) =>
    representSending(businessId, sending, takes.publicUrl(), takes.now())

  app.get('/Attempts', needs('verification:read'), async (request) => {
    const page = readPage(request)
    const filter = readFilter(request)
    const found = await takes.verification.sendings.listSendings({
      ...filter,
      limit: page.size + 1,
      ...(page.after !== undefined && { before: page.after }),
    })
    return representPage(request, takes.publicUrl(), page, found, {
      key: 'attempts',
      represent: represent(filter.businessId),
    })
  })

  app.get('/Attempts/Summary', needs('verification:read'), async (request) => {
    const { all, converted } = await takes.verification.sendings.countSendings(readFilter(request))
    return {
      total_attempts: all,
      total_converted: converted,
      total_unconverted: all - converted,
      conversion_rate_percentage: all === 0 ? '0' : String((converted * 100) / all),
      url: `${takes.publicUrl()}/v2/Attempts/Summary`,
    }
  })

  app.get('/Attempts/:Sid', needs('verification:read'), async (request) => {
    const { businessId, live } = callerOf(request)
    const id = readSid('sending', (request.params as { Sid: string }).Sid)
    const [found] =
      id === undefined ? [] : await takes.verification.sendings.listSendings({ businessId, live, id, limit: 1 })
    if (!found) throw new Refusal(platformRefusals.resource_not_found)
    return represent(businessId)(found)
  })
}

function readFilter(request: FastifyRequest): SendingFilter {
  const query = queryOf(request)
  const { businessId, live } = callerOf(request)
  const to = query.text('ChannelData.To')?.trim()
  const channel = query.text('Channel')
  const status = query.text('Status')
  if (status !== undefined && status !== 'converted' && status !== 'unconverted') throw invalidParameter('Status')
  return {
    businessId,
    live,
    applicationId: readSidIn(query, 'VerifyServiceSid', 'service'),
    verificationId: readSidIn(query, 'VerificationSid', 'verification'),
    recipient: to === undefined ? undefined : readRecipient(to),
    recipientPrefixes: readPrefixes(query),
    channel: channel === undefined ? undefined : readChannel(channel),
    isConverted: status === undefined ? undefined : status === 'converted',
    sentAfter: readTime(query, 'DateCreatedAfter'),
    sentBefore: readTime(query, 'DateCreatedBefore'),
  }
}

function readSidIn(query: Form, name: string, kind: SidKind): string | undefined {
  const text = query.text(name)
  if (text === undefined) return undefined
  const id = readSid(kind, text)
  if (id === undefined) throw invalidParameter(name)
  return id
}

function readTime(query: Form, name: string): Date | undefined {
  const text = query.text(name)
  if (text === undefined) return undefined
  const isTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[ +-]\d\d:?\d\d))?$/.test(text)
  const at = new Date(text.replace(' ', '+'))
  if (!isTime || Number.isNaN(at.getTime())) throw invalidParameter(name)
  return at
}

function readPrefixes(query: Form): string[] | undefined {
  const prefix = query.text('DestinationPrefix')?.trim().replace(/^\+/, '')
  if (prefix !== undefined && !/^\d{1,15}$/.test(prefix)) throw invalidParameter('DestinationPrefix')
  const country = query.text('Country')?.toUpperCase()
  if (country === undefined) return prefix === undefined ? undefined : [`+${prefix}`]
  if (!isSupportedCountry(country)) throw invalidParameter('Country')
  const code = getCountryCallingCode(country)
  // A number alone does not tell the countries apart that share a calling code.
  if (getCountries().filter((one) => getCountryCallingCode(one) === code).length > 1) {
    throw notOffered('a country that shares its calling code; use DestinationPrefix')
  }
  if (prefix === undefined) return [`+${code}`]
  // Both hold: the longer one, when it begins with the shorter; otherwise nobody.
  if (prefix.startsWith(code)) return [`+${prefix}`]
  return code.startsWith(prefix) ? [`+${code}`] : []
}

const messageStatuses: Record<DeliveryStatus, string> = {
  queued: 'queued',
  sending: 'sending',
  unknown: 'sent',
  sent: 'sent',
  failed: 'undelivered',
  delivered: 'delivered',
  read: 'read',
}

function representSending(businessId: string, sending: Sending, publicUrl: string, now: Date): object {
  const sid = spellSid('sending', sending.id)
  const isConverted = sending.verificationStatus === 'approved'
  return {
    sid,
    account_sid: spellSid('account', businessId),
    service_sid: spellSid('service', sending.applicationId),
    verification_sid: spellSid('verification', sending.verificationId),
    date_created: twilioTime(sending.queuedAt),
    date_updated: twilioTime(sending.updatedAt),
    conversion_status: isConverted ? 'converted' : 'unconverted',
    channel: spellChannel(sending.channel),
    // What a message costs is between the business and its provider.
    price: { value: null, currency: 'usd' },
    channel_data: {
      verification_sid: spellSid('verification', sending.verificationId),
      to: sending.recipient,
      status: isConverted ? 'confirmed' : isOver(sending, now) ? 'expired' : 'unconfirmed',
      message_status: messageStatuses[sending.status],
      error_code: sending.providerCode === '' ? null : sending.providerCode,
      country: null,
      code_length: sending.codeLength,
      locale: sending.locale,
      mcc: null,
      mnc: null,
      carrier: null,
    },
    url: `${publicUrl}/v2/Attempts/${sid}`,
  }
}

/** A pending one whose ten minutes are over has expired, whether or not its timer has run. */
const isOver = ({ verificationStatus, queuedAt }: Sending, now: Date): boolean =>
  verificationStatus === 'expired' ||
  (verificationStatus === 'pending' && now.getTime() - queuedAt.getTime() > 10 * 60_000)
