import { hasChecksum, plainSpelling } from '#access/core/api-key.ts'
import type { Application } from '#access/core/business.ts'
import type { Caller } from '#platform/core/caller.ts'
import type { Database } from '#platform/database/database.ts'
import { cacheLastsMs, ShortCache } from '#platform/database/short-cache.ts'
import { type ApplicationChanges, BusinessStore } from './businesses.ts'

/** The businesses as a server knows them: what every request reads is kept for seconds, what it changed it sees at once. */
export class CachedBusinessStore extends BusinessStore {
  readonly #callers: ShortCache<string, Caller | undefined>
  readonly #applications: ShortCache<{ readonly businessId: string; readonly id: string }, Application | undefined>

  /** @param givenKey chosen by whoever runs this server, so it need not have the checksum of a key that was made */
  constructor(database: Database, givenKey: string | undefined) {
    super(database)
    const isGiven = (key: string): boolean => givenKey !== undefined && plainSpelling(key) === plainSpelling(givenKey)
    this.#callers = new ShortCache({
      lastsMs: cacheLastsMs,
      load: (key) => this.findCaller(key),
      spell: plainSpelling,
      // A key that was never made costs neither a transaction nor a place in the cache.
      foregone: (key) => (isGiven(key) || hasChecksum(key) ? undefined : Promise.resolve(undefined)),
    })
    this.#applications = new ShortCache({
      lastsMs: cacheLastsMs,
      load: ({ businessId, id }) => this.findApplication(businessId, id),
      spell: ({ businessId, id }) => `${businessId} ${id}`,
    })
  }

  /** What a key stands for; a revoked one stops within the same seconds on every server. */
  callerOf(key: string): Promise<Caller | undefined> {
    return this.#callers.get(key)
  }

  applicationOf(businessId: string, id: string): Promise<Application | undefined> {
    return this.#applications.get({ businessId, id })
  }

  override async deleteApplication(businessId: string, id: string): Promise<boolean> {
    const isDeleted = await super.deleteApplication(businessId, id)
    this.#applications.forget({ businessId, id })
    return isDeleted
  }

  override async changeApplication(
    businessId: string,
    id: string,
    changes: ApplicationChanges,
  ): Promise<Application | undefined> {
    const changed = await super.changeApplication(businessId, id, changes)
    this.#applications.forget({ businessId, id })
    return changed
  }

  override async revokeKey(businessId: string, id: string, now: Date): Promise<boolean> {
    const isRevoked = await super.revokeKey(businessId, id, now)
    // The key itself is not known here, only its hash: everybody is looked up again.
    this.#callers.clear()
    return isRevoked
  }
}
