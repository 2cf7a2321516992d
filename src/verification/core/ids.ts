/** What the ids of this module begin with. */
export const verificationIds = { verification: 'ver', delivery: 'dlv', preSendQuestion: 'psq' } as const
