import type { Effect, Outside } from '#verification/flows/outside.ts'
import type { Label, Script } from './script.ts'

/** One person, with all of this person's verifications. */
export interface History {
  readonly script: Script
  readonly to: string
  readonly outside: Outside
  readonly answers: string[]
  readonly verifications: string[]
  /** By verification. */
  readonly codes: Map<string, string>
  readonly deliveries: Map<string, Seen>
  agenda: { readonly at: number; readonly run: () => Promise<void> }[]
  /** What follows; carried out in the order in which it came up. */
  effects: Effect[]
  readonly faults: string[]
}

export interface Seen extends Label {
  tries: number
  dispatches: number
  moves: number
  messages: number
}
