import { isSameSecret } from '#platform/net/same-secret.ts'
import type { Module, ModuleFacts } from '#platform/module.ts'
import type { Platform } from '#platform/open-platform.ts'
import { apiKeyPattern } from './core/api-key.ts'
import { accessIds } from './core/ids.ts'
import { accessRefusals } from './core/refusals.ts'
import { requireMayChange } from './flows/may-change.ts'
import { businessRoutes } from './http/businesses.ts'
import { operatorRoutes } from './http/operator.ts'
import { CachedBusinessStore } from './store/cached-businesses.ts'

export const accessFacts = {
  name: 'access',
  refusals: accessRefusals,
  ids: accessIds,
} as const satisfies ModuleFacts

export interface AccessOptions {
  readonly operatorKey: string | undefined
  /** A test key of the demo application that was not made here. */
  readonly givenKey: string | undefined
}

export type AccessPort = ReturnType<typeof openAccess>['port']

/** Businesses, applications, API keys, the operator. */
export function openAccess(platform: Platform, { operatorKey, givenKey }: AccessOptions) {
  const { now, isDemo } = platform
  const { answerOnce } = platform.idempotent
  const businesses = new CachedBusinessStore(platform.database, givenKey)
  const port = {
    businesses,
    /** Undefined: no such key. */
    findCaller: (key: string) => businesses.callerOf(key),
    findApplication: (businessId: string, id: string) => businesses.applicationOf(businessId, id),
    requireMayChange: (caller: Parameters<typeof requireMayChange>[1]) => requireMayChange(businesses, caller),
  }
  return {
    name: accessFacts.name,
    port,
    async routes(app) {
      await app.register(businessRoutes({ businesses, answerOnce, now }), { prefix: '/v1' })
      await app.register(operatorRoutes({ businesses, answerOnce, now }), { prefix: '/v1' })
    },
    credentials: [{ isOne: (key) => apiKeyPattern.test(key), find: (key) => businesses.callerOf(key) }],
    findOperator(key) {
      if (operatorKey !== undefined && isSameSecret(key, operatorKey)) return 'operator'
      return isDemo && givenKey !== undefined && isSameSecret(key, givenKey) ? 'demo' : undefined
    },
  } satisfies Module & { readonly port: object }
}
