import type { AccessPort } from '#access/port.ts'
import type { MessagingPort } from '#messaging/port.ts'
import { dayMs } from '#platform/core/kept.ts'
import type { Module, ModuleFacts } from '#platform/module.ts'
import type { Platform } from '#platform/open-platform.ts'
import type { TotpPort } from '#totp/port.ts'
import type { VerificationPort } from '#verification/port.ts'
import type { WebhookFormat } from '#webhooks/core/format.ts'
import type { WebhooksPort } from '#webhooks/port.ts'
import { compatPermissions } from './core/permissions.ts'
import { credentialRoutes } from './http/credentials.ts'
import { messageCentralCredentials } from './message-central/core/credentials.ts'
import { messageCentralRoutes } from './message-central/http/routes.ts'
import { VerificationNumberStore } from './message-central/store/verification-numbers.ts'
import { twilioCredentials } from './twilio/core/credentials.ts'
import { createCodeTemplates } from './twilio/http/code-templates.ts'
import { twilioWebhooks } from './twilio/http/webhook-format.ts'
import { vonageWebhooks } from './vonage/http/webhook-format.ts'
import { twilioRoutes } from './twilio/http/routes.ts'
import { MessagingConfigurationStore } from './twilio/store/messaging-configurations.ts'
import { RateLimitStore } from './twilio/store/rate-limits.ts'
import { personalSafeNumbers } from './twilio/store/personal-safe-numbers.ts'
import { SafeNumberStore } from './twilio/store/safe-numbers.ts'
import { ServiceSettingStore } from './twilio/store/service-settings.ts'
import { vonageCredentials } from './vonage/core/credentials.ts'
import { publicKeyRoutes } from './vonage/http/public-key.ts'
import { vonageRoutes } from './vonage/http/routes.ts'
import { CachedPublicKeyStore } from './vonage/store/cached-public-keys.ts'

export const compatFacts = {
  name: 'compat',
  permissions: compatPermissions,
  personal: [personalSafeNumbers],
} as const satisfies ModuleFacts

export interface CompatOptions {
  readonly access: AccessPort
  readonly messaging: MessagingPort
  readonly verification: VerificationPort
  readonly totp: TotpPort
  readonly webhooks: WebhooksPort
  readonly keepVerificationsDays: number
}

/** How these vendors tell of events; webhooks has them before their APIs are opened. */
export const vendorWebhooks = ({ readCourses }: Pick<VerificationPort, 'readCourses'>): readonly WebhookFormat[] => [
  vonageWebhooks(readCourses),
  twilioWebhooks,
]

/** The APIs of three vendors, as their own SDKs call them. */
export function openCompat(
  platform: Platform,
  { access, messaging, verification, totp, webhooks, keepVerificationsDays }: CompatOptions,
) {
  const { database, keyring, now, addresses } = platform
  const shared = { access, verification, keys: keyring, now, publicUrl: addresses.public }
  const twilio = {
    ...shared,
    totp,
    webhooks,
    codeTemplates: createCodeTemplates(messaging),
    rateLimits: new RateLimitStore(database),
    safeNumbers: new SafeNumberStore(database),
    serviceSettings: new ServiceSettingStore(database),
    messagingConfigurations: new MessagingConfigurationStore(database),
  }
  const vonage = { ...shared, publicKeys: new CachedPublicKeyStore(database) }
  const messageCentral = { ...shared, verificationNumbers: new VerificationNumberStore(database) }
  const credentials = {
    twilio: twilioCredentials,
    vonage: vonageCredentials,
    message_central: messageCentralCredentials,
  }
  return {
    name: compatFacts.name,
    keeps: [
      {
        name: 'verification numbers',
        keptForMs: keepVerificationsDays * dayMs,
        forget: (before, limit) => messageCentral.verificationNumbers.forget(before, limit),
      },
    ],
    async routes(app) {
      await app.register(credentialRoutes({ businesses: access.businesses, credentials }), { prefix: '/v1' })
      await app.register(twilioRoutes(twilio), { prefix: '/v2' })
      await app.register(publicKeyRoutes(vonage), { prefix: '/v1' })
      await app.register(vonageRoutes(vonage), { prefix: '/v2/verify' })
      await app.register(messageCentralRoutes(messageCentral))
    },
  } satisfies Module
}
