/** Channels in the order of preference of a default workflow. */
export const channels = ['whatsapp', 'rcs', 'sms', 'voice', 'email'] as const
export type Channel = (typeof channels)[number]

/** Those that a provider of this version carries: what a caller may name, and what is shown. */
export const offeredChannels = ['whatsapp', 'sms'] as const satisfies readonly Channel[]
