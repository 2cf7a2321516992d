import type { Sender } from '#messaging/core/sender.ts'
import { cacheLastsMs, ShortCache } from '#platform/database/short-cache.ts'
import { SenderStore } from './senders.ts'

/** Twice the characters that the business wrote, and what an object takes. */
const bytesOf = ({ config, secrets }: Sender): number => 2 * JSON.stringify([config, secrets]).length + 1000

/** The senders as a server knows them: kept for seconds, and forgotten after a write of its own. */
export class CachedSenderStore extends SenderStore {
  readonly #lists = new ShortCache<string, readonly Sender[]>({
    lastsMs: cacheLastsMs,
    load: (businessId) => this.listUsable(businessId),
    spell: (businessId) => businessId,
    bytesOf: (senders) => senders.reduce((sum, sender) => sum + bytesOf(sender), 0),
  })
  readonly #single = new ShortCache<string, Sender | undefined>({
    lastsMs: cacheLastsMs,
    load: (id) => this.findUsable(id),
    spell: (id) => id,
    bytesOf: (sender) => (sender ? bytesOf(sender) : 0),
  })

  /** What a business may send from, the operator's shared ones with it. */
  usableBy(businessId: string): Promise<readonly Sender[]> {
    return this.#lists.get(businessId)
  }

  usable(id: string): Promise<Sender | undefined> {
    return this.#single.get(id)
  }

  // What is read while a write is under way is the state before it: hence forgotten after it.
  override async create(...given: Parameters<SenderStore['create']>): Promise<Sender> {
    const made = await super.create(...given)
    this.#lists.forget(made.businessId)
    return made
  }

  override async keepOwnNumber(...given: Parameters<SenderStore['keepOwnNumber']>): Promise<void> {
    const [{ businessId, id }] = given
    await super.keepOwnNumber(...given)
    this.#single.forget(id)
    this.#lists.forget(businessId)
  }

  override async disable(...given: Parameters<SenderStore['disable']>): Promise<boolean> {
    const [, id] = given
    const isDisabled = await super.disable(...given)
    this.#single.forget(id)
    // A shared one is in everybody's list.
    this.#lists.clear()
    return isDisabled
  }
}
