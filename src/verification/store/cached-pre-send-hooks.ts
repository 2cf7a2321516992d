import { cacheLastsMs, ShortCache } from '#platform/database/short-cache.ts'
import type { PreSendHookOwner } from '#verification/core/pre-send.ts'
import { type KeptPreSendHook, PreSendHookStore } from './pre-send-hooks.ts'

/** The hooks as a server knows them. That there is none is kept as well: starts must not pay for it. */
export class CachedPreSendHookStore extends PreSendHookStore {
  readonly #cache = new ShortCache<PreSendHookOwner, { readonly hook: KeptPreSendHook | undefined }>({
    lastsMs: cacheLastsMs,
    load: async (owner) => ({ hook: await this.find(owner) }),
    spell: ({ businessId, applicationId, live }) => `${businessId} ${applicationId} ${live}`,
  })

  async hookOf(owner: PreSendHookOwner): Promise<KeptPreSendHook | undefined> {
    return (await this.#cache.get(owner)).hook
  }

  override async set(owner: PreSendHookOwner, ...given: Rest<Parameters<PreSendHookStore['set']>>) {
    const made = await super.set(owner, ...given)
    this.#cache.forget(owner)
    return made
  }

  override async remove(owner: PreSendHookOwner): Promise<boolean> {
    const isRemoved = await super.remove(owner)
    this.#cache.forget(owner)
    return isRemoved
  }
}

type Rest<Given extends readonly unknown[]> = Given extends readonly [unknown, ...infer Others] ? Others : never
