import type { WebhookEndpointStore } from './store/webhook-endpoints.ts'

export interface WebhooksPort {
  readonly endpoints: WebhookEndpointStore
  readonly judgeUrl: (url: string) => string | undefined
}
