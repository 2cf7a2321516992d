import type { Book } from './book.ts'

/** What an account is for. The ledger treats them alike: only limits differ, and each account has its own. */
export const accountKinds = {
  customer_wallet: 'What is owed to a person.',
  merchant: 'What is owed to a merchant.',
  processor_receivable: 'What a processor or a bank has taken in and not paid out yet.',
  bank: 'What lies in a bank account.',
  external: 'The world outside: where money comes from and goes to.',
  fees: 'What was earned by fees.',
  expenses: 'What processors and banks charge.',
  contested: 'What is held back because somebody disputes it.',
  suspense: 'What nobody could place yet.',
} as const satisfies Readonly<Record<string, string>>

export type AccountKind = keyof typeof accountKinds

export const shardCountMax = 64

export interface AccountAsk {
  /** UUID, made by whoever asks: asked again, the same account is meant. */
  readonly id: string
  /** Whose money it is: they may read it. Null: nobody but the owner of the book. */
  readonly ownerBusinessId: string | null
  readonly kind: AccountKind
  /** ISO 4217. */
  readonly currency: string
  /** Minor units. What the balance, less what is set aside, may not fall below; null: anything. */
  readonly balanceMin: bigint | null
  /** What the balance, with what is to come, may not rise above; null: anything. */
  readonly balanceMax: bigint | null
  /** Rows that the balance stands in, 1 to 64: more than one for an account without limits that everybody pays into. */
  readonly shardCount: number
  readonly metadata: Readonly<Record<string, string>> | null
}

export interface Account extends AccountAsk {
  readonly book: Book
  /** Credits less debits that were posted. */
  readonly balance: bigint
  /** Set aside, and to come. */
  readonly pendingOut: bigint
  readonly pendingIn: bigint
  readonly closedAt: Date | null
  readonly createdAt: Date
}
