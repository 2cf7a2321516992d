import type { AccessPort } from '#access/port.ts'
import { type EventSubjects, mergeSubjects } from '#platform/core/event-subject.ts'
import { spellId } from '#platform/core/id.ts'
import { dayMs } from '#platform/core/kept.ts'
import type { Module, ModuleFacts } from '#platform/module.ts'
import type { Platform } from '#platform/open-platform.ts'
import { listPatterns } from './core/event-kinds.ts'
import type { WebhookFormat, WebhookFormats } from './core/format.ts'
import { webhooksPermissions } from './core/permissions.ts'
import { webhooksIds } from './core/ids.ts'
import { deliverWebhooks, type WebhookDelivering } from './flows/deliver-webhooks.ts'
import { readNews } from './flows/read-news.ts'
import { standardFormat } from './flows/standard-format.ts'
import { deliveryRoutes } from './http/deliveries.ts'
import { documentedWebhooks, webhookSchemas } from './http/documented-events.ts'
import { endpointChangeRoutes } from './http/endpoint-changes.ts'
import { endpointRoutes } from './http/endpoints.ts'
import { replayRoutes } from './http/replay.ts'
import { WebhookDeliveryStore } from './store/webhook-deliveries.ts'
import { WebhookEndpointStore } from './store/webhook-endpoints.ts'
import { rotateWebhookSecrets } from './store/webhook-secrets.ts'
import { WebhookStore } from './store/webhooks.ts'

export const webhooksFacts = {
  name: 'webhooks',
  permissions: webhooksPermissions,
  ids: webhooksIds,
  sealed: [{ name: 'webhook endpoints', rotate: rotateWebhookSecrets }],
} as const satisfies ModuleFacts

export interface WebhooksOptions {
  readonly access: Pick<AccessPort, 'findApplication'>
  /** The modules whose events are told; the kinds come from their facts. */
  readonly facts: readonly { readonly events?: EventSubjects }[]
  /** The same modules, opened: they read what is told besides the events. */
  readonly sources: readonly Pick<Module, 'readFacts'>[]
  /** Formats beside our own. */
  readonly formats: readonly WebhookFormat[]
}

export type WebhooksPort = ReturnType<typeof openWebhooks>['port']

/** Tells businesses of their events, at their own servers. */
export function openWebhooks(platform: Platform, { access, facts, sources, formats: others }: WebhooksOptions) {
  const { database, keyring, now, log, judgeBusinessUrl: judgeUrl } = platform
  const { answerOnce } = platform.idempotent
  const { findApplication } = access
  const subjects = mergeSubjects(facts)
  const patterns = listPatterns(subjects)
  const own: WebhookFormat = standardFormat(subjects, Object.assign({}, ...sources.map(({ readFacts }) => readFacts)))
  const formats: WebhookFormats = new Map([own, ...others].map((format) => [format.name, format]))
  const endpoints = new WebhookEndpointStore(database, keyring, formats)
  const deliveries = new WebhookDeliveryStore(database)
  const store = new WebhookStore(database, keyring, formats)
  const onError = (error: unknown): void => log.error({ err: error }, 'webhooks')
  let delivering: WebhookDelivering | undefined
  return {
    name: webhooksFacts.name,
    port: { endpoints, judgeUrl },
    openApi: { schemas: webhookSchemas(subjects), webhooks: documentedWebhooks(subjects) },
    async routes(app) {
      const shared = { endpoints, formats, patterns, judgeUrl, answerOnce, now }
      await app.register(endpointRoutes({ ...shared, findApplication }), { prefix: '/v1' })
      await app.register(endpointChangeRoutes(shared), { prefix: '/v1' })
      await app.register(deliveryRoutes({ endpoints, deliveries, subjects, now }), { prefix: '/v1' })
      await app.register(replayRoutes({ endpoints, deliveries, answerOnce, now }), { prefix: '/v1' })
    },
    // As long as their events: what they say is read from those.
    keeps: [
      {
        name: 'webhook deliveries',
        keptForMs: platform.config.keepEventsDays * dayMs,
        partitioned: [{ table: 'webhook_delivery', column: 'id', type: 'uuid' }],
      },
    ],
    start() {
      delivering = deliverWebhooks({
        now,
        store,
        readNews: (claimed) => readNews(formats, claimed, onError),
        send: ({ format, news, ...webhook }) =>
          platform.businessHttp.send((formats.get(format) as WebhookFormat).write({ ...webhook, ...news })),
        random: Math.random,
        onError,
        onDisabled: (id, reason) =>
          log.warn({ endpoint: spellId(webhooksIds.webhookEndpoint, id), reason }, 'a webhook endpoint was disabled'),
      })
    },
    async stop() {
      await delivering?.stop()
    },
  } satisfies Module & { readonly port: object }
}
