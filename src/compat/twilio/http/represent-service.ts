import type { Application } from '#access/core/business.ts'
import type { TotpSettings } from '#totp/core/settings.ts'
import type { ServiceSettings } from '#compat/twilio/core/kept-settings.ts'
import { spellSid } from '#compat/twilio/core/sid.ts'
import { twilioTime } from './represent.ts'
import { representTotpSettings } from './totp/settings.ts'

/** What is kept of a service besides its application. */
export interface KeptOfService {
  readonly own: ServiceSettings | undefined
  readonly totp: TotpSettings | undefined
}

export function representService(application: Application, { own, totp }: KeptOfService, publicUrl: string): object {
  const sid = spellSid('service', application.id)
  const url = `${publicUrl}/v2/Services/${sid}`
  return {
    sid,
    account_sid: spellSid('account', application.businessId),
    friendly_name: application.brand,
    code_length: application.policy.codeLength,
    lookup_enabled: false,
    psd2_enabled: true,
    skip_sms_to_landlines: false,
    dtmf_input_required: true,
    tts_name: null,
    do_not_share_warning_enabled: true,
    custom_code_enabled: own?.customCodeEnabled ?? false,
    // Objects also where there is nothing in them: clients read their fields without asking.
    push: { include_date: false, apn_credential_sid: null, fcm_credential_sid: null },
    totp: representTotpSettings(totp, application.brand),
    whatsapp: { msg_service_sid: null, from: null },
    passkeys: {
      relying_party: { id: null, name: null, origins: [] },
      authenticator_attachment: null,
      discoverable_credentials: null,
      user_verification: null,
    },
    default_template_sid: null,
    verify_event_subscription_enabled: false,
    date_created: twilioTime(application.createdAt),
    date_updated: twilioTime(own?.updatedAt ?? application.createdAt),
    url,
    links: {
      verification_checks: `${url}/VerificationCheck`,
      verifications: `${url}/Verifications`,
      rate_limits: `${url}/RateLimits`,
      messaging_configurations: `${url}/MessagingConfigurations`,
      entities: `${url}/Entities`,
      webhooks: `${url}/Webhooks`,
      access_tokens: `${url}/AccessTokens`,
    },
  }
}
