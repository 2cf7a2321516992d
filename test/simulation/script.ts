/**
 * What happens around the server in one history: when the customer acts, what providers answer, which receipts come,
 * where a server dies. All of it follows from the seed, by labels that do not depend on what the server does, so that
 * the server and the model live through the same.
 */

import { random } from '../kit/exploration.ts'

export const channels = ['whatsapp', 'sms', 'voice'] as const
export type Channel = (typeof channels)[number]

const tickMs = 500
export const lifetimeMs = 90_000
export const policy = { checks: 6, sends: 5, resendWaitsMs: [4000, 6000, 8000, 10_000] } as const
/** Acts come in two bursts; what was sent in the first is forgotten, or not, in the middle of the second. */
const firstBurst = { fromMs: 0, toMs: 100_000 }
const secondBurst = { fromMs: 590_000, toMs: 640_000 }

const times = (fromMs: number, toMs: number, everyMs: number): number[] =>
  Array.from({ length: (toMs - fromMs) / everyMs }, (_, n) => fromMs + n * everyMs)

/** The times at which servers look, of one batch: often while customers act, and never where nothing can happen. */
export const ticks: readonly number[] = [
  ...times(tickMs, firstBurst.toMs, tickMs),
  ...times(firstBurst.toMs, 205_000, 2 * tickMs),
  ...times(585_000, 770_000, 2 * tickMs),
]

type Single =
  | 'start'
  | 'right'
  | 'wrong'
  | 'resend'
  | 'next'
  | 'cancel'
  | 'denied'
  | Channel
  /** With the verification before the last one. */
  | `elsewhere ${'right' | 'wrong' | 'cancel' | 'resend'}`
/** A channel: the customer asks for it by name. Several at once are a race. */
export interface Act {
  readonly at: number
  readonly together: readonly Single[]
}

export interface News {
  readonly status: 'sent' | 'delivered' | 'read' | 'failed'
  /** Of a failure: the number has a new owner. */
  readonly isChanged: boolean
}

export interface ReceiptScript extends News {
  /** 0: before the provider's answer. */
  readonly delayMs: number
  /** Does it echo our reference, or only name the message id? */
  readonly isNamed: boolean
}

export interface SendScript {
  /** `lost`: the answer never came; `died`: the server did, before it wrote the answer down. */
  readonly answer: 'refused' | 'changed' | 'down' | 'held' | 'accepted' | 'lost' | 'died'
  readonly receipts: readonly ReceiptScript[]
}

/** The so-manieth delivery on a channel of the so-manieth verification. */
export interface Label {
  readonly verification: number
  readonly channel: Channel
  readonly ordinal: number
}

export interface Script {
  readonly index: number
  readonly steps: readonly { readonly channel: Channel; readonly waitMs: number }[]
  readonly acts: readonly Act[]
  send(label: Label, tries: number): SendScript
  /** Can this sender send at once, or do its messages queue? */
  hasRoom(channel: Channel): boolean
  /** A restart forgets what was only in memory; the database does not. */
  isForgotten(effect: 'dispatch' | 'move', label: Label, tries: number): boolean
  /** A server that dies with the claim of a due time in its hand. */
  isDropped(verification: number, at: number): boolean
}

export type Random = () => number

/** FNV-1a over a label, stirred by the seed. */
function randomFor(seed: number, ...label: readonly (string | number)[]): Random {
  let hash = seed ^ 0x811c9dc5
  for (const char of label.join(' ')) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193)
  return random(hash)
}

const spell = ({ verification, channel, ordinal }: Label): string => `${verification} ${channel} ${ordinal}`

const characters: Record<string, readonly (readonly [Single, number])[]> = {
  ordinary: [
    ['right', 3],
    ['wrong', 3],
    ['resend', 3],
    ['next', 2],
    ['sms', 1],
    ['cancel', 1],
    ['denied', 1],
    ['start', 3],
    ['elsewhere right', 1],
    ['elsewhere wrong', 1],
    ['elsewhere cancel', 1],
    ['elsewhere resend', 1],
  ],
  impatient: [
    ['resend', 5],
    ['next', 4],
    ['whatsapp', 2],
    ['sms', 2],
    ['voice', 1],
    ['cancel', 2],
    ['start', 5],
    ['right', 1],
  ],
  forgetful: [
    ['wrong', 12],
    ['start', 4],
    ['right', 1],
    ['resend', 1],
  ],
  stubborn: [['wrong', 1]],
  silent: [['start', 1]],
}
const racing: readonly (readonly [Single, number])[] = [
  ['right', 3],
  ['wrong', 1],
  ['resend', 2],
  ['next', 3],
  ['cancel', 1],
  ['denied', 1],
  ['sms', 1],
  ['elsewhere right', 2],
  ['elsewhere wrong', 1],
  ['elsewhere cancel', 2],
]

