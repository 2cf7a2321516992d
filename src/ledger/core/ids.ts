/** What the ids of this module begin with. */
export const ledgerIds = { account: 'acc', transfer: 'trf' } as const
