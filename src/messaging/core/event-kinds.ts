import type { NoticeKind } from './notice.ts'

/** The kinds of events of a message in a chat, with what has happened. */
export const messageEventKinds = {
  'message.received': 'Somebody wrote, chose from what they were sent, or changed what they had written.',
  'message.sent': 'A provider accepted a message.',
  'message.delivered': 'A message arrived.',
  'message.read': 'A message was read.',
  'message.failed': 'A message did not arrive.',
  'message.unknown': 'Nobody knows what became of a message.',
} as const

export type MessageEventKind = keyof typeof messageEventKinds

/** The kinds of events of a sender. */
export const senderEventKinds = {
  'sender.created': 'A sender was added.',
  'sender.changed': 'The host, the credentials or the settings of a sender were changed.',
  'sender.removed': 'A sender was removed.',
  'sender.account': 'The provider told of the account behind a sender: a restriction, an alert, a review.',
  'sender.number': 'The provider told of the number: its quality, its limit, its name.',
  'sender.template': 'The provider told of a template: approved, refused, paused, of another category.',
  'sender.security': 'Somebody changed what protects the number at the provider.',
  'sender.failing': 'Messages of the sender fail until somebody acts.',
  'sender.other_number': 'News of another number came to the URL of this sender.',
  'sender.identity_changed': 'Another account is behind a number than before.',
} as const satisfies Readonly<
  Record<`sender.${NoticeKind | 'identity_changed' | 'created' | 'changed' | 'removed'}`, string>
>

export type SenderEventKind = keyof typeof senderEventKinds
