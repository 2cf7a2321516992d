/** What the ids of this module begin with. */
export const messagingIds = { sender: 'snd', message: 'msg', contact: 'con' } as const
