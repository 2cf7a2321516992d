/** What the ids of this module begin with. */
export const accessIds = { business: 'biz', application: 'app', apiKey: 'key' } as const
