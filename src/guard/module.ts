import type { AccessPort } from '#access/port.ts'
import type { MayLeave } from '#messaging/core/may-leave.ts'
import type { MessagingPort } from '#messaging/port.ts'
import { cacheLastsMs, ShortCache } from '#platform/database/short-cache.ts'
import { numberFacts } from '#platform/http/number-facts.ts'
import type { Module, ModuleFacts } from '#platform/module.ts'
import type { Platform } from '#platform/open-platform.ts'
import { guardIds } from './core/ids.ts'
import { guardPermissions } from './core/permissions.ts'
import { type OperatorPolicy, type Policy, type PolicyChanges, resolvePolicy } from './core/policy.ts'
import { guardRefusals } from './core/refusals.ts'
import { countriesOfSenders } from './core/sender-countries.ts'
import type { PolicyOwner } from './flows/judging.ts'
import { learnAndForget } from './flows/learn.ts'
import { createMayCheck } from './flows/may-check.ts'
import { createMayLeave } from './flows/may-leave.ts'
import { createTellRule } from './flows/tell-rule.ts'
import { noticeSubject } from './http/event-subject.ts'
import { policyRoutes } from './http/policy.ts'
import { measureRules } from './metrics.ts'
import { createCounters } from './store/counters.ts'
import { PolicyStore } from './store/policies.ts'

export const guardFacts = {
  name: 'guard',
  refusals: guardRefusals,
  ids: guardIds,
  permissions: guardPermissions,
  events: { guard_notice: noticeSubject },
} as const satisfies ModuleFacts

export interface GuardOptions {
  readonly access: Pick<AccessPort, 'requireMayChange'>
  readonly messaging: Pick<MessagingPort, 'listSenders'>
  readonly guardMode: OperatorPolicy['mode']
  readonly sendsPerHour: number
  readonly sendsPerDay: number
  readonly bindRequests: boolean
}

/** Rules against sending and guessing that nobody asked for. */
export function openGuard(platform: Platform, options: GuardOptions) {
  const { keyring, people, now, newId, log, config } = platform
  const policies = openPolicies(platform, options)
  const counters = createCounters({ ...config, ...options, ...platform.connection })
  const measured = measureRules(platform.metrics.registry)
  const onError = (error: unknown): void => log.error({ err: error }, 'guard')
  const telling = createTellRule({ tell: counters.tell, count: measured.count, now, newId, onError })
  const judging = { policyOf: policies.policyOf, tell: telling.tell }
  const mayLeave: MayLeave = createMayLeave({
    ...judging,
    factsOf: numberFacts,
    mac: (kind, text) => Buffer.from(keyring.fingerprint(`guard ${kind}`, text)).toString('base64url'),
    personKeyOf: (businessId, recipient) => people.keyOf(businessId, recipient),
    spend: counters.spend,
    giveBack: (row) => counters.giveBack(row).catch(onError),
    now,
  })
  const alarm = hourly(() => {
    measured.alarm()
    log.warn('many wrong codes over all businesses of this server: somebody may be guessing codes of many people')
  })
  const mayCheck = createMayCheck({ ...judging, nowMs: () => performance.now(), alarm })
  let learning: ReturnType<typeof learnAndForget> | undefined
  return {
    name: guardFacts.name,
    port: { mayLeave, mayCheck, learn: counters.learn },
    async routes(app) {
      const { requireMayChange } = options.access
      await app.register(policyRoutes({ ...policies, requireMayChange }), { prefix: '/v1' })
    },
    start() {
      learning = learnAndForget({ ...counters, now, onError })
    },
    async stop() {
      await learning?.stop()
      await telling.drain()
      await counters.close()
    },
  } satisfies Module & { readonly port: object }
}

/** What holds for an application, as a server knows it. */
function openPolicies({ database, now }: Platform, { messaging, ...options }: GuardOptions) {
  const store = new PolicyStore(database)
  const operator: OperatorPolicy = { ...options, mode: options.guardMode }
  const cache = new ShortCache<PolicyOwner, Policy>({
    lastsMs: cacheLastsMs,
    load: async (owner) => {
      const { businessId, live } = owner
      const [changes, senders] = await Promise.all([store.find(owner), messaging.listSenders(businessId)])
      return resolvePolicy(changes, operator, live, countriesOfSenders(senders, businessId, live, numberFacts))
    },
    spell: ({ businessId, applicationId, live }) => `${businessId} ${applicationId} ${live}`,
  })
  return {
    policyOf: (owner: PolicyOwner) => cache.get(owner),
    async setPolicy(owner: PolicyOwner, changes: PolicyChanges): Promise<void> {
      await store.set(owner, changes, now())
      cache.forget(owner)
    },
  }
}

function hourly(work: () => void): () => void {
  let at = -Infinity
  return () => {
    const now = performance.now()
    if (now - at < 3_600_000) return
    at = now
    work()
  }
}
