/** The kinds of events of a verification and its deliveries, with what has happened. */
export const verificationEventKinds = {
  'verification.started': 'A verification was started.',
  'verification.moved_on': 'Its workflow went on to another message.',
  'verification.check_failed': 'A wrong code was given.',
  'verification.approved': 'The right code was given.',
  'verification.canceled': 'It was canceled.',
  'verification.expired': 'Nobody gave the code in time.',
  'verification.blocked': 'There were too many wrong codes, or somebody said that they did not ask for it.',
  'verification.undeliverable': 'No channel could deliver a code.',
  'delivery.sent': 'A provider accepted a message.',
  'delivery.delivered': 'A message arrived.',
  'delivery.read': 'A message was read.',
  'delivery.failed': 'A message did not arrive.',
  'delivery.unknown': 'Nobody knows what became of a message.',
  'delivery.deferred': 'A message is sent again later.',
} as const
