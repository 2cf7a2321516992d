import type { AccessPort } from '#access/port.ts'
import type { NewsListener } from '#messaging/core/news.ts'
import type { MessagingPort } from '#messaging/port.ts'
import { spellId } from '#platform/core/id.ts'
import { accessIds } from '#access/core/ids.ts'
import type { Module, ModuleFacts } from '#platform/module.ts'
import type { Platform } from '#platform/open-platform.ts'
import type { CourseKey } from './core/course.ts'
import { verificationIds } from './core/ids.ts'
import { verificationRefusals } from './core/refusals.ts'
import type { Caller } from '#platform/core/caller.ts'
import type { ApprovalKey } from './core/approve.ts'
import type { DeliveryKey } from './core/engine.ts'
import type { MoveEvent } from './core/move.ts'
import type { Verification } from './core/verification.ts'
import { applyNews } from './flows/apply-receipts.ts'
import { type CheckRequest, checkCode } from './flows/check-code.ts'
import { moveOn } from './flows/move-on.ts'
import { type StartRequest, startVerification } from './flows/start-verification.ts'
import { createAskBeforeSend } from './flows/ask-before-send.ts'
import { measureEngine } from './metrics.ts'
import { createPerformer } from './flows/perform.ts'
import type { Outside } from './flows/outside.ts'
import { type DueWatch, watchDue } from './flows/watch-due.ts'
import { budgetRoutes } from './http/budgets.ts'
import { clientTokens, preflights } from './http/client-token.ts'
import { verificationSubject } from './http/event-subject.ts'
import { hostedPageRoutes } from './http/hosted-page.ts'
import { verifyPages } from './http/page/routes.ts'
import { preSendHookRoutes } from './http/pre-send-hook.ts'
import { verificationRoutes } from './http/routes.ts'
import { resetBudget } from './store/budgets.ts'
import { readCourses } from './store/courses.ts'
import { createEngine } from './store/engine.ts'
import { CachedPreSendHookStore } from './store/cached-pre-send-hooks.ts'
import { PreSendHookStore } from './store/pre-send-hooks.ts'
import { approveByBusiness } from './store/statements/approve.ts'
import { type VerificationFilter, VerificationStore } from './store/verifications.ts'
import { verificationFactsReader } from './store/subject-facts.ts'

export const verificationFacts = {
  name: 'verification',
  refusals: verificationRefusals,
  ids: verificationIds,
  sealed: [{ name: 'pre-send hooks', rotate: (database, keyring) => new PreSendHookStore(database, keyring).rotate() }],
  events: { verification: verificationSubject },
} as const satisfies ModuleFacts

export interface VerificationOptions {
  readonly access: AccessPort
  readonly messaging: MessagingPort
  readonly laneCount: number
  readonly bindRequests: boolean
}

export type VerificationPort = ReturnType<typeof openVerification>['port']

/** A start and what becomes of it: checks, fallbacks, receipts, the hosted page. */
export function openVerification(platform: Platform, options: VerificationOptions) {
  const { database, keyring, log, now, newId, idempotent, config } = platform
  const { access, messaging } = options
  const store = new VerificationStore(database)
  const hooks = new CachedPreSendHookStore(database, keyring)
  const postgres = createEngine({ ...config, ...options, connectionString: platform.connectionString, now })
  const { engine, onPicked } = measureEngine(platform.metrics.registry, postgres, () => postgres.waitingCount())
  const performer = createPerformer(
    () => outside,
    (error, effect) => log.error({ err: error, effect }, 'what follows from a decision failed'),
  )
  const outside: Outside = {
    engine,
    keys: keyring,
    now,
    newId,
    findVerificationOfMessage: (senderId, messageId) => store.findByMessage(senderId, messageId),
    findApplication: access.findApplication,
    listSenders: messaging.listSenders,
    send: messaging.send,
    askBeforeSend: askBeforeSend(platform, hooks),
    perform: (effect, delayMs) => performer.perform(effect, delayMs),
    reserve: (senderId) => performer.reserve(senderId),
  }
  const port = {
    start: (caller: Caller, request: StartRequest) => startVerification(outside, caller, request),
    check: (caller: Caller, request: CheckRequest) => checkCode(outside, caller, request),
    move: (key: DeliveryKey, event: MoveEvent, loaded?: Verification) => moveOn(outside, key, event, loaded),
    load: (key: DeliveryKey) => engine.load(key),
    list: (filter: VerificationFilter) => store.list(filter),
    sendings: store,
    /** By the business's word; false when it was too late. */
    approve: (key: ApprovalKey, at: Date) => approveByBusiness(database, key, at),
    /** How verifications went up to an event. */
    readCourses: (keys: readonly CourseKey[]) => readCourses(database, keys),
  }
  let due: DueWatch | undefined
  return {
    name: verificationFacts.name,
    port,
    onNews: ((sender, news) => applyNews(outside, sender, news)) satisfies NewsListener,
    async routes(app) {
      const { answerOnce, readIdempotency } = idempotent
      const { businesses } = access
      const publicUrl = platform.addresses.public
      const prefix = '/v1'
      await app.register(preflights, { prefix })
      await app.register(
        verificationRoutes({ outside, verifications: store, events: platform.events, answerOnce, readIdempotency }),
        { prefix },
      )
      await app.register(hostedPageRoutes({ outside, publicUrl }), { prefix })
      await app.register(verifyPages({ outside, publicUrl }))
      await app.register(preSendHookRoutes({ hooks, businesses, judgeUrl: platform.judgeBusinessUrl, now }), { prefix })
      const reset = (businessId: string, recipient: string) => resetBudget(database, businessId, recipient)
      await app.register(budgetRoutes({ resetBudget: reset, answerOnce }), { prefix })
    },
    credentials: [clientTokens(keyring, now)],
    readFacts: { verification: verificationFactsReader(database) },
    start() {
      due = watchDue(outside, { onError: (error) => log.error({ err: error }, 'due verifications'), onPicked })
    },
    async stop() {
      await due?.stop()
      await performer.drain()
      await postgres.close()
    },
  } satisfies Module & { readonly port: object; readonly onNews: unknown }
}

const askBeforeSend = ({ businessHttp: http, now, newId, log }: Platform, hooks: CachedPreSendHookStore) =>
  createAskBeforeSend({
    hookOf: (owner) => hooks.hookOf(owner),
    http,
    now,
    newId,
    onFailure: ({ applicationId }) =>
      log.warn({ application: spellId(accessIds.application, applicationId) }, 'a pre-send hook did not answer'),
  })
