/** Channels in the order of preference of a default workflow. */
export const channels = ['whatsapp', 'rcs', 'sms', 'voice', 'email'] as const
export type Channel = (typeof channels)[number]
