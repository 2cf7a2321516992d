/** The kinds of events of a message in a chat, with what has happened. */
export const messageEventKinds = {
  'message.received': 'Somebody wrote, or chose from what they were sent.',
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
} as const

export type SenderEventKind = keyof typeof senderEventKinds
