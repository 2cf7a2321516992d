import { predict } from './model.ts'
import type { Choose } from './turns.ts'
import type { Outcome } from './model-state.ts'
import type { Script } from './script.ts'

/** More orders than a race of this size has are not looked at. */
const ordersMax = 4000

/**
 * Everything that may come out of a history: one outcome where its order is given, one for every order of what
 * happens at the same time where it is not. Goes through them until `isIt` says yes.
 */
export function explore(script: Script, isIt: (outcome: Outcome) => boolean): { found: boolean; first: Outcome } {
  let first: Outcome | undefined
  // An odometer: which way was taken at each fork, and how many ways there were.
  let taken: number[] = []
  for (let orders = 0; orders < ordersMax; orders++) {
    const ways: number[] = []
    const choose: Choose = (count) => {
      ways.push(count)
      return taken[ways.length - 1] ?? 0
    }
    const outcome = predict(script, choose)
    first ??= outcome
    if (isIt(outcome)) return { found: true, first }
    const next = ways.map((_, fork) => taken[fork] ?? 0)
    while (next.length > 0 && (next.at(-1) as number) + 1 >= (ways[next.length - 1] as number)) next.pop()
    if (next.length === 0) break
    next.push((next.pop() as number) + 1)
    taken = next
  }
  return { found: false, first: first as Outcome }
}
