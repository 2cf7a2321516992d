import type { CachedBusinessStore } from '#access/store/cached-businesses.ts'
import type { IdempotentRequests } from '#platform/http/idempotency.ts'
import type {
  NewWebhookEndpoint,
  WebhookDelivery,
  WebhookDeliveryFilter,
  WebhookEndpoint,
  WebhookEndpointChanges,
  WebhookEndpointOwner,
  WebhookProgress,
} from '#webhooks/core/endpoint.ts'

/** What the HTTP side needs of the rest; `app.ts` hands it in. */
export interface Context {
  readonly outside: { readonly now: () => Date }
  readonly businesses: CachedBusinessStore
  readonly webhookEndpoints: {
    /** What is wrong with a URL, if anything. */
    judgeUrl(url: string): string | undefined
    create(
      owner: WebhookEndpointOwner,
      wanted: NewWebhookEndpoint,
      now: Date,
    ): Promise<WebhookEndpoint & { readonly secret: string }>
    list(owner: WebhookEndpointOwner, now: Date): Promise<WebhookEndpoint[]>
    find(owner: WebhookEndpointOwner, id: string, now: Date): Promise<WebhookEndpoint | undefined>
    change(
      owner: WebhookEndpointOwner,
      id: string,
      changes: WebhookEndpointChanges,
      now: Date,
    ): Promise<WebhookEndpoint | undefined>
    rotateSecret(
      owner: WebhookEndpointOwner,
      id: string,
      now: Date,
    ): Promise<(WebhookEndpoint & { readonly secret: string }) | undefined>
    remove(owner: WebhookEndpointOwner, id: string, now: Date): Promise<boolean>
  }
  /** What was sent to an endpoint that has been found to be the caller's. */
  readonly webhookDeliveries: {
    list(owner: WebhookEndpointOwner, endpointId: string, filter: WebhookDeliveryFilter): Promise<WebhookDelivery[]>
    replay(owner: WebhookEndpointOwner, endpointId: string, id: string, now: Date): Promise<boolean>
    replaySince(owner: WebhookEndpointOwner, endpointId: string, since: Date): Promise<boolean>
    progress(owner: WebhookEndpointOwner, endpointId: string, since: Date, now: Date): Promise<WebhookProgress>
  }
  readonly idempotent: IdempotentRequests
}
