import type { AccessPort } from '#access/port.ts'
import type { Keyring } from '#platform/keys/keyring.ts'
import type { TotpPort } from '#totp/port.ts'
import type { VerificationPort } from '#verification/port.ts'
import type { WebhooksPort } from '#webhooks/port.ts'
import type { CodeTemplates } from './code-templates.ts'
import type { MessagingConfigurationStore } from '#compat/twilio/store/messaging-configurations.ts'
import type { RateLimitStore } from '#compat/twilio/store/rate-limits.ts'
import type { SafeNumberStore } from '#compat/twilio/store/safe-numbers.ts'
import type { ServiceSettingStore } from '#compat/twilio/store/service-settings.ts'

/** What there is to take for Twilio's calls; each file of them picks what it needs. */
export interface TwilioTakes {
  readonly access: AccessPort
  readonly verification: VerificationPort
  readonly totp: TotpPort
  readonly codeTemplates: CodeTemplates
  readonly webhooks: WebhooksPort
  readonly rateLimits: RateLimitStore
  readonly safeNumbers: SafeNumberStore
  readonly serviceSettings: ServiceSettingStore
  readonly messagingConfigurations: MessagingConfigurationStore
  readonly keys: Pick<Keyring, 'fingerprint'>
  readonly now: () => Date
  readonly publicUrl: () => string
}
