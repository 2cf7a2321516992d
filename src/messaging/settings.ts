import { define, list } from '#platform/setting-kit.ts'

/** Settings of this module; the reference page is made of these and the other modules'. */
export const messagingSettings = {
  providerHosts: define<readonly string[]>({
    name: 'CENTANG_PROVIDER_HOSTS',
    about: 'Hosts that live senders may call besides the vendors own, comma-separated.',
    example: 'sms-gateway.internal:8080',
    read: list,
    absent: [],
  }),
} as const
