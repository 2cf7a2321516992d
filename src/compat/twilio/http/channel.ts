import type { Channel } from '#platform/core/channel.ts'
import { isLocaleTag, nearestLocale } from '#platform/core/locale.ts'
import { invalidParameter, TwilioFault } from './errors.ts'

/** Twilio's words for channels, and those that its dashboards and other clients use. */
const byWord: Readonly<Record<string, Channel | 'auto'>> = {
  sms: 'sms',
  whatsapp: 'whatsapp',
  call: 'voice',
  voice: 'voice',
  email: 'email',
  rcs: 'rcs',
  rbm: 'rcs',
  auto: 'auto',
}

/** Undefined: `auto`, the application's workflow. */
export function readChannel(word: string): Channel | undefined {
  const name = word.toLowerCase()
  if (name === 'sna') throw new TwilioFault(60223, 400, 'Delivery channel disabled: SNA')
  const channel = Object.hasOwn(byWord, name) ? byWord[name] : undefined
  if (channel === undefined) throw invalidParameter('Channel')
  return channel === 'auto' ? undefined : channel
}

export const spellChannel = (channel: Channel): string => (channel === 'voice' ? 'call' : channel)

/** In `send_code_attempts` Twilio writes some of them in capitals. */
export const spellSentChannel = (channel: Channel): string =>
  channel === 'sms' || channel === 'email' ? channel.toUpperCase() : spellChannel(channel)

/**
 * The nearest language we have. Of one that we have not, Twilio's own rule holds: the default's text is sent.
 */
export function readLocale(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  if (!isLocaleTag(text)) throw invalidParameter('Locale')
  return nearestLocale(text)
}
