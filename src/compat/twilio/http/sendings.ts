import type { FastifyInstance } from 'fastify'
import { needs } from '#platform/http/permissions.ts'
import { Refusal } from '#platform/core/refusal.ts'
import type { DeliveryStatus } from '#platform/core/delivery-status.ts'
import { callerOf } from '#platform/http/authenticate.ts'
import type { Sending } from '#verification/port.ts'
import { spellChannel } from './channel.ts'
import { refuseUnknownFilters } from './form.ts'
import { readPage, representPage } from './page.ts'
import { twilioTime } from './represent.ts'
import { countryOf, countSendings, findSendings } from './scan-sendings.ts'
import { readFilter } from './sending-filter.ts'
import { readSid, spellSid } from '#compat/twilio/core/sid.ts'
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
    refuseUnknownFilters(request)
    const { found, goesOnAfter } = await findSendings(takes, filter, page)
    return representPage(request, takes.publicUrl(), page, found, {
      key: 'attempts',
      represent: represent(filter.sendings.businessId),
      goesOnAfter,
    })
  })

  app.get('/Attempts/Summary', needs('verification:read'), async (request) => {
    const filter = readFilter(request)
    refuseUnknownFilters(request)
    const { all, converted } = await countSendings(takes, filter)
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
      country: countryOf(sending.recipient),
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
