import { getCountries, getCountryCallingCode } from 'libphonenumber-js/max'
import { Refusal } from '#platform/core/refusal.ts'
import type { Channel } from '#platform/core/channel.ts'
import { readRecipient } from '#platform/http/recipient.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

/** Parameters as they stand in the URL; one that comes twice is none. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>

export interface Send {
  readonly recipient: string
  /** Undefined: the application's workflow chooses. */
  readonly channel?: Channel
  /** Undefined: as many as the application asks. */
  readonly codeLength?: number
}

/** The country code is none that anybody has. */
export const invalidCountry = Symbol('invalid country')

const channelOf: Readonly<Record<string, Channel>> = { SMS: 'sms', WHATSAPP: 'whatsapp', RCS: 'rcs' }
const callingCodes = new Set<string>(getCountries().map((country) => getCountryCallingCode(country)))

export function readSend(query: Query): Send | typeof invalidCountry {
  const type = text(query, 'type') ?? 'OTP'
  if (type.toUpperCase() !== 'OTP') throw badParameter('type', 'must be OTP')
  const flow = text(query, 'flowType')
  const channel = flow === undefined ? undefined : channelOf[flow.toUpperCase()]
  if (flow !== undefined && channel === undefined) throw badParameter('flowType', 'must be SMS, WHATSAPP or RCS')
  const length = text(query, 'otpLength')
  if (length !== undefined && !/^[4-8]$/.test(length)) throw badParameter('otpLength', 'must be from 4 to 8')
  const country = (text(query, 'countryCode') ?? '').replace(/^[+ ]/, '')
  if (country === '') throw badParameter('countryCode', 'is required')
  if (!callingCodes.has(country)) return invalidCountry
  const mobile = text(query, 'mobileNumber')
  if (mobile === undefined || !/^\d{4,15}$/.test(mobile)) throw badParameter('mobileNumber', 'must be national digits')
  return {
    recipient: readRecipient(`+${country}${mobile}`),
    ...(length !== undefined && { codeLength: Number(length) }),
    ...(channel && { channel }),
  }
}

/** An empty parameter is one that was left out: clients build URLs from whatever they have. */
export function text(query: Query, name: string): string | undefined {
  const value = query[name]
  if (value === undefined || value === '' || value === 'undefined' || value === 'null') return undefined
  if (typeof value !== 'string') throw badParameter(name, 'came twice')
  return value
}

const badParameter = (name: string, problem: string): Refusal =>
  new Refusal(platformRefusals.body_invalid, { errors: [{ path: `querystring/${name}`, problem }] })
