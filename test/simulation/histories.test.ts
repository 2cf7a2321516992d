import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import type { Caller } from '#core/access/business.ts'
import { Refusal } from '#core/errors.ts'
import type { CodeMessage, Failure, Receipt, Sender, SendResult } from '#core/messaging/channel.ts'
import { readReference } from '#core/messaging/reference.ts'
import { policyDefaults } from '#core/verification/policy.ts'
import { applyNews, catchUp } from '#flows/apply-receipts.ts'
import { checkCode } from '#flows/check-code.ts'
import { dispatch } from '#flows/dispatch.ts'
import { moveOn } from '#flows/move-on.ts'
import type { Effect, World } from '#flows/ports.ts'
import { startVerification } from '#flows/start-verification.ts'
import { effectOf } from '#flows/watch-due.ts'
import { createEngine } from '#store/engine.ts'
import { uuidv7 } from '#store/ids.ts'
import { Keyring } from '#store/keyring.ts'
import { VerificationStore } from '#store/verifications.ts'
import { Database } from '#store/database.ts'
import { freshDatabase } from '../database.ts'
import { type Channel, judge, mustHaveFallenBack, type Seen, type SendSeen } from './model.ts'

const histories = Number(process.env['HISTORIES'] ?? 10_000)
const batchSize = 500
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)

const tickMs = 500
const lifetimeMs = 60_000
const waitMs = 8000
const settings = { connectionString: '', statementTimeoutMs: 10_000, lockTimeoutMs: 5000 }

