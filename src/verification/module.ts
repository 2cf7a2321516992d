import type { AccessPort } from '#access/port.ts'
import { accessIds } from '#access/core/ids.ts'
import { letAllLeave, type MayLeave } from '#messaging/core/may-leave.ts'
import type { NewsListener } from '#messaging/core/news.ts'
import type { MessagingPort } from '#messaging/port.ts'
import { spellId } from '#platform/core/id.ts'
import type { Module, ModuleFacts } from '#platform/module.ts'
import type { Platform } from '#platform/open-platform.ts'
import { verificationPermissions } from './core/permissions.ts'
import { verificationIds } from './core/ids.ts'
import { letAllCheck, type MayCheck } from './core/may-check.ts'
import { verificationRefusals } from './core/refusals.ts'
import { createAskBeforeSend } from './flows/ask-before-send.ts'
import { createFlows } from './flows/flows.ts'
import { budgetRoutes } from './http/budgets.ts'
import { clientTokens, preflights } from './http/client-token.ts'
import { verificationSubject } from './http/event-subject.ts'
import { hostedPageRoutes } from './http/hosted-page.ts'
import { verifyPages } from './http/page/routes.ts'
import { preSendHookRoutes } from './http/pre-send-hook.ts'
import { verificationRoutes } from './http/routes.ts'
import { measureEngine } from './metrics.ts'
import { resetBudget } from './store/budgets.ts'
import { CachedPreSendHookStore } from './store/cached-pre-send-hooks.ts'
import { readCourses } from './store/courses.ts'
import { createEngine } from './store/engine.ts'
import { type KeepPeriods, keptVerifications } from './store/keep.ts'
import { personalVerifications } from './store/personal-verifications.ts'
import { hasProven } from './store/proven.ts'
import { PreSendHookStore } from './store/pre-send-hooks.ts'
import { approveByBusiness } from './store/statements/approve.ts'
import { verificationFactsReader } from './store/subject-facts.ts'
import { VerificationStore } from './store/verifications.ts'

export const verificationFacts = {
  name: 'verification',
  permissions: verificationPermissions,
  refusals: verificationRefusals,
  ids: verificationIds,
  sealed: [{ name: 'pre-send hooks', rotate: (database, keyring) => new PreSendHookStore(database, keyring).rotate() }],
  events: { verification: verificationSubject },
  personal: [personalVerifications],
} as const satisfies ModuleFacts

export interface VerificationOptions {
  readonly access: AccessPort
  readonly messaging: MessagingPort
  /** Asked before each message leaves. */
  readonly mayLeave?: MayLeave
  /** Asked before each code is compared. */
  readonly mayCheck?: MayCheck
  readonly laneCount: number
  readonly bindRequests: boolean
  /** How long its data is kept. */
  readonly keep: KeepPeriods
}

export type VerificationPort = ReturnType<typeof openVerification>['port']

/** A start and what becomes of it: checks, fallbacks, receipts, the hosted page. */
export function openVerification(platform: Platform, options: VerificationOptions) {
  const { database, keyring: keys, people, log, now, newId, config, events } = platform
  const { answerOnce, readIdempotency } = platform.idempotent
  const { findApplication, findLogo, businesses } = options.access
  const { listSenders, send } = options.messaging
  const verifications = new VerificationStore(database, people)
  const hooks = new CachedPreSendHookStore(database, keys)
  const postgres = createEngine({ ...config, ...options, ...platform.connection, now })
  const { engine, onPicked } = measureEngine(platform.metrics.registry, postgres, () => postgres.waitingCount())
  const findCodeOfMessage = verifications.findCodeOfMessage.bind(verifications)
  const flows = createFlows(
    {
      engine,
      keys,
      people,
      now,
      newId,
      findApplication,
      listSenders,
      send,
      askBeforeSend: askingBeforeSend(platform, hooks),
      findCodeOfMessage,
      hasProven: hasProven.bind(undefined, database, people),
      mayLeave: options.mayLeave ?? letAllLeave,
      mayCheck: options.mayCheck ?? letAllCheck,
    },
    (error, effect) => log.error({ err: error, effect }, 'what follows from a decision failed'),
  )
  const { start, check, move, stepTo, load } = flows
  let due: ReturnType<typeof flows.watchDue> | undefined
  return {
    name: verificationFacts.name,
    port: {
      start,
      check,
      move,
      stepTo,
      load,
      list: verifications.list.bind(verifications),
      sendings: verifications,
      /** By the business's word; false when it was too late. */
      approve: approveByBusiness.bind(undefined, database),
      /** How verifications went up to an event. */
      readCourses: readCourses.bind(undefined, database),
    },
    onNews: flows.takeNews,
    async routes(app) {
      const [publicUrl, prefix] = [platform.addresses.public, '/v1']
      await app.register(preflights, { prefix })
      const answering = { now, answerOnce, readIdempotency, publicUrl }
      await app.register(verificationRoutes({ ...flows, ...answering, verifications, events, keys }), { prefix })
      await app.register(hostedPageRoutes({ load, findApplication, keys, publicUrl }), { prefix })
      await app.register(verifyPages({ ...flows, findApplication, findLogo, keys, now, publicUrl }))
      await app.register(preSendHookRoutes({ hooks, businesses, judgeUrl: platform.judgeBusinessUrl, now }), { prefix })
      await app.register(budgetRoutes({ resetBudget: resetBudget.bind(undefined, database, people), answerOnce }), {
        prefix,
      })
    },
    credentials: [clientTokens(keys, now)],
    keeps: keptVerifications(database, now, options.keep),
    readFacts: { verification: verificationFactsReader(database) },
    start() {
      due = flows.watchDue({ onError: (error) => log.error({ err: error }, 'due verifications'), onPicked })
    },
    async stop() {
      await due?.stop()
      await flows.drain()
      await postgres.close()
    },
  } satisfies Module & { readonly port: object; readonly onNews: NewsListener }
}

const askingBeforeSend = ({ businessHttp: http, now, newId, log }: Platform, hooks: CachedPreSendHookStore) =>
  createAskBeforeSend({
    hookOf: (owner) => hooks.hookOf(owner),
    http,
    now,
    newId,
    onFailure: ({ applicationId }) =>
      log.warn({ application: spellId(accessIds.application, applicationId) }, 'a pre-send hook did not answer'),
  })
