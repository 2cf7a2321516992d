import type { FastifyInstance } from 'fastify'
import type { AccessPort } from '#access/port.ts'
import { spellId } from '#platform/core/id.ts'
import type { Platform } from '#platform/open-platform.ts'
import type { Context } from '#platform/http/context.ts'
import { documentedWebhooks, webhookEventSchema } from '#webhooks/http/webhook-events.ts'
import { webhookEndpointRoutes } from '#webhooks/http/webhook-endpoints.ts'
import { WebhookDeliveryStore } from '#webhooks/store/webhook-deliveries.ts'
import { WebhookEndpointStore } from '#webhooks/store/webhook-endpoints.ts'
import { WebhookStore } from '#webhooks/store/webhooks.ts'
import { deliverWebhooks, type WebhookDelivering } from '#webhooks/flows/deliver-webhooks.ts'
import { writeWebhook } from '#webhooks/formats/write.ts'
import { webhooksIds } from '#webhooks/core/ids.ts'

/** TEMPORARY: webhooks, which has no module.ts yet. */
export function legacyModule(platform: Platform, access: AccessPort) {
  const { database, keyring, now, log } = platform
  const endpoints = new WebhookEndpointStore(database, keyring)
  const context: Context = {
    outside: { now },
    businesses: access.businesses,
    webhookEndpoints: Object.assign(endpoints, { judgeUrl: (url: string) => platform.judgeBusinessUrl(url) }),
    webhookDeliveries: new WebhookDeliveryStore(database),
    idempotent: platform.idempotent,
  }
  let delivering: WebhookDelivering | undefined
  return {
    name: 'legacy',
    port: { endpoints, judgeUrl: (url: string) => platform.judgeBusinessUrl(url) },
    openApi: { schemas: { WebhookEvent: webhookEventSchema }, webhooks: documentedWebhooks() },
    async routes(app: FastifyInstance) {
      await app.register(webhookEndpointRoutes(context), { prefix: '/v1' })
    },
    start() {
      delivering = deliverWebhooks({
        now,
        store: new WebhookStore(database, keyring),
        send: (webhook) => platform.businessHttp.send(writeWebhook(webhook)),
        random: Math.random,
        onError: (error) => log.error({ err: error }, 'webhooks'),
        onDisabled: (id, reason) =>
          log.warn({ endpoint: spellId(webhooksIds.webhookEndpoint, id), reason }, 'a webhook endpoint was disabled'),
      })
    },
    async stop() {
      await delivering?.stop()
    },
  }
}
