import type { Caller } from '#platform/core/caller.ts'
import { spellSid } from './sid.ts'

/** What Twilio's clients sign in with; either sid may be the user name. */
export const twilioCredentials = ({ businessId, keyId }: Caller, applicationId: string) => ({
  account_sid: spellSid('account', businessId),
  api_key_sid: spellSid('apiKey', keyId),
  service_sid: spellSid('service', applicationId),
})
