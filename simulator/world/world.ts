import { createFaultBoard, type FaultBoard, type FaultKind, holdDefaultMs, type TakenFaults } from '../faults/faults.ts'
import { type Handset, messagesKept, newHandset, type PhoneMessage, type Waiting } from '../handsets/handset.ts'
import { findMagic, type MagicNumber } from '../handsets/magic-numbers.ts'
import { phoneOf } from '../handsets/phone-number.ts'
import { type Account, type AccountNumber, type AccountOptions, newAccount } from '../meta/account.ts'
import { createClock, type SimulatorClock } from './clock.ts'
import { createLimited, type Limited } from './limited.ts'
import { createNewsQueue, type NewsQueue } from './news-queue.ts'
import { createRandom } from './random.ts'

/** One sending that reached a provider, whether or not it reached a phone. */
export interface Outbound {
  readonly providerMessageId: string
  readonly channel: 'whatsapp' | 'sms'
  /** It came from, on WhatsApp. */
  readonly number?: AccountNumber
  readonly to: string
  readonly reference: string | undefined
  readonly acceptedAt: number
  /** What goes wrong with it, also with the news that comes of it later. */
  readonly faults: ReadonlySet<FaultKind>
}

export interface WorldEvent {
  readonly id: number
  readonly to: string
  readonly kind: 'message' | 'status' | 'handset'
  readonly data: unknown
}

export interface Limits {
  /** One message per 6 s to one person, 45 in a burst. */
  pair: boolean
  /** Messages a second of the number; 80 to 1,000 in the real world. */
  perSecond: number
}

export interface WorldOptions extends AccountOptions {
  readonly clock?: SimulatorClock | undefined
  readonly seed?: number | undefined
  readonly limits?: Partial<Limits> | undefined
  /** Pauses before news that were not taken are tried again; after the last they are lost. */
  readonly newsRetryDelaysMs?: readonly number[] | undefined
  /** `host` or `host:port` that news may go to besides this machine. */
  readonly callbackHosts?: readonly string[] | undefined
  /** The only addresses that news may go to, where others than the developer may tell it where. */
  readonly callsOnly?: ((url: URL) => boolean) | undefined
}

const handsetsMax = 10_000
const outboundMax = 10_000
const eventsKept = 500
/** Of all phones together. */
const messagesMax = 10_000
const waitingMax = 10_000
/** Beyond it the providers take no more for a while, as real ones do. */
const timersMax = 50_000

/** Everything there is in the simulated world; all of it in memory, all of it bounded. */
export class World {
  readonly clock: SimulatorClock
  readonly account: Account
  readonly faults: FaultBoard = createFaultBoard()
  readonly news: NewsQueue
  readonly limits: Limits
  readonly callbackHosts: readonly string[]
  readonly callsOnly: ((url: URL) => boolean) | undefined
  /** Address of the interface it is reached at, once it listens. */
  ownAddress: string | undefined
  readonly random: { hex(length: number): string }
  readonly outbound: Outbound[] = []
  /** Token buckets of the limits, by number or pair. */
  readonly buckets = new Map<string, { tokens: number; at: number }>()
  readonly #handsets = new Map<string, Handset>()
  readonly #shown: Limited<{ readonly handset: Handset; readonly message: PhoneMessage }> = createLimited(
    messagesMax,
    ({ handset, message }) => (handset.messages = handset.messages.filter((one) => one !== message)),
  )
  readonly #held: Limited<{ readonly handset: Handset; readonly waiting: Waiting }> = createLimited(
    waitingMax,
    ({ handset, waiting }) => (handset.waiting = handset.waiting.filter((one) => one !== waiting)),
  )
  readonly #listeners = new Set<(event: WorldEvent) => void>()
  #events: WorldEvent[] = []
  #eventCount = 0
  #messageCount = 0

  constructor(options: WorldOptions = {}) {
    this.clock = options.clock ?? createClock()
    this.account = newAccount(options)
    this.random = createRandom(options.seed ?? 1)
    this.limits = { pair: true, perSecond: 1000, ...options.limits }
    this.news = createNewsQueue(this.clock, options.newsRetryDelaysMs)
    this.callbackHosts = options.callbackHosts ?? []
    this.callsOnly = options.callsOnly
  }

  /** A handset comes into being on first use. However its number is written, it is the same one. */
  handset(number: string): Handset {
    const digits = phoneOf(number)
    const found = this.#handsets.get(digits)
    if (found) return found
    if (this.#handsets.size >= handsetsMax) {
      const [oldest] = this.#handsets.keys()
      if (oldest !== undefined) this.#handsets.delete(oldest)
    }
    const made = newHandset(digits, this.clock.now())
    this.#handsets.set(digits, made)
    return made
  }

  /** Newest activity first. */
  listHandsets(): Handset[] {
    return [...this.#handsets.values()].sort((a, b) => b.touchedAt - a.touchedAt)
  }

  /** Undefined once the handset was set by hand. */
  magic(digits: string): MagicNumber | undefined {
    return this.#handsets.get(digits)?.isSet ? undefined : findMagic(digits)
  }

  /** What will go wrong with one message; each fault is spent once a message. */
  takeFaults(digits: string, channel: 'whatsapp' | 'sms'): TakenFaults {
    const taken = this.faults.take(digits, channel)
    const magic = this.magic(digits)
    const own = magic?.faults && (magic.channel ?? channel) === channel ? magic.faults : []
    const hold = taken.get('hold')
    return {
      kinds: new Set([
        ...taken.keys(),
        ...own,
        ...(this.clock.timerCount >= timersMax ? (['fail_before_acceptance'] as const) : []),
      ]),
      slowMs: taken.get('slow')?.delayMs ?? 0,
      holdMs: hold?.delayMs ?? holdDefaultMs,
      isReleased: hold?.isReleased ?? false,
    }
  }

  record(outbound: Outbound): void {
    this.outbound.push(outbound)
    if (this.outbound.length > outboundMax * 1.1) this.outbound.splice(0, this.outbound.length - outboundMax)
  }

  /** Puts a message on the screen of a phone. */
  show(handset: Handset, message: Omit<PhoneMessage, 'id' | 'receivedAt' | 'isRead'>): PhoneMessage {
    const now = this.clock.now()
    const shown: PhoneMessage = {
      ...message,
      id: `m${++this.#messageCount}`,
      receivedAt: now,
      isRead: message.direction === 'in',
    }
    handset.messages = [...handset.messages, shown].slice(-messagesKept)
    this.#shown.add({ handset, message: shown })
    handset.touchedAt = now
    this.announce(handset.digits, 'message', shown)
    return shown
  }

  /** Keeps a message for a phone that is off; when there are too many in the whole world, the oldest never arrives. */
  hold(handset: Handset, waiting: Waiting): void {
    handset.waiting.push(waiting)
    this.#held.add({ handset, waiting })
  }

  /** To whoever looks at the phones. */
  announce(to: string, kind: WorldEvent['kind'], data: unknown): void {
    const event = { id: ++this.#eventCount, to, kind, data }
    this.#events = [...this.#events, event].slice(-eventsKept)
    for (const listener of this.#listeners) listener(event)
  }

  listen(listener: (event: WorldEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  eventsAfter(id: number): readonly WorldEvent[] {
    return this.#events.filter((event) => event.id > id)
  }

  /** Forgets phones, messages and faults; the account and its templates stay. */
  reset(): void {
    this.#handsets.clear()
    this.#shown.clear()
    this.#held.clear()
    this.outbound.length = 0
    this.#events = []
    this.faults.clear()
    this.buckets.clear()
  }
}
