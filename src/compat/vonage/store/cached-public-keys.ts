import type { PublicKey } from '#compat/vonage/core/public-key.ts'
import { cacheLastsMs, ShortCache } from '#platform/database/short-cache.ts'
import { PublicKeyStore } from './public-keys.ts'

/** One that was taken out stops within the same seconds on every other server, here at once. */
export class CachedPublicKeyStore extends PublicKeyStore {
  readonly #cache = new ShortCache<string, readonly PublicKey[] | undefined>({
    lastsMs: cacheLastsMs,
    load: (applicationId) => this.ofApplication(applicationId),
    spell: (applicationId) => applicationId,
  })

  keysOf(applicationId: string): Promise<readonly PublicKey[] | undefined> {
    return this.#cache.get(applicationId)
  }

  override async put(...given: Parameters<PublicKeyStore['put']>): Promise<PublicKey> {
    const kept = await super.put(...given)
    this.#cache.forget(kept.applicationId)
    return kept
  }

  override async remove(owner: Parameters<PublicKeyStore['remove']>[0]): Promise<boolean> {
    const isRemoved = await super.remove(owner)
    this.#cache.forget(owner.applicationId)
    return isRemoved
  }
}
