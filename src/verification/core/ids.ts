/** Prefixes of this module's ids. */
export const verificationIds = { verification: 'ver', delivery: 'dlv', preSendQuestion: 'psq' } as const
