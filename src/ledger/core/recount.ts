import type { PendingStatus, TransferKind } from './transfer.ts'

/** An account, as it was opened. */
export interface RecountedAccount {
  readonly key: string
  readonly currency: string
  readonly balanceMin: bigint | null
  readonly balanceMax: bigint | null
  readonly shardCount: number
}

/** One side of a transfer: which row of which account's balance, and how the transfer says that it left it. */
export interface Side {
  readonly account: string
  readonly shard: number
  readonly turn: bigint
  readonly balance: bigint
}

/** A transfer as it is written, in the order of writing. Keys of accounts and pending transfers name their book too. */
export interface RecountedTransfer {
  readonly key: string
  readonly kind: TransferKind
  readonly pending: string | null
  readonly amount: bigint
  readonly currency: string
  readonly debit: Side
  readonly credit: Side
  /** Of a pending one: what is written beside it. */
  readonly status: PendingStatus | null
  readonly endedBy: string | null
}

/** A row of a balance, as it stands. */
export interface RecountedBalance {
  readonly account: string
  readonly shard: number
  readonly turn: bigint
  readonly debitsPending: bigint
  readonly debitsPosted: bigint
  readonly creditsPending: bigint
  readonly creditsPosted: bigint
}

/** The first row that can't be as it is. */
export interface Fault {
  readonly what: 'transfer' | 'account'
  readonly key: string
  readonly problem: string
}

type Sums = { -readonly [Key in keyof Omit<RecountedBalance, 'account' | 'shard'>]: bigint }

const statusOfEnd = { post: 'posted', void: 'voided', expire: 'expired' } as const

/**
 * Counts books again, from their first transfer to their last. It knows nothing of how they are written: whatever a transfer says
 * of itself follows from those before it, or is wrong.
 */
export class Recount {
  readonly #accounts: ReadonlyMap<string, RecountedAccount>
  readonly #sums = new Map<string, Sums>()
  /** Pending transfers that stand. */
  readonly #open = new Map<string, RecountedTransfer>()

  constructor(accounts: Iterable<RecountedAccount>) {
    this.#accounts = new Map([...accounts].map((account) => [account.key, account]))
  }

  /** Undefined: it is as it has to be. */
  add(transfer: RecountedTransfer): Fault | undefined {
    const problem =
      this.#problemOfAccounts(transfer) ??
      (isEnd(transfer) ? this.#problemOfEnd(transfer) : undefined) ??
      this.#count(transfer)
    return problem === undefined ? undefined : { what: 'transfer', key: transfer.key, problem }
  }

  /** After the last transfer: pending transfers that nothing has ended. */
  finishPending(): Fault | undefined {
    const wrong = [...this.#open.values()].find(({ status }) => status !== 'pending')
    return (
      wrong && {
        what: 'transfer',
        key: wrong.key,
        problem: `nothing ended the pending transfer, and it says ${wrong.status}`,
      }
    )
  }

  /** After the last transfer: how a row of a balance stands. */
  compare(balance: RecountedBalance): Fault | undefined {
    const { account, shard } = balance
    const found = this.#sums.get(placeOf(balance)) ?? nothing()
    for (const key of Object.keys(found) as (keyof Sums)[])
      if (found[key] !== balance[key])
        return {
          what: 'account',
          key: account,
          problem: `row ${shard} says ${key} ${balance[key]}, its transfers ${found[key]}`,
        }
    this.#sums.delete(placeOf(balance))
    return undefined
  }

  /** After the last balance: what has moved, and stands in none. */
  finishBalances(): Fault | undefined {
    const [left] = this.#sums.keys()
    if (left === undefined) return undefined
    const [key, shard] = left.split('#') as [string, string]
    return { what: 'account', key, problem: `row ${shard} of its balance is missing` }
  }

  #problemOfAccounts({ debit, credit, currency }: RecountedTransfer): string | undefined {
    for (const { account, shard } of [debit, credit]) {
      const found = this.#accounts.get(account)
      if (!found) return `there is no account ${account}`
      if (found.currency !== currency) return `it is in ${currency}, and the account ${account} in ${found.currency}`
      if (shard < 0 || shard >= found.shardCount) return `the account ${account} has no row ${shard}`
    }
    return undefined
  }

  #problemOfEnd(end: RecountedTransfer): string | undefined {
    const begun = this.#open.get(end.pending ?? '')
    if (!begun) return `it ends ${end.pending ?? 'nothing'}, which is no transfer that is pending`
    const isOfSame = placeOf(begun.debit) === placeOf(end.debit) && placeOf(begun.credit) === placeOf(end.credit)
    if (!isOfSame) return `the pending transfer ${begun.key} was of other accounts`
    if (end.amount > begun.amount || (end.kind !== 'post' && end.amount !== begun.amount))
      return `it ends a pending transfer of ${begun.amount} with ${end.amount}`
    const { status, endedBy } = begun
    return status === statusOfEnd[end.kind as keyof typeof statusOfEnd] && endedBy === end.key
      ? undefined
      : `it ends the pending transfer ${begun.key}, which says ${status} by ${endedBy ?? 'nothing'}`
  }

