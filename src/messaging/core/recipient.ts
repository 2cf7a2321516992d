import type { Channel } from '#platform/core/channel.ts'

const phoneChannels: readonly Channel[] = ['whatsapp', 'rcs', 'sms', 'voice']
const emailChannels: readonly Channel[] = ['email']

const isEmail = (recipient: string): boolean => recipient.includes('@')

/** Channels that can reach a recipient of this kind at all. */
export const channelsFor = (recipient: string): readonly Channel[] =>
  isEmail(recipient) ? emailChannels : phoneChannels
