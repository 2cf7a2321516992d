import type { FastifyRequest } from 'fastify'
import { getCountries, getCountryCallingCode, isSupportedCountry } from 'libphonenumber-js/max'
import { callerOf } from '#platform/http/authenticate.ts'
import { readRecipient } from '#platform/http/recipient.ts'
import type { SendingFilter } from '#verification/port.ts'
import { readSid, type SidKind } from '#compat/twilio/core/sid.ts'
import { readChannel } from './channel.ts'
import { invalidParameter } from './errors.ts'
import { type Form, queryOf } from './form.ts'
import { readTime } from './time.ts'

/** What a list of attempts is of. */
export interface AttemptFilter {
  readonly sendings: SendingFilter
  /** A country that shares its calling code: each number tells, not its first digits. */
  readonly country?: string
}

export function readFilter(request: FastifyRequest): AttemptFilter {
  const query = queryOf(request)
  const { businessId, live } = callerOf(request)
  const to = query.text('ChannelData.To')?.trim()
  const channel = query.text('Channel')
  const status = query.text('Status')
  if (status !== undefined && status !== 'converted' && status !== 'unconverted') throw invalidParameter('Status')
  const { prefixes, country } = readPlace(query)
  const sendings = {
    businessId,
    live,
    applicationId: readSidIn(query, 'VerifyServiceSid', 'service'),
    verificationId: readSidIn(query, 'VerificationSid', 'verification'),
    recipient: to === undefined ? undefined : readRecipient(to),
    recipientPrefixes: prefixes,
    channel: channel === undefined ? undefined : readChannel(channel),
    isConverted: status === undefined ? undefined : status === 'converted',
    sentAfter: readTime(query, 'DateCreatedAfter'),
    sentBefore: readTime(query, 'DateCreatedBefore'),
  }
  return { sendings, ...(country !== undefined && { country }) }
}

function readSidIn(query: Form, name: string, kind: SidKind): string | undefined {
  const text = query.text(name)
  if (text === undefined) return undefined
  const id = readSid(kind, text)
  if (id === undefined) throw invalidParameter(name)
  return id
}

function readPlace(query: Form): { readonly prefixes?: string[]; readonly country?: string } {
  const prefix = query.text('DestinationPrefix')?.trim().replace(/^\+/, '')
  if (prefix !== undefined && !/^\d{1,15}$/.test(prefix)) throw invalidParameter('DestinationPrefix')
  const country = query.text('Country')?.toUpperCase()
  if (country === undefined) return prefix === undefined ? {} : { prefixes: [`+${prefix}`] }
  if (!isSupportedCountry(country)) throw invalidParameter('Country')
  const code = getCountryCallingCode(country)
  const isShared = getCountries().filter((one) => getCountryCallingCode(one) === code).length > 1
  return { prefixes: bothPrefixes(code, prefix), ...(isShared && { country }) }
}

/** Both hold: the longer one, when it begins with the shorter; otherwise nobody. */
function bothPrefixes(code: string, prefix: string | undefined): string[] {
  if (prefix === undefined) return [`+${code}`]
  if (prefix.startsWith(code)) return [`+${prefix}`]
  return code.startsWith(prefix) ? [`+${code}`] : []
}
