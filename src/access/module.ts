import type { KeyCaller } from '#platform/core/caller.ts'
import { mergePermissions, type Permissions, permissionsOf, type Scope } from '#platform/core/permission.ts'
import { isSameSecret } from '#platform/net/same-secret.ts'
import type { Module, ModuleFacts } from '#platform/module.ts'
import type { Platform } from '#platform/open-platform.ts'
import { apiKeyPattern } from './core/api-key.ts'
import { accessPermissions } from './core/permissions.ts'
import { accessIds } from './core/ids.ts'
import { accessRefusals } from './core/refusals.ts'
import { requireMayChange } from './flows/may-change.ts'
import { businessRoutes } from './http/businesses.ts'
import { operatorRoutes } from './http/operator.ts'
import { CachedBusinessStore, type RememberedCaller } from './store/cached-businesses.ts'
import { createKeyUse } from './store/key-use.ts'

export const accessFacts = {
  name: 'access',
  permissions: accessPermissions,
  refusals: accessRefusals,
  ids: accessIds,
} as const satisfies ModuleFacts

export interface AccessOptions {
  readonly operatorKey: string | undefined
  /** A test key of the demo application that was not made here. */
  readonly givenKey: string | undefined
  /** What the scopes of a key are put together from. */
  readonly facts: readonly { readonly permissions?: Permissions }[]
}

export type AccessPort = ReturnType<typeof openAccess>['port']

/** Businesses, applications, API keys, the operator. */
export function openAccess(platform: Platform, { operatorKey, givenKey, facts }: AccessOptions) {
  const { now, isDemo } = platform
  const { answerOnce } = platform.idempotent
  const declared = mergePermissions(facts)
  // Keys of the same scopes share one set.
  const permissionSets = new Map<string, ReadonlySet<string>>()
  const permissionsOfScopes = (scopes: readonly Scope[]): ReadonlySet<string> => {
    const name = scopes.join()
    const found = permissionSets.get(name) ?? permissionsOf(declared, scopes)
    permissionSets.set(name, found)
    return found
  }
  const businesses = new CachedBusinessStore(platform.database, { givenKey, permissionsOf: permissionsOfScopes })
  const keyUse = createKeyUse({ write: (uses) => businesses.noteUse(uses), now })
  const enter = (caller: RememberedCaller | undefined): KeyCaller | undefined => {
    if (!caller || (caller.expiresAt && caller.expiresAt <= now())) return undefined
    keyUse.note(caller)
    return caller
  }
  const findCaller = async (key: string) => enter(await businesses.callerOf(key))
  const port = {
    businesses,
    /** Undefined: no such key, or it is over. */
    findCaller,
    /** The same for what stands in a key's place and names it. */
    findCallerById: async (businessId: string, id: string) => enter(await businesses.callerById(businessId, id)),
    findApplication: (businessId: string, id: string) => businesses.applicationOf(businessId, id),
    findLogo: (businessId: string, id: string) => businesses.findLogo(businessId, id),
    requireMayChange: (caller: Parameters<typeof requireMayChange>[1]) => requireMayChange(businesses, caller),
  }
  return {
    name: accessFacts.name,
    port,
    async routes(app) {
      await app.register(businessRoutes({ businesses, answerOnce, now, permissionsOf: permissionsOfScopes }), {
        prefix: '/v1',
      })
      await app.register(operatorRoutes({ businesses, answerOnce, now }), { prefix: '/v1' })
    },
    credentials: [{ isOne: (key) => apiKeyPattern.test(key), find: findCaller }],
    findOperator(key) {
      if (operatorKey !== undefined && isSameSecret(key, operatorKey)) return 'operator'
      return isDemo && givenKey !== undefined && isSameSecret(key, givenKey) ? 'demo' : undefined
    },
    stop: () => keyUse.stop(),
  } satisfies Module & { readonly port: object }
}
