import type { FastifyInstance } from 'fastify'
import type { AccessPort } from '#access/port.ts'
import type { Module } from '#platform/module.ts'
import type { Platform } from '#platform/open-platform.ts'
import type { VerificationPort } from '#verification/port.ts'
import type { WebhooksPort } from '#webhooks/port.ts'
import type { Context } from '#platform/http/context.ts'
import { messageCentralRoutes } from '#compat/message-central/routes.ts'
import { vonageRoutes } from '#compat/vonage/routes.ts'
import { gatewayRoutes } from '#gateways/http/routes.ts'
import { twilioRoutes } from '#compat/twilio/routes.ts'
import { credentialRoutes } from '#compat/http/credentials.ts'
import { gatewayResourceRoutes } from '#gateways/http/gateways.ts'
import { publicKeyRoutes } from '#compat/vonage/public-key.ts'
import { GatewayStore } from '#gateways/store/gateways.ts'
import { RateLimitStore } from '#compat/twilio/store/rate-limits.ts'
import { PublicKeyStore } from '#compat/vonage/store/public-keys.ts'
import { VerificationNumberStore } from '#compat/message-central/store/verification-numbers.ts'
import { TotpStore } from '#totp/store/totp.ts'
import { MessagingConfigurationStore } from '#compat/twilio/store/messaging-configurations.ts'
import { SafeNumberStore } from '#compat/twilio/store/safe-numbers.ts'
import { TotpSettingsStore } from '#totp/store/totp-settings.ts'

/** TEMPORARY: what has no module.ts yet. Each module that gets one takes its lines out of here. */
export function legacyModule(
  platform: Platform,
  access: AccessPort,
  verification: VerificationPort,
  webhooks: WebhooksPort,
): Module {
  const { database, keyring } = platform
  const context: Context = {
    outside: verification.outside,
    findCaller: access.findCaller,
    get publicUrl() {
      return platform.addresses.public()
    },
    verifications: verification.store,
    events: platform.events,
    businesses: access.businesses,
    publicKeys: new PublicKeyStore(database),
    verificationNumbers: new VerificationNumberStore(database),
    totp: new TotpStore(database, keyring),
    gateways: new GatewayStore(database, keyring),
    webhooks,
    rateLimits: new RateLimitStore(database),
    approveByBusiness: verification.approveByBusiness,
    safeNumbers: new SafeNumberStore(database),
    messagingConfigurations: new MessagingConfigurationStore(database),
    totpSettings: new TotpSettingsStore(database),
    idempotent: platform.idempotent,
    requireMayChange: access.requireMayChange,
  }
  return {
    name: 'legacy',
    async routes(app: FastifyInstance) {
      await app.register(credentialRoutes(context), { prefix: '/v1' })
      await app.register(twilioRoutes(context), { prefix: '/v2' })
      await app.register(gatewayResourceRoutes(context), { prefix: '/v1' })
      await app.register(gatewayRoutes(context), { prefix: '/v1/gateway' })
      await app.register(publicKeyRoutes(context), { prefix: '/v1' })
      await app.register(vonageRoutes(context), { prefix: '/v2/verify' })
      await app.register(messageCentralRoutes(context))
    },
  }
}
