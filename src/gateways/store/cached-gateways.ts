import type { Gateway } from '#gateways/core/gateway.ts'
import { cacheLastsMs, ShortCache } from '#platform/database/short-cache.ts'
import { GatewayStore } from './gateways.ts'

/** One that was removed stops within the same seconds on every other server, here at once. */
export class CachedGatewayStore extends GatewayStore {
  readonly #cache = new ShortCache<string, Gateway | undefined>({
    lastsMs: cacheLastsMs,
    load: (id) => this.find(id),
    spell: (id) => id,
  })

  gatewayOf(id: string): Promise<Gateway | undefined> {
    return this.#cache.get(id)
  }

  override async remove(businessId: string, live: boolean, id: string): Promise<boolean> {
    const isRemoved = await super.remove(businessId, live, id)
    this.#cache.forget(id)
    return isRemoved
  }
}
