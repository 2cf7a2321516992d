import { sql } from 'kysely'
import type { PendingStatus, Transfer, TransferKind } from '#ledger/core/transfer.ts'
import { operatorBusinessId } from '#platform/core/caller.ts'
import type { Database } from '#platform/database/database.ts'
import type { Reader } from './accounts.ts'
import type { LedgerTables } from './tables.ts'

interface TransferRow {
  readonly id: string
  readonly sequence: string
  readonly kind: TransferKind
  readonly pending_id: string | null
  readonly debit_account_id: string
  readonly credit_account_id: string
  readonly amount: string
  readonly currency: string
  readonly code: string
  readonly chain_id: string | null
  readonly status: PendingStatus | null
  readonly expires_at: Date | null
  readonly effective_at: Date
  readonly created_at: Date
  readonly metadata: Readonly<Record<string, string>> | null
}

/** Where a page of an account's transfers ended: their place in the book. */
export type TransferPlace = string

/** Transfers as a business sees them: those that touch an account of its own. */
export class TransferStore {
  readonly #database: Database<LedgerTables>

  constructor(database: Database) {
    this.#database = database.of<LedgerTables>()
  }

  /** Those of some ids, in the order of the ids; one that there is not is missing. */
  async find({ businessId, live }: Reader, ids: readonly string[]): Promise<Transfer[]> {
    const rows = await this.#database.asBusiness(businessId, async (trx) => {
      const found = await sql<TransferRow>`
        select t.*, p.status from unnest(${ids}::uuid[]) with ordinality as i (id, n)
        join ledger_transfer t on t.id = i.id and t.live = ${live} and t.business_id in (${businessId}, ${operatorBusinessId})
        ${pendingOf}
        order by i.n`.execute(trx)
      return found.rows
    })
    return rows.map(readTransfer)
  }

  /** Of one account, the newest first, before a place. */
  async list(
    { businessId, live }: Reader,
    book: string,
    accountId: string,
    { before, limit }: { readonly before?: TransferPlace | undefined; readonly limit: number },
  ): Promise<readonly (Transfer & { readonly place: TransferPlace })[]> {
    const side = (column: string) => sql`
      (select t.* from ledger_transfer t
      where t.business_id = ${book} and t.live = ${live} and t.${sql.ref(column)} = ${accountId}
        ${before === undefined ? sql`` : sql`and t.sequence < ${before}`}
      order by t.sequence desc limit ${limit})`
    const rows = await this.#database.asBusiness(businessId, async (trx) => {
      const found = await sql<TransferRow>`
        select t.*, p.status from (${side('debit_account_id')} union all ${side('credit_account_id')}) as t
        ${pendingOf}
        order by t.sequence desc limit ${limit}`.execute(trx)
      return found.rows
    })
    return rows.map((row) => ({ ...readTransfer(row), place: row.sequence }))
  }
}

const pendingOf = sql`
  left join ledger_pending p on p.business_id = t.business_id and p.live = t.live and p.transfer_id = t.id`

const readTransfer = (row: TransferRow): Transfer => ({
  id: row.id,
  kind: row.kind,
  pendingId: row.pending_id,
  debitAccountId: row.debit_account_id,
  creditAccountId: row.credit_account_id,
  amount: BigInt(row.amount),
  currency: row.currency,
  code: row.code,
  chainId: row.chain_id,
  pendingStatus: row.status,
  expiresAt: row.expires_at,
  effectiveAt: row.effective_at,
  createdAt: row.created_at,
  metadata: row.metadata,
})