function pick<Value>(next: Random, weighted: readonly (readonly [Value, number])[]): Value {
  let left = next() * weighted.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [value, weight] of weighted) if ((left -= weight) < 0) return value
  return (weighted.at(-1) as readonly [Value, number])[0]
}

export function scriptOf(seed: number, index: number): Script {
  const next = randomFor(seed, index, 'acts')
  const isLong = next() < 0.4
  return {
    index,
    steps: (isLong ? channels : channels.slice(0, 2)).map((channel, n) => ({ channel, waitMs: 8000 + 2000 * n })),
    acts: actsOf(next),
    send: (label, tries) => sendOf(randomFor(seed, index, 'send', spell(label), tries), tries),
    hasRoom: (channel) => randomFor(seed, index, 'room', channel)() < 0.6,
    isForgotten: (effect, label, tries) => randomFor(seed, index, effect, spell(label), tries)() < 0.06,
    isDropped: (verification, at) => randomFor(seed, index, 'due', verification, at)() < 0.05,
  }
}

function actsOf(next: Random): Act[] {
  const character = pick(next, [
    ['ordinary', 35],
    ['impatient', 30],
    ['forgetful', 20],
    ['stubborn', 5],
    ['silent', 10],
  ] as const)
  const acts: Act[] = [{ at: Math.floor(next() * 5000), together: ['start'] }]
  const begun = acts[0]?.at ?? 0
  const add = (count: number, fromMs: number, toMs: number): void => {
    for (let n = 0; n < count; n++) {
      const at = Math.floor(fromMs + next() * (toMs - fromMs))
      acts.push({ at, together: [pick(next, characters[character] ?? [])] })
    }
  }
  const fewest = character === 'stubborn' ? 9 : 1
  if (character !== 'silent') add(fewest + Math.floor(next() * 10), begun + 1, firstBurst.toMs)
  // At most one race: every one multiplies what the model has to think of.
  if (next() < 0.25) {
    const isGuessing = next() < 0.3
    const together: readonly Single[] = isGuessing
      ? ['right', 'wrong', 'right']
      : [pick(next, racing), pick(next, racing)]
    acts.push({ at: begun + 1 + Math.floor(next() * 40_000), together })
  }
  if (next() < 0.5) {
    acts.push({ at: secondBurst.fromMs + Math.floor(next() * 20_000), together: ['start'] })
    add(Math.floor(next() * 5), secondBurst.fromMs, secondBurst.toMs)
  }
  return acts.toSorted((a, b) => a.at - b.at)
}

function sendOf(next: Random, tries: number): SendScript {
  const answer = pick(next, [
    ['accepted', 58],
    ['refused', 9],
    ['changed', 2],
    // Who is down stays down for a while.
    ['down', tries === 0 ? 12 : 100],
    ['held', 6],
    ['lost', 8],
    ['died', 5],
  ] as const)
  const receipts: ReceiptScript[] = []
  if (['refused', 'changed', 'down'].includes(answer)) return { answer, receipts }
  const stories: readonly (readonly [readonly News['status'][], number])[] = [
    [['sent', 'failed'], 25],
    [['sent'], 20],
    [['sent', 'delivered'], 22],
    [['sent', 'delivered', 'read'], 20],
    [['sent', 'failed', 'delivered'], 8],
    [['failed', 'read'], 5],
  ]
  const isChanged = next() < 0.06
  for (const status of pick(next, stories)) {
    if (next() < 0.12) continue
    const copies = next() < 0.15 ? 3 : 1
    for (let copy = 0; copy < copies; copy++) {
      const delayMs = next() < 0.12 ? 0 : Math.floor(next() ** 3 * 25_000)
      receipts.push({ status, isChanged: status === 'failed' && isChanged, delayMs, isNamed: next() < 0.75 })
    }
  }
  return { answer, receipts }
}
