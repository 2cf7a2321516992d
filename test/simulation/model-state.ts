/** What the model remembers of one person's history, and what can be read off it at any moment. */
import type { Channel, Label, News } from './script.ts'

export type Status = 'queued' | 'sending' | 'unknown' | 'sent' | 'failed' | 'delivered' | 'read'
const rank: readonly Status[] = ['queued', 'sending', 'unknown', 'sent', 'failed', 'delivered', 'read']
export const isAbove = (a: Status, b: Status): boolean => rank.indexOf(a) > rank.indexOf(b)

/** What can be seen of a history when it is over; the server's and the model's are compared for equality. */
export interface Outcome {
  readonly answers: readonly string[]
  readonly verifications: readonly {
    readonly status: string
    readonly endedAt: number | undefined
    readonly checks: number
    /** The verification whose start made its code. */
    readonly code: number
    readonly deliveries: readonly {
      readonly channel: string
      readonly step: number
      readonly queuedAt: number
      readonly status: string
      /** How many messages left for it. */
      readonly messages: number
    }[]
  }[]
  readonly sentAt: readonly number[]
  readonly failedAt: readonly number[]
  readonly failedInARow: number
}

export interface Delivery extends Label {
  readonly step: number
  readonly queuedAt: number
  status: Status
  why: 'held' | 'changed' | 'other' | undefined
  messages: number
  tries: number
  dispatches: number
  moves: number
  /** Somebody else may look after it from then on. */
  wakeAt: number | undefined
  unmovedSince: number | undefined
  isIdKnown: boolean
  early: News[]
}

/** What several verifications may share. */
export interface Code {
  /** Of the verification whose start made it. */
  readonly ordinal: number
  readonly steps: { readonly channel: Channel; readonly waitMs: number }[]
  readonly expiresAt: number
  readonly deliveries: Delivery[]
  readonly members: Verification[]
  isOver: boolean
  step: number
  dueAt: number | undefined
}

export interface Verification {
  readonly ordinal: number
  readonly code: Code
  status: string
  endedAt: number | undefined
  checks: number
  wrongAt: number
}

export const isPending = ({ status }: Verification): boolean => status === 'pending'
export const hasNewOwner = (one: Code): boolean =>
  one.deliveries.some(({ status, why }) => status === 'failed' && why === 'changed')
export const mayCome = ({ status, why }: Delivery): boolean => status !== 'failed' || why === 'held'
export const onward = (one: Code): number =>
  one.steps.findIndex((_, step) => step > one.step && !one.deliveries.some((d) => d.step === step && mayCome(d)))

export const raise = (delivery: Delivery, status: Status): void => {
  if (isAbove(status, delivery.status)) delivery.status = status
}

/** A channel outside the workflow becomes its last step, once something is sent there. */
export function stepFor(one: Code, what: 'resend' | 'next' | Channel): number {
  if (what === 'resend') return one.step
  if (what === 'next') return one.step + 1 < one.steps.length ? one.step + 1 : -1
  const found = one.steps.findIndex(({ channel }) => channel === what)
  return found >= 0 ? found : one.steps.push({ channel: what, waitMs: 10_000 }) - 1
}

/** Of the steps after the first so many, those by which something was sent. */
export function keepUsedSteps(one: Code, first: number): void {
  while (one.steps.length > first && !one.deliveries.some((d) => d.step === one.steps.length - 1)) one.steps.pop()
}

export const windowMs = 600_000

/** The server forgets the sends of more than ten minutes ago when it adds one. */
export const recentOf = (sentAt: readonly number[]): number[] =>
  sentAt.filter((at) => at > (sentAt.at(-1) ?? 0) - windowMs)