  #count(transfer: RecountedTransfer): string | undefined {
    const { kind, amount, debit, credit, pending } = transfer
    const ended = this.#open.get(pending ?? '')
    const pendingAmount = ended ? -ended.amount : kind === 'pending' ? amount : 0n
    if (ended) this.#open.delete(ended.key)
    if (kind === 'pending') this.#open.set(transfer.key, transfer)
    const posted = kind === 'single' || kind === 'post' ? amount : 0n
    const from = this.#sumsOf(debit)
    const to = this.#sumsOf(credit)
    from.debitsPending += pendingAmount
    from.debitsPosted += posted
    from.turn += 1n
    to.creditsPending += pendingAmount
    to.creditsPosted += posted
    to.turn += 1n
    return (
      problemOfSide('debit', debit, from) ??
      problemOfSide('credit', credit, to) ??
      this.#problemOfLimits(transfer, from, to)
    )
  }

  #problemOfLimits({ kind, debit, credit }: RecountedTransfer, from: Sums, to: Sums): string | undefined {
    if (kind !== 'single' && kind !== 'pending') return undefined
    const { balanceMin } = this.#accounts.get(debit.account) as RecountedAccount
    const { balanceMax } = this.#accounts.get(credit.account) as RecountedAccount
    if (balanceMin !== null && balanceOf(from) - from.debitsPending < balanceMin)
      return `it takes the account ${debit.account} below its limit of ${balanceMin}`
    return balanceMax !== null && balanceOf(to) + to.creditsPending > balanceMax
      ? `it takes the account ${credit.account} above its limit of ${balanceMax}`
      : undefined
  }

  #sumsOf(side: Side): Sums {
    const place = placeOf(side)
    const found = this.#sums.get(place)
    if (found) return found
    const fresh = nothing()
    this.#sums.set(place, fresh)
    return fresh
  }
}

const isEnd = ({ kind }: RecountedTransfer): boolean => kind in statusOfEnd
const placeOf = ({ account, shard }: Pick<Side, 'account' | 'shard'>): string => `${account}#${shard}`
const balanceOf = ({ creditsPosted, debitsPosted }: Sums): bigint => creditsPosted - debitsPosted
const nothing = (): Sums => ({ turn: 0n, debitsPending: 0n, debitsPosted: 0n, creditsPending: 0n, creditsPosted: 0n })

function problemOfSide(name: string, { turn, balance }: Side, sums: Sums): string | undefined {
  if (turn !== sums.turn) return `its ${name} says that it was the account's ${turn}., and it is the ${sums.turn}.`
  return balance === balanceOf(sums)
    ? undefined
    : `its ${name} says that it left ${balance}, and the transfers up to it make ${balanceOf(sums)}`
}
