/**
 * What the server has to do, written a second time and differently: one person's history, lived through tick by tick
 * in memory, with no database, no revision and nothing of `src`. Every step that a server commits on its own is one
 * turn of a generator; where the customer does several things at once, any order of their turns is allowed.
 */
import {
  type Code,
  type Delivery,
  hasNewOwner,
  isAbove,
  isPending,
  keepUsedSteps,
  mayCome,
  onward,
  type Outcome,
  raise,
  recentOf,
  stepFor,
  type Verification,
  windowMs,
} from './model-state.ts'
import { type Channel, lifetimeMs, type News, policy, type Script, ticks } from './script.ts'
import { type Choose, createAgenda, type Effect, interleave, runAll, type Turns } from './turns.ts'

const leaseMs = 5000
const graceMs = 2000
const answerLongestMs = 30_000
const deferMs = 1000
const joinableMs = 60_000

export function predict(script: Script, choose: Choose): Outcome {
  let now = 0
  const verifications: Verification[] = []
  const sentAt: number[] = []
  const failedAt: number[] = []
  let failedInARow = 0
  const answers: string[] = []
  const { at, carryOut, chain, runDue } = createAgenda(() => now)

  const current = (): Verification => verifications.at(-1) as Verification
  const recent = (): number[] => sentAt.filter((at) => at > now - windowMs)

  /** One ends; its code with the last of those that share it. */
  const end = (one: Verification, status: string): void => {
    Object.assign(one, { status, endedAt: now })
    if (!one.code.members.some(isPending)) Object.assign(one.code, { isOver: true, dueAt: undefined })
  }
  const endAll = (code: Code, status: string): void => {
    for (const one of code.members) if (isPending(one)) end(one, status)
  }

  // What becomes of a failure.

  const fail = (one: Code, delivery: Delivery, effects: Effect[]): void => {
    if (!script.isForgotten('move', delivery, delivery.moves++))
      effects.push({ after: 0, run: (then) => afterFailure(one, delivery, then) })
  }

  function* afterFailure(one: Code, failed: Delivery, effects: Effect[]): Turns {
    decideAfterFailure(one, failed, effects)
    failed.unmovedSince = undefined
    yield
    return undefined
  }

  function decideAfterFailure(one: Code, failed: Delivery, effects: Effect[]): void {
    if (one.isOver) return
    if (one.expiresAt <= now) return endAll(one, 'expired')
    if (failed.status !== 'failed') return
    if (hasNewOwner(one)) return endAll(one, 'undeliverable')
    const isHope = one.deliveries.some(mayCome)
    const isHopeHere = one.deliveries.some((other) => other.step === one.step && other.status !== 'failed')
    const following = onward(one)
    const movesOn = (failed.step === one.step && !isHopeHere) || !isHope
    if (movesOn && following >= 0) sendOrWait(one, following, effects)
    else if (!isHope) endAll(one, 'undeliverable')
  }

  // Sending.

  function sendOrWait(one: Code, step: number, effects: Effect[]): void {
    if (recent().length >= policy.sends) one.dueAt = one.expiresAt
    else queue(one, step, effects)
  }

  function queue(one: Code, step: number, effects: Effect[]): void {
    const { channel, waitMs } = one.steps[step] as { channel: Channel; waitMs: number }
    one.step = step
    one.dueAt = Math.min(now + waitMs, one.expiresAt)
    const delivery: Delivery = {
      verification: one.ordinal, channel, ordinal: one.deliveries.filter((d) => d.channel === channel).length,
      step, queuedAt: now, status: 'queued', why: undefined, messages: 0, tries: 0, dispatches: 0, moves: 0,
      wakeAt: now + graceMs, unmovedSince: undefined, isIdKnown: false, early: [],
    } // prettier-ignore
    one.deliveries.push(delivery)
    sentAt.push(now)
    if (!script.hasRoom(channel)) return dispatchLater(one, delivery, 0, effects)
    Object.assign(delivery, { status: 'sending', wakeAt: now + answerLongestMs })
    if (!script.isForgotten('dispatch', delivery, delivery.dispatches++))
      effects.push({ after: 0, run: (then) => transmit(one, delivery, then) })
  }

  const dispatchLater = (one: Code, delivery: Delivery, after: number, effects: Effect[]): void => {
    if (script.isForgotten('dispatch', delivery, delivery.dispatches++)) return
    effects.push({ after, run: (then) => dispatch(one, delivery, then) })
  }

  function* dispatch(one: Code, delivery: Delivery, effects: Effect[]): Turns {
    if (delivery.status !== 'queued') return undefined
    if (one.isOver || one.expiresAt <= now) {
      Object.assign(delivery, { status: 'failed', why: 'other', wakeAt: undefined })
      return undefined
    }
    Object.assign(delivery, { status: 'sending', wakeAt: now + answerLongestMs })
    yield
    return yield* transmit(one, delivery, effects)
  }

  function* transmit(one: Code, delivery: Delivery, effects: Effect[]): Turns {
    const { answer, receipts } = script.send(delivery, delivery.tries++)
    if (!['refused', 'changed', 'down'].includes(answer)) delivery.messages++
    for (const receipt of receipts) {
      if (receipt.delayMs === 0) {
        take(one, delivery, receipt, receipt.isNamed, effects)
        yield
      } else {
        at(now + receipt.delayMs, (then) => take(one, delivery, receipt, receipt.isNamed, then))
      }
    }
    if (answer !== 'died') record(one, delivery, answer, effects)
    yield
    return undefined
  }

  function record(one: Code, delivery: Delivery, answer: string, effects: Effect[]): void {
    if (answer === 'down' && delivery.tries < 3) {
      Object.assign(delivery, { status: 'queued', wakeAt: now + deferMs })
      return dispatchLater(one, delivery, deferMs, effects)
    }
    delivery.wakeAt = undefined
    if (answer === 'accepted' || answer === 'held') know(one, delivery, effects)
    if (answer === 'accepted') return raise(delivery, 'sent')
    if (answer === 'lost') return raise(delivery, 'unknown')
    if (isAbove('failed', delivery.status)) {
      delivery.why = answer === 'held' || answer === 'changed' ? answer : 'other'
      delivery.unmovedSince = now
    }
    raise(delivery, 'failed')
    fail(one, delivery, effects)
  }

  // Receipts.

  function take(one: Code, delivery: Delivery, news: News, isNamed: boolean, effects: Effect[]): void {
    if (!isNamed && !delivery.isIdKnown) return void delivery.early.push(news)
    delivery.wakeAt = undefined
    const failsNow =
      news.status === 'failed' &&
      (isAbove('failed', delivery.status) || (delivery.status === 'failed' && delivery.why === 'held'))
    raise(delivery, news.status)
    if (['delivered', 'read'].includes(news.status)) delivery.unmovedSince = undefined
    if (failsNow) Object.assign(delivery, { why: news.isChanged ? 'changed' : 'other', unmovedSince: now })
    if (isNamed) know(one, delivery, effects)
    if (failsNow) fail(one, delivery, effects)
  }

  /** Receipts that came under an id that nobody knew. */
  function know(one: Code, delivery: Delivery, effects: Effect[]): void {
    if (delivery.isIdKnown) return
    delivery.isIdKnown = true
    if (delivery.early.length === 0) return
    effects.push({ after: 0, run: (then) => catchUp(one, delivery, then) })
  }

  function* catchUp(one: Code, delivery: Delivery, effects: Effect[]): Turns {
    for (const news of delivery.early.splice(0)) {
      take(one, delivery, news, false, effects)
      yield
    }
    return undefined
  }

  // The customer.

  const closed = ({ status, code }: Verification): string | undefined => {
    if (status === 'expired' || (status === 'pending' && code.expiresAt <= now)) return 'verification_expired'
    return status === 'pending' ? undefined : 'verification_closed'
  }

  function* guess(one: Verification, isRight: boolean): Turns {
    yield
    if (one.status === 'blocked' && one.checks >= policy.checks) return 'check_limit_reached'
    const refused = closed(one)
    if (refused) return refused
    const day = failedAt.filter((at) => at > now - 86_400_000)
    if (day.length >= 20) return 'recipient_budget_spent'
    const pauseMs = Math.min(3_600_000, 30_000 * 2 ** Math.min(7, one.checks - 5))
    if (one.checks >= 5 && one.wrongAt + pauseMs > now) return 'checks_paused'
    one.checks++
    if (isRight) {
      failedInARow = 0
      end(one, 'approved')
      // The proof is of the one whose check carried the code.
      endAll(one.code, 'canceled')
      return 'right'
    }
    failedAt.push(now)
    failedInARow++
    one.wrongAt = now
    if (one.checks >= policy.checks) end(one, 'blocked')
    return 'wrong'
  }

  /** Asks for another message: of the same step, of the next, or of a channel by name. */
  function* ask(one: Verification, what: 'resend' | 'next' | Channel, effects: Effect[]): Turns {
    yield
    const refused = closed(one)
    if (refused) return refused
    const { code } = one
    if (hasNewOwner(code)) return (endAll(code, 'undeliverable'), 'ok')
    const step = stepFor(code, what)
    if (step < 0) return 'workflow_exhausted'
    const { channel } = code.steps[step] as { channel: Channel }
    const sends = recent()
    if (sends.length >= policy.sends) return (forgetNew(code), 'send_limit_reached')
    const wasUsed = code.deliveries.some((delivery) => delivery.channel === channel)
    const waitMs = policy.resendWaitsMs[Math.min(sends.length, policy.resendWaitsMs.length) - 1] ?? 0
    if (wasUsed && (sends.at(-1) ?? -Infinity) + waitMs > now) return (forgetNew(code), 'resend_too_soon')
    queue(code, step, effects)
    return 'ok'
  }

  const forgetNew = (one: Code): void => keepUsedSteps(one, script.steps.length)

  function* cancel(one: Verification): Turns {
    yield
    const refused = closed(one)
    if (refused) return refused
    end(one, 'canceled')
    return 'ok'
  }

  function* deny({ code }: Verification): Turns {
    yield
    if (!code.isOver) endAll(code, code.expiresAt <= now ? 'expired' : 'blocked')
    return 'ok'
  }

  function* start(effects: Effect[]): Turns {
    yield
    const joinable = verifications.findLast(
      (one) => isPending(one) && !one.code.isOver && one.code.expiresAt >= now + joinableMs,
    )
    if (!joinable && recent().length >= policy.sends) return 'send_limit_reached'
    const ordinal = verifications.length
    const code: Code = joinable?.code ?? {
      ordinal, steps: [...script.steps], expiresAt: now + lifetimeMs, deliveries: [], members: [], isOver: false,
      step: 0, dueAt: undefined,
    } // prettier-ignore
    const one: Verification = { ordinal, code, status: 'pending', endedAt: undefined, checks: 0, wrongAt: 0 }
    verifications.push(one)
    code.members.push(one)
    // It has a verification of its own, whatever becomes of a second message.
    if (joinable) yield* ask(one, 'resend', effects)
    else queue(code, 0, effects)
    return 'ok'
  }

  const turnsOf = (single: string, effects: Effect[]): Turns => {
    if (single === 'start') return start(effects)
    const isElsewhere = single.startsWith('elsewhere ')
    const one = (isElsewhere ? verifications.at(-2) : undefined) ?? current()
    const what = isElsewhere ? single.slice('elsewhere '.length) : single
    if (what === 'right' || what === 'wrong') return guess(one, what === 'right')
    if (what === 'cancel') return cancel(one)
    return what === 'denied' ? deny(one) : ask(one, what as 'resend' | 'next' | Channel, effects)
  }

  function act(together: readonly string[]): void {
    const first = answers.length
    const chains = together.map((single, n) => {
      const effects: Effect[] = []
      return chain(turnsOf(single, effects), effects, (answer) => void (answers[first + n] = answer))
    })
    answers.push(...together.map(() => ''))
    interleave(chains, choose)
  }

  // The clock.

  const codes = (): Code[] => [...new Set(verifications.map(({ code }) => code))]

  function whenDue(one: Code): void {
    if (one.dueAt === undefined || one.dueAt > now) return
    one.dueAt = now + leaseMs
    if (script.isDropped(one.ordinal, now)) return
    const effects: Effect[] = []
    if (one.expiresAt <= now) endAll(one, 'expired')
    else if (hasNewOwner(one)) endAll(one, 'undeliverable')
    else {
      const hasArrived = one.deliveries.some((d) => d.step === one.step && ['delivered', 'read'].includes(d.status))
      const following = hasArrived ? -1 : onward(one)
      if (following < 0) one.dueAt = one.expiresAt
      else sendOrWait(one, following, effects)
    }
    carryOut(effects)
  }

  /** What servers find that others left behind. */
  function sweep(): void {
    const all = codes().flatMap((one) => one.deliveries.map((delivery) => ({ one, delivery })))
    const found: { readonly one: Code; readonly delivery: Delivery }[][] = [[], []]
    for (const each of all) {
      const { delivery } = each
      if (delivery.wakeAt !== undefined && delivery.wakeAt <= now) {
        if (delivery.status === 'sending') Object.assign(delivery, { status: 'unknown', wakeAt: undefined })
        else found[0]?.push(each)
      }
      if (delivery.unmovedSince !== undefined && delivery.unmovedSince + graceMs <= now) found[1]?.push(each)
    }
    for (const { one, delivery } of found[0] ?? []) {
      const effects: Effect[] = []
      runAll(dispatch(one, delivery, effects))
      carryOut(effects)
    }
    for (const { one, delivery } of found[1] ?? []) {
      const effects: Effect[] = []
      runAll(afterFailure(one, delivery, effects))
      carryOut(effects)
    }
  }

  for (const { at: time, together } of script.acts) at(time, () => act(together))
  for (now of ticks) {
    runDue()
    for (const one of codes().toSorted((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0))) whenDue(one)
    sweep()
  }
  return {
    answers,
    verifications: verifications.map(({ ordinal, code, status, endedAt, checks }) => ({
      status, endedAt, checks, code: code.ordinal,
      // Two of one moment have no order that could be seen.
      deliveries: (code.ordinal === ordinal ? code.deliveries : []).toSorted((a, b) => a.queuedAt - b.queuedAt || a.step - b.step).map((d) => ({ channel: d.channel, step: d.step, queuedAt: d.queuedAt, status: d.status, messages: d.messages })),
    })), // prettier-ignore
    sentAt: recentOf(sentAt),
    failedAt: failedAt.slice(-20),
    failedInARow,
  }
}
