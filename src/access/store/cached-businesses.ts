import { hasChecksum, plainSpelling } from '#access/core/api-key.ts'
import type { Application } from '#access/core/business.ts'
import { allowedFrom } from '#access/core/key-grant.ts'
import type { KeyCaller } from '#platform/core/caller.ts'
import type { Scope } from '#platform/core/permission.ts'
import type { Database } from '#platform/database/database.ts'
import { cacheLastsMs, ShortCache } from '#platform/database/short-cache.ts'
import type { FoundKey } from './api-keys.ts'
import { type ApplicationChanges, BusinessStore } from './businesses.ts'

/** A caller as it is remembered, which may be longer than the key lasts. */
export type RememberedCaller = KeyCaller & { readonly expiresAt?: Date | undefined }

interface CacheOptions {
  /** Chosen by whoever runs this server, so it need not have the checksum of a key that was made. */
  readonly givenKey: string | undefined
  readonly permissionsOf: (scopes: readonly Scope[]) => ReadonlySet<string>
}

/** The businesses as a server knows them: what every request reads is kept for seconds, what it changed it sees at once. */
export class CachedBusinessStore extends BusinessStore {
  readonly #callers: ShortCache<string, RememberedCaller | undefined>
  readonly #callersById: ShortCache<{ readonly businessId: string; readonly id: string }, RememberedCaller | undefined>
  readonly #applications: ShortCache<{ readonly businessId: string; readonly id: string }, Application | undefined>

  constructor(database: Database, { givenKey, permissionsOf }: CacheOptions) {
    super(database)
    const isGiven = (key: string): boolean => givenKey !== undefined && plainSpelling(key) === plainSpelling(givenKey)
    const remembered = (found: FoundKey | undefined): RememberedCaller | undefined =>
      found && callerOf(found, permissionsOf)
    this.#callers = new ShortCache({
      lastsMs: cacheLastsMs,
      load: async (key) => remembered(await this.findKey(key)),
      spell: plainSpelling,
      // A key that was never made costs neither a transaction nor a place in the cache.
      foregone: (key) => (isGiven(key) || hasChecksum(key) ? undefined : Promise.resolve(undefined)),
    })
    this.#callersById = new ShortCache({
      lastsMs: cacheLastsMs,
      load: async ({ businessId, id }) => remembered(await this.findKeyById(businessId, id)),
      spell: ({ businessId, id }) => `${businessId} ${id}`,
    })
    this.#applications = new ShortCache({
      lastsMs: cacheLastsMs,
      load: ({ businessId, id }) => this.findApplication(businessId, id),
      spell: ({ businessId, id }) => `${businessId} ${id}`,
    })
  }

  /** What a key stands for; a revoked one stops within the same seconds on every server. */
  callerOf(key: string): Promise<RememberedCaller | undefined> {
    return this.#callers.get(key)
  }

  callerById(businessId: string, id: string): Promise<RememberedCaller | undefined> {
    return this.#callersById.get({ businessId, id })
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

  override async revokeKey(...given: Parameters<BusinessStore['revokeKey']>): Promise<number> {
    const revoked = await super.revokeKey(...given)
    // The key itself is not known here, only its hash: everybody is looked up again.
    this.#callers.clear()
    this.#callersById.clear()
    return revoked
  }
}

function callerOf(
  { scopes, allowedAddresses, expiresAt, ...caller }: FoundKey,
  permissionsOf: CacheOptions['permissionsOf'],
): RememberedCaller {
  return { ...caller, permissions: permissionsOf(scopes), isAllowedFrom: allowedFrom(allowedAddresses), expiresAt }
}
