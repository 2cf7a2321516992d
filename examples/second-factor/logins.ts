import { randomBytes } from 'node:crypto'

export interface Account {
  readonly phone: string
  readonly salt: Buffer
  readonly passwordHash: Buffer
  totpSecret?: string
  /** Not yet shown to work: an app that was set up wrongly must lock nobody out. */
  totpProposed?: string
  totpLastStep: number
  /** Hashes of those that are left. */
  readonly recovery: Set<string>
  /** Wrong second factors in a row that were not the phone's: those Centang counts. */
  failures: number
  /** After so many, nobody gets on for a while; for ever would let anybody lock anybody out. */
  pausedUntil: number
}

/** After the password, before the second factor. */
interface Halfway {
  readonly name: string
  readonly until: number
  verificationId?: string
}

const failuresMax = 5
const pauseMs = 15 * 60_000
const halfwayLastsMs = 10 * 60_000

/** Who has an account, who is halfway in, and who is in. */
export class Logins {
  readonly now: () => Date
  readonly #accounts = new Map<string, Account>()
  readonly #halfway = new Map<string, Halfway>()
  readonly #sessions = new Map<string, string>()

  constructor(now: () => Date) {
    this.now = now
  }

  find(name: string): Account | undefined {
    return this.#accounts.get(name)
  }

  add(name: string, { phone, salt, passwordHash }: Pick<Account, 'phone' | 'salt' | 'passwordHash'>): void {
    const fresh = { totpLastStep: 0, recovery: new Set<string>(), failures: 0, pausedUntil: 0 }
    this.#accounts.set(name, { phone, salt, passwordHash, ...fresh })
  }

  /** The password was right: what the second factor is shown with. */
  begin(name: string): string {
    const ticket = randomBytes(24).toString('base64url')
    this.#halfway.set(ticket, { name, until: this.now().getTime() + halfwayLastsMs })
    return ticket
  }

  look(ticket: string): { account: Account; half: Halfway } | undefined {
    const half = this.#halfway.get(ticket)
    const account = half && this.#accounts.get(half.name)
    const time = this.now().getTime()
    if (!half || !account || half.until < time || account.pausedUntil > time) return undefined
    return { account, half }
  }

  fail(account: Account): undefined {
    account.failures++
    if (account.failures >= failuresMax) {
      account.failures = 0
      account.pausedUntil = this.now().getTime() + pauseMs
    }
    return undefined
  }

  signIn(ticket: string, name: string): object {
    this.#halfway.delete(ticket)
    ;(this.#accounts.get(name) as Account).failures = 0
    const session = randomBytes(24).toString('base64url')
    this.#sessions.set(session, name)
    return { session }
  }

  nameOf(session: string): string {
    return this.#sessions.get(session) ?? ''
  }
}
