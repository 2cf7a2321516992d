import { sql } from 'kysely'
import type { Account, AccountKind } from '#ledger/core/account.ts'
import type { Database } from '#platform/database/database.ts'
import type { LedgerTables } from './tables.ts'

/** Who reads, in one of the two worlds. */
export interface Reader {
  readonly businessId: string
  readonly live: boolean
}

interface AccountRow {
  readonly business_id: string
  readonly live: boolean
  readonly id: string
  readonly owner_business_id: string | null
  readonly kind: AccountKind
  readonly currency: string
  readonly balance_min: string | null
  readonly balance_max: string | null
  readonly shard_count: number
  readonly closed_at: Date | null
  readonly metadata: Readonly<Record<string, string>> | null
  readonly created_at: Date
  readonly balance: string
  readonly pending_out: string
  readonly pending_in: string
}

/** Accounts as a business sees them: its own, in whichever book they lie. */
export class AccountStore {
  readonly #database: Database<LedgerTables>

  constructor(database: Database) {
    this.#database = database.of<LedgerTables>()
  }

  async find(reader: Reader, id: string): Promise<Account | undefined> {
    const [found] = await this.#read(reader, { id, limit: 1 })
    return found
  }

  /** In the order of their ids. */
  list(reader: Reader, page: { readonly limit: number; readonly after: string | undefined }): Promise<Account[]> {
    return this.#read(reader, page)
  }

  #read(
    { businessId, live }: Reader,
    { id, after, limit }: { readonly id?: string; readonly after?: string | undefined; readonly limit: number },
  ): Promise<Account[]> {
    return this.#database.asBusiness(businessId, async (trx) => {
      const { rows } = await sql<AccountRow>`
        select a.*, b.*
        from ledger_account a
        cross join lateral (
          select sum(b.credits_posted - b.debits_posted)::text as balance, sum(b.debits_pending)::text as pending_out,
            sum(b.credits_pending)::text as pending_in
          from ledger_balance b
          where b.business_id = a.business_id and b.live = a.live and b.account_id = a.id
        ) as b
        where a.owner_business_id = ${businessId} and a.live = ${live}
          ${id === undefined ? sql`` : sql`and a.id = ${id}`} ${after === undefined ? sql`` : sql`and a.id > ${after}`}
        order by a.id limit ${limit}`.execute(trx)
      return rows.map(readAccount)
    })
  }
}

const readAccount = (row: AccountRow): Account => ({
  book: { businessId: row.business_id, live: row.live },
  id: row.id,
  ownerBusinessId: row.owner_business_id,
  kind: row.kind,
  currency: row.currency,
  balanceMin: row.balance_min === null ? null : BigInt(row.balance_min),
  balanceMax: row.balance_max === null ? null : BigInt(row.balance_max),
  shardCount: row.shard_count,
  metadata: row.metadata,
  balance: BigInt(row.balance),
  pendingOut: BigInt(row.pending_out),
  pendingIn: BigInt(row.pending_in),
  closedAt: row.closed_at,
  createdAt: row.created_at,
})