/** mulberry32: every history has its own, so that what one does depends on no other. */
function randomOf(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

interface History {
  readonly index: number
  readonly to: string
  readonly next: () => number
  id: string
  startedAt: number
  endedAt: number | undefined
  sends: SendSeen[]
  told: { deliveryId: string; status: string; at: number; isNamed: boolean }[]
  /** Deliveries whose message id the server was told in an answer. */
  answered: string[]
  approvals: number
  wrongCompared: number
  askedAt: number[]
  /** A refused fallback means the number has a new owner: the workflow must not go on. */
  mayNotFallBack: boolean
  crashes: number
}

const fault = (reason: Failure['reason'], fallback = true): Failure => ({
  reason,
  providerCode: 'x',
  detail: '',
  alert: false,
  fallback,
})

describe(`a simulation of ${histories} histories (seed ${seed})`, () => {
  it(
    'breaks no rule, whatever is lost, late, doubled, reordered, down or restarted',
    { timeout: 600_000 },
    async (t) => {
      const database = await freshDatabase()
      let now = Date.parse('2026-11-24T00:00:00Z')
      const clock = (): Date => new Date(now)
      const engine = createEngine({
        ...settings,
        connectionString: database.url,
        laneCount: 3,
        bindRequests: true,
        now: clock,
      })
      const store = new Database({ ...settings, connectionString: database.url, poolSize: 4 })
      const verifications = new VerificationStore(store)
      const keys = new Keyring(new Map([[1, randomBytes(32)]]))
      const businessId = uuidv7(now)
      const applicationId = uuidv7(now)
      const caller: Caller = { keyId: '', businessId, applicationId, live: false }
      const senders: Sender[] = (['whatsapp', 'sms'] as const).map((channel) => ({
        id: uuidv7(now),
        businessId,
        live: false,
        channel,
        provider: channel,
        purpose: 'authentication',
        config: {},
        secrets: {},
      }))
      await database.query('insert into business values ($1, $2, now())', [businessId, 'x'])
      const application = {
        businessId,
        id: applicationId,
        name: 'x',
        brand: 'x',
        locale: 'en',
        policy: policyDefaults,
        workflow: [
          { channel: 'whatsapp' as const, waitSeconds: waitMs / 1000 },
          { channel: 'sms' as const, waitSeconds: 30 },
        ],
        createdAt: clock(),
      }

      /** What is still to come, by virtual time. */
      let agenda: { at: number; run: () => Promise<unknown> | void }[] = []
      const later = (delayMs: number, run: () => Promise<unknown> | void): void =>
        void agenda.push({ at: now + delayMs, run })
      const underWay = new Set<Promise<unknown>>()
      const track = (promise: Promise<unknown>): void => {
        const tracked: Promise<unknown> = promise.finally(() => underWay.delete(tracked))
        underWay.add(tracked)
      }
      const settle = async (): Promise<void> => {
        while (underWay.size > 0) await Promise.all(underWay)
      }
      const byNumber = new Map<string, History>()
      const count: Record<string, number> = {}
      const note = (what: string): void => void (count[what] = (count[what] ?? 0) + 1)
      const died = new Error('the process died here')

      const world: World = {
        engine,
        keys,
        now: clock,
        newId: () => uuidv7(now),
        findVerificationOfMessage: (senderId, id) => verifications.findByMessage(senderId, id),
        findApplication: async () => application,
        listSenders: async () => senders,
        send: (message, sender) => provider(message, sender),
        perform(effect, delayMs = 0) {
          const history = historyOfEffect(effect)
          // A restart forgets what was only in memory; the database does not.
          if (history && history.next() < 0.06) {
            note('effects lost in a restart')
            history.crashes++
            return
          }
          if (delayMs > 0) later(delayMs, () => carryOut(effect))
          else track(carryOut(effect))
        },
      }
      const byDelivery = new Map<string, History>()
      const byVerification = new Map<string, History>()
      const historyOfEffect = (effect: Effect): History | undefined =>
        effect.kind === 'move'
          ? byVerification.get(effect.verification.id)
          : effect.kind === 'dispatch'
            ? byDelivery.get(effect.delivery.id)
            : undefined
      const carryOut = (effect: Effect): Promise<unknown> =>
        (effect.kind === 'dispatch'
          ? dispatch(world, effect.delivery)
          : effect.kind === 'catch-up'
            ? catchUp(world)
            : moveOn(world, effect.verification, effect.event)
        ).catch((error: unknown) => {
          if (error !== died) throw error
        })

      /** The outside world: takes a message, or not, or takes it and loses the answer. */
      async function provider(message: CodeMessage, sender: Sender): Promise<SendResult> {
        const history = byNumber.get(message.to) as History
        const deliveryId = readReference(message.reference)?.deliveryId as string
        const turn = history.next()
        if (turn < 0.08) {
          note('refused')
          return { outcome: 'refused', failure: fault('not_reachable_on_channel') }
        }
        if (turn < 0.1) {
          note('refused for good')
          history.mayNotFallBack = true
          return { outcome: 'refused', failure: fault('identity_changed', false) }
        }
        if (turn < 0.2) {
          note('down')
          return { outcome: 'deferred', retryAfterMs: 1000, failure: fault('provider_unavailable') }
        }
        history.sends.push({ deliveryId, channel: sender.channel as Channel, code: message.code, at: now })
        const messageId = `m-${deliveryId}`
        if (turn < 0.25) {
          note('held')
          history.answered.push(deliveryId)
          return { outcome: 'refused', providerMessageId: messageId, failure: fault('held') }
        }
        await tellReceipts(history, sender, message.reference, messageId)
        if (turn < 0.33) {
          note('answers lost')
          return { outcome: 'unknown', detail: 'lost' }
        }
        if (turn < 0.37) {
          note('died before the answer was written')
          history.crashes++
          throw died
        }
        history.answered.push(deliveryId)
        return { outcome: 'accepted', providerMessageId: messageId }
      }

      async function tellReceipts(
        history: History,
        sender: Sender,
        reference: string,
        providerMessageId: string,
      ): Promise<void> {
        const { next } = history
        const ends =
          next() < 0.25
            ? ['sent', 'failed']
            : next() < 0.3
              ? ['sent']
              : next() < 0.5
                ? ['sent', 'delivered']
                : ['sent', 'delivered', 'read']
        for (const status of ends) {
          if (next() < 0.12) {
            note('receipts lost')
            continue
          }
          const times = next() < 0.15 ? 3 : 1
          for (let time = 0; time < times; time++) {
            const delayMs = next() < 0.1 ? 0 : Math.floor(next() ** 3 * 25_000)
            const receipt: Receipt = {
              ...(next() < 0.8 && { reference }),
              providerMessageId,
              status: status as Receipt['status'],
              at: clock(),
              raw: {},
              ...(status === 'failed' && { failure: fault('unspecified') }),
            }
            const tell = async (): Promise<void> => {
              await applyNews(world, sender, { receipts: [receipt], denials: [] })
              history.told.push({
                deliveryId: readReference(reference)?.deliveryId as string,
                status,
                at: now,
                isNamed: receipt.reference !== undefined,
              })
            }
            if (delayMs === 0) {
              note('receipts before the answer')
              await tell()
            } else later(delayMs, tell)
          }
        }
      }

      async function begin(index: number): Promise<void> {
        const next = randomOf(seed ^ Math.imul(index + 1, 0x9e3779b1))
        const history: History = {
          index,
          to: `+62812${String(1e7 + index)}`,
          next,
          id: '',
          startedAt: now,
          endedAt: undefined,
          sends: [],
          told: [],
          answered: [],
          approvals: 0,
          wrongCompared: 0,
          askedAt: [],
          mayNotFallBack: false,
          crashes: 0,
        }
        byNumber.set(history.to, history)
        const { verification } = await startVerification(deliveryWatching(history), caller, {
          recipient: history.to,
          purpose: 'p',
          expiresInSeconds: lifetimeMs / 1000,
        })
        history.id = verification.id
        byVerification.set(verification.id, history)
        const acts = 1 + Math.floor(next() * 7)
        for (let act = 0; act < acts; act++) later(Math.floor(next() * lifetimeMs * 1.1), () => customer(history))
      }

      /** The first delivery's effect is performed inside the start, before its history could be looked up. */
      const deliveryWatching = (history: History): World => ({
        ...world,
        newId: () => {
          const id = uuidv7(now)
          byDelivery.set(id, history)
          return id
        },
      })

      async function customer(history: History): Promise<void> {
        const { next, id } = history
        const key = { businessId, id }
        const turn = next()
        try {
          if (turn < 0.45) return await guess(history, next() < 0.75)
          if (turn < 0.62) await asked(history, () => moveOn(deliveryWatching(history), key, { kind: 'resend' }))
          else if (turn < 0.76) await asked(history, () => moveOn(deliveryWatching(history), key, { kind: 'next' }))
          else if (turn < 0.8)
            ended(history, (await moveOn(world, key, { kind: 'cancel' })).verification?.status === 'canceled')
          else if (turn < 0.84) {
            await moveOn(world, key, { kind: 'denied' })
            ended(history, true)
          } else await Promise.all([guess(history, true), guess(history, false), guess(history, true)])
        } catch (error) {
          if (!(error instanceof Refusal)) throw error
          note(`refused: ${error.code}`)
        }
      }

      async function asked(history: History, ask: () => ReturnType<typeof moveOn>): Promise<void> {
        const { refusal } = await ask()
        if (refusal) note(`refused: ${refusal.code}`)
        else history.askedAt.push(now)
      }

      const ended = (history: History, hasEnded: boolean): void => {
        if (hasEnded) history.endedAt ??= now
      }

      async function guess(history: History, isRight: boolean): Promise<void> {
        const sent = history.sends[0]?.code ?? '999999'
        const code = isRight ? sent : String((Number(sent) + 1) % 1e6).padStart(6, '0')
        try {
          const { isValid, status } = await checkCode(world, caller, { id: history.id, code })
          if (isValid) history.approvals++
          else history.wrongCompared++
          ended(history, status !== 'pending')
        } catch (error) {
          if (!(error instanceof Refusal)) throw error
          note(`refused: ${error.code}`)
        }
      }

      /** Everything that falls due up to the next tick, then what the due watch of a server does. */
      async function tick(): Promise<void> {
        now += tickMs
        const due = agenda.filter(({ at }) => at <= now)
        agenda = agenda.filter(({ at }) => at > now)
        for (const { run } of due.toSorted((a, b) => a.at - b.at)) {
          const running = run()
          if (running) track(running)
        }
        await settle()
        for (const key of await engine.claimDue(1000, 5)) {
          const history = byVerification.get(key.id) as History
          // A server that dies with the claim in its hand: somebody else comes after the lease.
          if (history.next() < 0.05) {
            note('died with a claim')
            history.crashes++
            continue
          }
          track(moveOn(deliveryWatching(history), key, { kind: 'due' }))
        }
        await settle()
        for (const key of await engine.claimAbandoned(2, 1000)) {
          note('deliveries taken over')
          track(carryOut(effectOf(key)))
        }
        await settle()
        await catchUp(world)
        await settle()
      }

      const broken: string[] = []
      for (let first = 0; first < histories; first += batchSize) {
        const batch = Math.min(batchSize, histories - first)
        byNumber.clear()
        byDelivery.clear()
        byVerification.clear()
        for (let offset = 0; offset < batch; offset++)
          later(Math.floor((offset / batch) * 5000), () => begin(first + offset))
        for (let passed = 0; passed < lifetimeMs * 1.8; passed += tickMs) await tick()
        agenda = []
        const found = await database.query<{
          id: string
          verification_id: string
          channel: Channel
          status: string
          step_index: number
          ended: string
          expires_at: Date
        }>(
          `select d.id, d.verification_id, d.channel, d.status, d.step_index, v.status as ended, v.expires_at from delivery d join verification v on v.id = d.verification_id where v.id = any($1) order by d.id`,
          [[...byVerification.keys()]],
        )
        const deliveriesOf = Map.groupBy(found, (one) => one.verification_id)
        for (const history of byVerification.values()) {
          const rows = deliveriesOf.get(history.id) ?? []
          const seen: Seen = {
            ...history,
            status: rows[0]?.ended ?? '',
            expiresAt: rows[0]?.expires_at.getTime() ?? 0,
            deliveries: rows.map(({ id, channel, status, step_index: stepIndex }) => ({
              id,
              channel,
              status,
              stepIndex,
            })),
          }
          const complaints = judge(seen, { checks: 5, sends: 5, lagMs: 0 })
          if (seen.status === 'pending') complaints.push('is pending after its time')
          // After a crash of a server another one takes over: the lease, and the tick in which it looks.
          const lagMs = 4 * tickMs + history.crashes * 7000
          if (
            !history.mayNotFallBack &&
            mustHaveFallenBack(seen, waitMs, lagMs) &&
            !seen.deliveries.some(({ stepIndex }) => stepIndex === 1)
          )
            complaints.push('did not fall back')
          broken.push(
            ...complaints.map(
              (complaint) => `history ${history.index}: ${complaint} ${JSON.stringify({ ...seen, next: undefined })}`,
            ),
          )
          note(`ended ${seen.status}`)
        }
      }
      t.diagnostic(JSON.stringify(count))
      await engine.close()
      await store.close()
      await database.drop()
      assert.deepEqual(broken.slice(0, 5), [], `${broken.length} of ${histories}; run again with SEED=${seed}`)
      for (const what of [
        'held',
        'down',
        'answers lost',
        'receipts before the answer',
        'effects lost in a restart',
        'deliveries taken over',
        'died with a claim',
        'ended approved',
        'ended expired',
        'ended undeliverable',
        'ended blocked',
        'ended canceled',
      ]) {
        assert.ok((count[what] ?? 0) > histories / 1000, `${what} hardly happened: ${count[what]}`)
      }
    },
  )
})
