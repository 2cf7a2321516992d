/** What the ids of this module begin with. */
export const totpIds = { factor: 'fct', challenge: 'chl' } as const
