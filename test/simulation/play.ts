import { randomBytes } from 'node:crypto'
import type { Caller } from '#platform/core/caller.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { letAllLeave } from '#messaging/core/may-leave.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { letAllCheck } from '#verification/core/may-check.ts'
import { deriveCode } from '#verification/core/code.ts'
import { policyDefaults } from '#access/core/policy.ts'
import { checkCode } from '#verification/flows/check-code.ts'
import { type Moved, moveOn } from '#verification/flows/move-on.ts'
import type { Effect, Outside } from '#verification/flows/outside.ts'
import { carryOut } from '#verification/flows/perform.ts'
import { startVerification } from '#verification/flows/start-verification.ts'
import { effectOf } from '#verification/flows/watch-due.ts'
import type { PostgresEngine } from '#verification/store/engine.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'
import { Keyring } from '#platform/keys/keyring.ts'
import type { TestDatabase } from '../kit/database.ts'
import type { History, Seen } from './history.ts'
import { createProvider, died } from './provider.ts'
import { type Played, readOutcomes } from './read-outcomes.ts'
import { type Act, type Channel, channels, lifetimeMs, policy, type Script, ticks } from './script.ts'
import { plainPeople } from '../verification/start-row.ts'

export interface Stage {
  readonly database: TestDatabase
  readonly engine: PostgresEngine
  /** Milliseconds of the virtual clock. */
  readonly clock: { now: number }
  readonly note: (what: string) => void
}

