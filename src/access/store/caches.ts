import { hasChecksum } from '#access/core/api-key.ts'
import type { Application, Caller, PublicKey } from '#access/core/business.ts'
import type { Gateway } from '#gateways/core/gateway.ts'
import type { Sender } from '#messaging/core/channel.ts'
import type { Context } from '#platform/http/context.ts'
import type { BusinessStore } from './businesses.ts'
import { ShortCache } from '#platform/database/short-cache.ts'
import type { GatewayStore } from '#gateways/store/gateways.ts'
import type { PublicKeyStore } from '#compat/vonage/store/public-keys.ts'
import type { SenderStore } from '#messaging/store/senders.ts'

/** A change made by another server is noticed after this at the latest; so is a revoked key. */
const cacheLastsMs = 5000

export interface Caches {
  readonly callers: ShortCache<string, Caller | undefined>
  readonly applications: ShortCache<{ businessId: string; id: string }, Application | undefined>
  readonly senders: ShortCache<string, readonly Sender[]>
  readonly sender: ShortCache<string, Sender | undefined>
}

/**
 * What every request reads and few change.
 * @param givenKey chosen by whoever runs this server, so it need not have the checksum of a key that was made
 */
export function createCaches(businesses: BusinessStore, senders: SenderStore, givenKey: string | undefined): Caches {
  return {
    callers: new ShortCache({
      lastsMs: cacheLastsMs,
      load: (key) => businesses.findCaller(key),
      spell: (key) => key,
      // A key that was never made costs neither a transaction nor a place in the cache.
      foregone: (key) => (key === givenKey || hasChecksum(key) ? undefined : Promise.resolve(undefined)),
    }),
    applications: new ShortCache({
      lastsMs: cacheLastsMs,
      load: ({ businessId, id }) => businesses.findApplication(businessId, id),
      spell: ({ businessId, id }) => `${businessId} ${id}`,
    }),
    senders: new ShortCache({
      lastsMs: cacheLastsMs,
      load: (businessId) => senders.listUsable(businessId),
      spell: (id) => id,
    }),
    sender: new ShortCache({ lastsMs: cacheLastsMs, load: (id) => senders.findUsable(id), spell: (id) => id }),
  }
}

/** The businesses as the API changes them: what this server changed, it sees at once. */
export const forgetting = (businesses: BusinessStore, caches: Caches): Context['businesses'] => ({
  create: (business, now) => businesses.create(business, now),
  listApplications: (businessId) => businesses.listApplications(businessId),
  findApplication: (businessId, id) => businesses.findApplication(businessId, id),
  createApplication: (application, now) => businesses.createApplication(application, now),
  async deleteApplication(businessId, id) {
    const isDeleted = await businesses.deleteApplication(businessId, id)
    caches.applications.forget({ businessId, id })
    return isDeleted
  },
  async changeApplication(businessId, id, changes) {
    const changed = await businesses.changeApplication(businessId, id, changes)
    caches.applications.forget({ businessId, id })
    return changed
  },
  createKey: (owner, now) => businesses.createKey(owner, now),
  listKeys: (businessId) => businesses.listKeys(businessId),
  async revokeKey(businessId, id, now) {
    const isRevoked = await businesses.revokeKey(businessId, id, now)
    // The key itself is not known here, only its hash: everybody is looked up again.
    caches.callers.clear()
    return isRevoked
  },
  resetBudget: (businessId, recipient) => businesses.resetBudget(businessId, recipient),
})

/** The same for senders. Forgotten after the write: what is read while it is under way is the state before it. */
export const forgettingSenders = (senders: SenderStore, caches: Caches): Omit<Context['senders'], 'validate'> => ({
  async create(sender, now) {
    const made = await senders.create(sender, now)
    caches.senders.forget(sender.businessId)
    return made
  },
  list: (businessId) => senders.list(businessId),
  find: (id) => caches.sender.get(id),
  async disable(businessId, id, now) {
    const isDisabled = await senders.disable(businessId, id, now)
    caches.sender.forget(id)
    // A shared one is in everybody's list.
    caches.senders.clear()
    return isDisabled
  },
})

/** The public keys: one that was taken out stops within the same seconds on every other server, here at once. */
export function cachedPublicKeys(publicKeys: PublicKeyStore): Context['publicKeys'] {
  const cache = new ShortCache<string, readonly PublicKey[] | undefined>({
    lastsMs: cacheLastsMs,
    load: (applicationId) => publicKeys.ofApplication(applicationId),
    spell: (applicationId) => applicationId,
  })
  return {
    async put(owner, pem, now) {
      const kept = await publicKeys.put(owner, pem, now)
      cache.forget(owner.applicationId)
      return kept
    },
    find: (owner) => publicKeys.find(owner),
    async remove(owner) {
      const isRemoved = await publicKeys.remove(owner)
      cache.forget(owner.applicationId)
      return isRemoved
    },
    ofApplication: (applicationId) => cache.get(applicationId),
  }
}

/** The gateways: one that was removed stops within the same seconds on every other server, here at once. */
export function cachedGateways(gateways: GatewayStore): Context['gateways'] {
  const cache = new ShortCache<string, Gateway | undefined>({
    lastsMs: cacheLastsMs,
    load: (id) => gateways.find(id),
    spell: (id) => id,
  })
  return {
    create: (gateway, now) => gateways.create(gateway, now),
    list: (businessId, live) => gateways.list(businessId, live),
    async remove(businessId, live, id) {
      const isRemoved = await gateways.remove(businessId, live, id)
      cache.forget(id)
      return isRemoved
    },
    find: (id) => cache.get(id),
  }
}
