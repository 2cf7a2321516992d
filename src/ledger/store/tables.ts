import type { PlatformTables } from '#platform/database/tables.ts'
import type { AccountKind } from '#ledger/core/account.ts'
import type { PendingStatus, TransferKind } from '#ledger/core/transfer.ts'

type Metadata = Readonly<Record<string, string>>

/** The tables of this module as they are read; only its functions write them. */
export interface LedgerTables extends PlatformTables {
  ledger_account: {
    business_id: string
    live: boolean
    id: string
    owner_business_id: string | null
    kind: AccountKind
    currency: string
    balance_min: string | null
    balance_max: string | null
    shard_count: number
    closed_at: Date | null
    metadata: Metadata | null
    created_at: Date
  }
  ledger_balance: {
    business_id: string
    live: boolean
    account_id: string
    shard: number
    debits_pending: string
    debits_posted: string
    credits_pending: string
    credits_posted: string
    turn: string
  }
  ledger_transfer: {
    business_id: string
    live: boolean
    id: string
    sequence: string
    kind: TransferKind
    pending_id: string | null
    debit_account_id: string
    credit_account_id: string
    amount: string
    currency: string
    code: string
    chain_id: string | null
    expires_at: Date | null
    effective_at: Date
    created_at: Date
    metadata: Metadata | null
  }
  ledger_pending: {
    business_id: string
    live: boolean
    transfer_id: string
    status: PendingStatus
  }
}