/** Sets up a business and plays batches of histories, each with its own world outside, on the real flows and engine. */
export async function createPlayer(stage: Stage) {
  const { database, engine, clock, note } = stage
  const keys = new Keyring(new Map([[1, randomBytes(32)]]))
  const businessId = uuidv7(clock.now)
  const applicationId = uuidv7(clock.now)
  const caller: Caller = { keyId: '', businessId, applicationId, live: false }
  const senders: Sender[] = channels.map((channel) => ({
    id: uuidv7(clock.now),
    businessId,
    live: false,
    channel,
    provider: channel,
    purpose: 'authentication',
    config: {},
    secrets: {},
  }))
  const senderOf = (channel: Channel): Sender => senders.find((sender) => sender.channel === channel) as Sender
  await database.query('insert into business values ($1, $2, now())', [businessId, 'x'])
  const application = {
    businessId,
    id: applicationId,
    name: 'x',
    brand: 'x',
    locale: 'en',
    policy: {
      ...policyDefaults,
      expiresInSeconds: lifetimeMs / 1000,
      checkCountMax: policy.checks,
      sendCountMax: policy.sends,
      resendWaitsSeconds: policy.resendWaitsMs.map((ms) => ms / 1000),
    },
    workflow: [],
    createdAt: new Date(clock.now),
  }

  const codeOf = (codeId: string): string => deriveCode(keys.codeMac(1), codeId, policyDefaults.codeLength)

  const later = (history: History, delayMs: number, run: () => Promise<void>): void =>
    void history.agenda.push({ at: clock.now + delayMs, run })

  const provide = createProvider({ now: () => clock.now, note, codeOf, later })

  /** Sees what a history's own server begins, forgets what a restart would, and keeps the rest in order. */
  function outsideOf(history: () => History, queue: (effect: Effect) => void): Outside {
    const see = (id: string, channel: string, codeId: string): void => {
      const { deliveries, verifications } = history()
      const verification = verifications.indexOf(codeId)
      const ordinal = [...deliveries.values()].filter(
        (one) => one.verification === verification && one.channel === channel,
      ).length
      const seen = {
        verification,
        channel: channel as Channel,
        ordinal,
        tries: 0,
        dispatches: 0,
        moves: 0,
        messages: 0,
      }
      deliveries.set(id, seen)
    }
    return {
      engine: {
        ...engine,
        async start(row) {
          const answer = await engine.start(row)
          if (answer.outcome === 'created' || answer.outcome === 'joined') {
            history().verifications.push(row.id)
            history().codes.set(row.id, row.codeId ?? row.id)
          }
          if (answer.outcome === 'created') see(row.deliveryId, row.channel, row.id)
          else note(`a start ${answer.outcome}`)
          return answer
        },
        async move(row) {
          const answer = await engine.move(row)
          if (row.move.kind === 'send' && answer.outcome === 'moved')
            see(row.move.deliveryId, row.move.channel, history().codes.get(row.id) as string)
          return answer
        },
        listEarlyReceipts: async (limit) =>
          (await engine.listEarlyReceipts(limit)).filter(({ deliveryId }) => history().deliveries.has(deliveryId)),
      },
      keys,
      people: plainPeople,
      now: () => new Date(clock.now),
      newId: () => uuidv7(clock.now),
      findCodeOfMessage: () => Promise.resolve(undefined),
      hasProven: () => Promise.resolve(false),
      mayLeave: letAllLeave,
      mayCheck: letAllCheck,
      findApplication: () => Promise.resolve(application),
      listSenders: () => Promise.resolve(senders),
      send: (message, sender) => provide(history(), message, sender),
      perform(effect, delayMs = 0) {
        if (isForgotten(history(), effect)) note('effects lost in a restart')
        else if (delayMs === 0) queue(effect)
        else later(history(), delayMs, () => carryOutOrDie(history().outside, effect))
      },
      reserve(senderId) {
        const sender = senders.find(({ id }) => id === senderId) as Sender
        if (!history().script.hasRoom(sender.channel as Channel)) return undefined
        note('room to send at once')
        return {
          send: (delivery) => this.perform({ kind: 'send', delivery, sender, application }),
          release: () => undefined,
        }
      },
    }
  }

  function isForgotten({ deliveries, script }: History, effect: Effect): boolean {
    if (effect.kind === 'catch-up') return false
    const isMove = effect.kind === 'move'
    const id = isMove ? 'deliveryId' in effect.event && effect.event.deliveryId : effect.delivery.id
    const seen = deliveries.get(id as string) as Seen
    return script.isForgotten(isMove ? 'move' : 'dispatch', seen, isMove ? seen.moves++ : seen.dispatches++)
  }

  async function carryOutOrDie(outside: Outside, effect: Effect): Promise<void> {
    try {
      await carryOut(outside, effect)
    } catch (error) {
      if (error !== died) throw error
    }
  }

  async function drain(history: History): Promise<void> {
    for (let effect = history.effects.shift(); effect; effect = history.effects.shift())
      await carryOutOrDie(history.outside, effect)
  }

  async function act(history: History, { together }: Act): Promise<void> {
    const first = history.answers.length
    history.answers.push(...together.map(() => ''))
    await Promise.all(
      together.map(async (single, n) => {
        const effects: Effect[] = []
        const outside =
          together.length === 1
            ? history.outside
            : outsideOf(
                () => history,
                (effect) => effects.push(effect),
              )
        const answer = await customer(history, outside, single).catch((error: unknown) => {
          if (error instanceof Refusal) return error.code
          throw error
        })
        history.answers[first + n] = answer
        note(`${single}: ${answer}`)
        for (let effect = effects.shift(); effect; effect = effects.shift()) await carryOutOrDie(outside, effect)
      }),
    )
  }

  async function customer(history: History, outside: Outside, single: Act['together'][number]): Promise<string> {
    if (single === 'start') {
      const workflow = history.script.steps.map(({ channel, waitMs }) => ({ channel, waitSeconds: waitMs / 1000 }))
      await startVerification(outside, caller, { recipient: history.to, purpose: 'p', workflow })
      return 'ok'
    }
    const isElsewhere = single.startsWith('elsewhere ')
    const id = ((isElsewhere ? history.verifications.at(-2) : undefined) ?? history.verifications.at(-1)) as string
    const codeId = history.codes.get(id) as string
    const key = { businessId, id }
    const told = ({ refusal }: Moved): string => refusal?.code ?? 'ok'
    const what = (isElsewhere ? single.slice('elsewhere '.length) : single) as Exclude<
      typeof single,
      `elsewhere ${string}`
    >
    switch (what) {
      case 'right':
      case 'wrong': {
        const right = codeOf(codeId)
        const code = what === 'right' ? right : String((Number(right) + 1) % 1e6).padStart(6, '0')
        return (await checkCode(outside, caller, { id, code })).isValid ? 'right' : 'wrong'
      }
      case 'cancel':
        return told(await moveOn(outside, key, { kind: 'cancel' }))
      case 'denied':
        return told(await moveOn(outside, { businessId, id: codeId }, { kind: 'denied' }))
      case 'resend':
      case 'next':
        return told(await moveOn(outside, key, { kind: what }))
      case 'whatsapp':
      case 'sms':
      case 'voice': {
        const step = { channel: what, waitSeconds: 10, senderId: senderOf(what).id }
        return told(await moveOn(outside, key, { kind: 'resend', step }))
      }
    }
  }

  /** Everything that falls due up to this tick, then what the due watch of a server does. */
  async function tick(histories: readonly History[], beginning: number): Promise<void> {
    const { now } = clock
    await Promise.all(
      histories.map(async (history) => {
        if (!history.agenda.some(({ at }) => at <= now)) return
        const due = history.agenda.filter(({ at }) => at <= now)
        history.agenda = history.agenda.filter(({ at }) => at > now)
        for (const { run } of due.toSorted((a, b) => a.at - b.at)) {
          await run()
          await drain(history)
        }
      }),
    )
    const byVerification = new Map(
      histories.flatMap((history) => history.verifications.map((id) => [id, history] as const)),
    )
    const due = Map.groupBy(await engine.claimDue(10_000, 5), ({ verification: { id } }) => byVerification.get(id))
    await Promise.all(
      [...due].map(async ([history, ones]) => {
        if (!history) throw new Error('a code of nobody')
        // One after the other, as they fell due: two of one person may want the last send that is allowed.
        for (const { verification } of ones) {
          const { id } = verification
          if (history.script.isDropped(history.verifications.indexOf(id), now - beginning)) note('died with a claim')
          else await moveOn(history.outside, verification, { kind: 'due' }, { loaded: verification })
          await drain(history)
        }
      }),
    )
    const abandoned = await engine.claimAbandoned(2, 10_000)
    if (abandoned.length === 0) return
    const byHistory = Map.groupBy(abandoned, ({ delivery }) =>
      histories.find(({ deliveries }) => deliveries.has(delivery.id)),
    )
    await Promise.all(
      [...byHistory].map(async ([history, ones]) => {
        if (!history) throw new Error('a delivery of nobody')
        const order = [...history.deliveries.keys()]
        const sorted = ones.toSorted((a, b) => order.indexOf(a.delivery.id) - order.indexOf(b.delivery.id))
        for (const one of [
          ...sorted.filter(({ needs }) => needs === 'send'),
          ...sorted.filter(({ needs }) => needs === 'move'),
        ]) {
          note(one.needs === 'send' ? 'deliveries taken over' : 'failures taken over')
          await carryOutOrDie(history.outside, effectOf(one))
          await drain(history)
        }
      }),
    )
  }

  /** Plays a batch to its end and tells what is to be seen of each, in times from its beginning. */
  async function play(scripts: readonly Script[]): Promise<Played[]> {
    const beginning = clock.now
    const histories = scripts.map((script): History => {
      const history: History = {
        script,
        to: `+62812${String(1e7 + script.index)}`,
        outside: outsideOf(
          () => history,
          (effect) => history.effects.push(effect),
        ),
        answers: [],
        verifications: [],
        codes: new Map(),
        deliveries: new Map(),
        agenda: [],
        effects: [],
        faults: [],
      }
      for (const one of script.acts) history.agenda.push({ at: beginning + one.at, run: () => act(history, one) })
      return history
    })
    for (const at of ticks) {
      clock.now = beginning + at
      await tick(histories, beginning)
    }
    const outcomes = await readOutcomes(stage, histories, beginning)
    // The next batch begins on a whole tick, long after.
    clock.now = beginning + 3_600_000
    return outcomes
  }

  return { play }
}
