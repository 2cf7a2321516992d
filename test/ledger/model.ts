import type { AccountAsk } from '#ledger/core/account.ts'
import type { TransferResult } from '#ledger/core/refusals.ts'
import { amountMax, type EndAsk, type MoveAsk, type TransferAsk } from '#ledger/core/transfer.ts'

interface Held {
  readonly ask: AccountAsk
  balance: bigint
  out: bigint
  in: bigint
  isClosed: boolean
}

interface Made {
  readonly content: string
  readonly ask: TransferAsk
}

interface Pending {
  readonly ask: MoveAsk
  readonly expiresAt: number
  status: 'pending' | 'posted' | 'voided' | 'expired'
}

interface Copy {
  readonly accounts: readonly (readonly [string, Held])[]
  readonly made: readonly (readonly [string, Made])[]
  readonly pending: readonly (readonly [string, Pending])[]
}

const contentOf = (chain: readonly TransferAsk[]): string =>
  JSON.stringify(chain, (_name, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))

/** What the books have to do, written down a second time and without a database. */
export class Model {
  readonly accounts = new Map<string, Held>()
  readonly #made = new Map<string, Made>()
  readonly #refused = new Map<string, { readonly content: string; readonly result: TransferResult }>()
  readonly #pending = new Map<string, Pending>()

  open(ask: AccountAsk): void {
    this.accounts.set(ask.id, { ask, balance: 0n, out: 0n, in: 0n, isClosed: false })
  }

  close(id: string): boolean {
    const held = this.accounts.get(id) as Held
    if (held.balance !== 0n || held.out !== 0n || held.in !== 0n) return false
    held.isClosed = true
    return true
  }

  expire(now: number): void {
    for (const pending of this.#pending.values())
      if (pending.status === 'pending' && pending.expiresAt <= now) this.#end(pending, 'expired', 0n)
  }

  apply(chain: readonly TransferAsk[], now: number): TransferResult[] {
    const content = contentOf(chain)
    if (chain.every(({ id }) => this.#made.get(id)?.content === content)) return chain.map(() => 'exists')
    const before = this.#copy()
    const results: TransferResult[] = chain.map(() => 'linked_transfer_refused')
    let isRefused = false
    for (const [n, ask] of chain.entries()) {
      const result = this.#resultOf(ask, content, now)
      results[n] = result
      isRefused ||= result !== 'ok'
      // One that fell with others before falls again: the one at fault comes later.
      if (result !== 'ok' && result !== 'linked_transfer_refused') break
    }
    if (!isRefused) return results
    this.#restore(before)
    for (const [n, { id }] of chain.entries()) {
      if (results[n] === 'ok') results[n] = 'linked_transfer_refused'
      const result = results[n] as TransferResult
      if (result !== 'exists_with_different_content' && !this.#made.has(id) && !this.#refused.has(id))
        this.#refused.set(id, { content, result })
    }
    return results
  }

  #resultOf(ask: TransferAsk, content: string, now: number): TransferResult {
    const refused = this.#refused.get(ask.id)
    if (refused?.content === content) return refused.result
    if (refused || this.#made.has(ask.id)) return 'exists_with_different_content'
    return this.#applyOne(ask, content, now)
  }

  #applyOne(ask: TransferAsk, content: string, now: number): TransferResult {
    const result = 'pendingId' in ask ? this.#applyEnd(ask, now) : this.#applyMove(ask, now)
    if (result === 'ok') this.#made.set(ask.id, { content, ask })
    return result
  }

  #applyEnd(ask: EndAsk, now: number): TransferResult {
    const made = this.#made.get(ask.pendingId)
    if (!made) return 'pending_not_found'
    const pending = this.#pending.get(ask.pendingId)
    if (!pending) return 'not_pending'
    const from = this.accounts.get(pending.ask.debitAccountId) as Held
    const to = this.accounts.get(pending.ask.creditAccountId) as Held
    if (ask.kind === 'post' && from.isClosed) return 'debit_account_closed'
    if (ask.kind === 'post' && to.isClosed) return 'credit_account_closed'
    if (pending.status !== 'pending') return `pending_already_${pending.status}`
    if (pending.expiresAt <= now) return 'pending_already_expired'
    const amount = ask.kind === 'post' ? (ask.amount ?? pending.ask.amount) : 0n
    if (amount > pending.ask.amount) return 'exceeds_pending'
    this.#end(pending, ask.kind === 'post' ? 'posted' : 'voided', amount)
    return 'ok'
  }

  #end(pending: Pending, status: Pending['status'], posted: bigint): void {
    const from = this.accounts.get(pending.ask.debitAccountId) as Held
    const to = this.accounts.get(pending.ask.creditAccountId) as Held
    pending.status = status
    from.out -= pending.ask.amount
    to.in -= pending.ask.amount
    from.balance -= posted
    to.balance += posted
  }

  #applyMove(ask: MoveAsk, now: number): TransferResult {
    const from = this.accounts.get(ask.debitAccountId)
    if (!from) return 'debit_account_not_found'
    const to = this.accounts.get(ask.creditAccountId)
    if (!to) return 'credit_account_not_found'
    if (from.ask.currency !== ask.currency || to.ask.currency !== ask.currency) return 'currency_differs'
    if (from.isClosed) return 'debit_account_closed'
    if (to.isClosed) return 'credit_account_closed'
    if (-from.balance + from.out + ask.amount > amountMax || to.balance + to.in + ask.amount > amountMax)
      return 'overflows'
    if (from.ask.balanceMin !== null && from.balance - from.out - ask.amount < from.ask.balanceMin)
      return 'exceeds_balance'
    if (to.ask.balanceMax !== null && to.balance + to.in + ask.amount > to.ask.balanceMax) return 'exceeds_limit'
    if (ask.kind === 'pending') {
      from.out += ask.amount
      to.in += ask.amount
      const expiresAt = ask.expiresInSeconds === undefined ? Infinity : now + 1000 * ask.expiresInSeconds
      this.#pending.set(ask.id, { ask, expiresAt, status: 'pending' })
    } else {
      from.balance -= ask.amount
      to.balance += ask.amount
    }
    return 'ok'
  }

  #copy(): Copy {
    return {
      accounts: [...this.accounts].map(([id, held]) => [id, { ...held }] as const),
      made: [...this.#made],
      pending: [...this.#pending].map(([id, pending]) => [id, { ...pending }] as const),
    }
  }

  #restore({ accounts, made, pending }: Copy): void {
    refill(this.accounts, accounts)
    refill(this.#made, made)
    refill(this.#pending, pending)
  }
}

function refill<Key, Value>(map: Map<Key, Value>, entries: readonly (readonly [Key, Value])[]): void {
  map.clear()
  for (const [key, value] of entries) map.set(key, value)
}
