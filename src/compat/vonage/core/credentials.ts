import type { Caller } from '#platform/core/caller.ts'

/** The user name of Basic: the end of the business's id, as short as Vonage's own. */
export const vonageApiKey = (businessId: string): string => businessId.slice(-8)

/** What Vonage's clients sign in with: eight characters and a UUID. */
export const vonageCredentials = ({ businessId }: Caller, applicationId: string) => ({
  api_key: vonageApiKey(businessId),
  application_id: applicationId,
})
