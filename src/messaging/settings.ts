import { define, integer, list } from '#platform/setting-kit.ts'

/** Settings of this module; the reference page is made of these and the other modules'. */
export const messagingSettings = {
  providerHosts: define<readonly string[]>({
    name: 'CENTANG_PROVIDER_HOSTS',
    about:
      'Hosts that live senders may call besides the vendors own, comma-separated; with a path, only what begins with it. Every business of this server may point a sender there.',
    example: 'sms-gateway.internal:8080/send',
    read: list,
    absent: [],
  }),
  keepMessagesDays: define({
    name: 'CENTANG_KEEP_MESSAGES_DAYS',
    about: 'Days that messages of chats are kept.',
    example: '365',
    read: integer(1, 3650),
    absent: 365,
  }),
} as const
