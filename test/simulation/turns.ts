/** How the model lives through things that happen at once, and through what follows from them. */

/** Every step that a server commits on its own is one turn. */
export type Turns = Generator<void, string | undefined>
/** `run` puts what follows from it into the list it is given. */
export type Effect = { readonly after: number; readonly run: (effects: Effect[]) => Turns }
/** Picks one of so many ways to go on. */
export type Choose = (ways: number) => number

export function runAll(turns: Turns): string | undefined {
  for (;;) {
    const { done, value } = turns.next()
    if (done) return value
  }
}

/** Turn by turn, in any order. */
export function interleave(chains: readonly Turns[], choose: Choose): void {
  const alive = [...chains]
  while (alive.length > 0) {
    const n = alive.length === 1 ? 0 : choose(alive.length)
    if ((alive[n] as Turns).next().done) alive.splice(n, 1)
  }
}

export interface Agenda {
  readonly at: (time: number, run: (effects: Effect[]) => void) => void
  /** What follows is carried out in the order in which it came up, or later, in a chain of its own. */
  readonly carryOut: (effects: Effect[]) => void
  /** What follows from these turns stays in their own chain. */
  readonly chain: (turns: Turns, effects: Effect[], onAnswer: (answer: string) => void) => Turns
  /** All that is due by now, in the order of its time. */
  readonly runDue: () => void
}

export function createAgenda(now: () => number): Agenda {
  let entries: { readonly at: number; readonly run: () => void }[] = []

  const at: Agenda['at'] = (time, run) => {
    const begin = (): void => {
      const effects: Effect[] = []
      run(effects)
      carryOut(effects)
    }
    entries.push({ at: time, run: begin })
  }
  const later = ({ after, run }: Effect): void => at(now() + after, (effects) => void runAll(run(effects)))

  function carryOut(effects: Effect[]): void {
    for (let effect = effects.shift(); effect; effect = effects.shift()) {
      if (effect.after > 0) later(effect)
      else runAll(effect.run(effects))
    }
  }

  return {
    at,
    carryOut,
    *chain(turns, effects, onAnswer) {
      onAnswer((yield* turns) ?? '')
      yield
      for (let effect = effects.shift(); effect; effect = effects.shift()) {
        if (effect.after > 0) later(effect)
        else yield* effect.run(effects)
      }
      return undefined
    },
    runDue() {
      if (!entries.some((one) => one.at <= now())) return
      const due = entries.filter((one) => one.at <= now())
      entries = entries.filter((one) => one.at > now())
      for (const { run } of due.toSorted((a, b) => a.at - b.at)) run()
    },
  }
}
