/** Why a request is refused. Public texts never hold input, codes or vendors' texts. */
export interface RefusalEntry<Code extends string = string> {
  /** Stable; every answer of every API that is not 2xx carries one. */
  readonly code: Code
  /** HTTP status of the native API. */
  readonly status: number
  /** One sentence for the developer who reads the answer. */
  readonly title: string
  /** What to do next. */
  readonly remedy: string
  /** The written rule behind the refusal, named so that an answer can be looked up. */
  readonly rule?: string
  /** What it is against, for vendors' APIs that have a number of their own for that. */
  readonly against?: 'fraud' | 'destination'
}

/** The refusals that one module owns, by their codes. `docs/reference/errors.md` has those of all modules. */
export const defineRefusals = <Code extends string>(
  entries: Readonly<Record<Code, Omit<RefusalEntry, 'code'>>>,
): Readonly<{ [Each in Code]: RefusalEntry<Each> }> =>
  Object.fromEntries(
    Object.entries<Omit<RefusalEntry, 'code'>>(entries).map(([code, entry]) => [code, { code, ...entry }]),
  ) as { [Each in Code]: RefusalEntry<Each> }

export interface RefusalFacts {
  /** Seconds until the same request may succeed. */
  readonly retryAfterSeconds?: number
  /** The quota that refused it: how much it allows, what is left of that, and when it is whole or larger again. */
  readonly quota?: { readonly limit: number; readonly remaining: number; readonly resetSeconds: number }
  /** For the person whose phone it is, in their language, where a vendor shows its user what it is answered. */
  readonly toPerson?: string
  /** For the log only, never for the answer. */
  readonly detail?: string
  readonly cause?: unknown
  /** Field errors of `body_invalid`: where and what, never the value. */
  readonly errors?: readonly { readonly path: string; readonly problem: string }[]
  /** Methods of `method_not_allowed`. */
  readonly allow?: string
}

/** Thrown where a request cannot be served. Expected outcomes are values, not refusals. */
export class Refusal extends Error {
  readonly entry: RefusalEntry
  readonly facts: RefusalFacts

  constructor(entry: RefusalEntry, facts: RefusalFacts = {}) {
    super(facts.detail ?? entry.code, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.name = 'Refusal'
    this.entry = entry
    this.facts = facts
  }

  get code(): string {
    return this.entry.code
  }
}
