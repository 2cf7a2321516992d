import type { Caller } from '#platform/core/caller.ts'

/** What Vonage's clients sign in with: eight characters and a UUID. */
export const vonageCredentials = ({ businessId }: Caller, applicationId: string) => ({
  api_key: businessId.replaceAll('-', '').slice(-8),
  application_id: applicationId,
})
