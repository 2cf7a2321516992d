/** What the ids of this module begin with. */
export const guardIds = { notice: 'gdn' } as const
