import type pg from 'pg'
import {
  type Fault,
  Recount,
  type RecountedAccount,
  type RecountedBalance,
  type RecountedTransfer,
} from '#ledger/core/recount.ts'
import { connect } from '#platform/database/connect.ts'
import { readDatabaseUrl } from '#platform/database/database-url.ts'
import { sessionSettings, setSession } from '#platform/database/session.ts'

const rowsAtOnce = 5000

export interface Verified {
  readonly books: number
  readonly accounts: number
  readonly transfers: number
  /** Absent: everything is as it has to be. */
  readonly fault?: Fault
}

/**
 * Counts all books of a database again, as of one moment, beside whoever works in them. Keys are `<book> <world> <id>`, the book
 * being its owner's id. In memory it has a few numbers an account, and the pending transfers that stand.
 */
export async function verifyLedger(connectionString: string, onTransfers: (count: number) => void): Promise<Verified> {
  const client = await connect({
    connectionString,
    application_name: 'centang ledger verify',
    connectionTimeoutMillis: 5000,
  })
  try {
    await client.query('begin isolation level repeatable read read only')
    const settings = { statement_timeout: 0, role: 'centang_engine' }
    const session = sessionSettings(readDatabaseUrl(connectionString).settings, settings)
    await client.query(setSession(session, 'transaction'))
    return await recount(client, onTransfers)
  } finally {
    await client.end()
  }
}

async function recount(client: pg.Client, onTransfers: (count: number) => void): Promise<Verified> {
  const accounts: RecountedAccount[] = []
  for await (const rows of readPages<AccountRow>(client, accountsText)) accounts.push(...rows.map(readAccount))
  const books = new Set(accounts.map(({ key }) => key.slice(0, key.lastIndexOf(' ')))).size
  const counting = new Recount(accounts)
  let transfers = 0
  const done = (fault?: Fault): Verified => ({ books, accounts: accounts.length, transfers, ...(fault && { fault }) })
  for await (const rows of readPages<TransferRow>(client, transfersText)) {
    for (const row of rows) {
      const fault = counting.add(readTransfer(row))
      if (fault) return done(fault)
      transfers++
    }
    onTransfers(transfers)
  }
  const left = counting.finishPending()
  if (left) return done(left)
  for await (const rows of readPages<BalanceRow>(client, balancesText))
    for (const row of rows) {
      const fault = counting.compare(readBalance(row))
      if (fault) return done(fault)
    }
  return done(counting.finishBalances())
}

async function* readPages<Row extends pg.QueryResultRow>(client: pg.Client, text: string): AsyncGenerator<Row[]> {
  await client.query(`declare counted no scroll cursor for ${text}`)
  for (;;) {
    const { rows } = await client.query<Row>(`fetch ${rowsAtOnce} from counted`)
    if (rows.length > 0) yield rows
    if (rows.length < rowsAtOnce) break
  }
  await client.query('close counted')
}

const key = (id: string): string => `business_id || case when live then ' live ' else ' test ' end || ${id}`

const accountsText = `
  select ${key('id')} as key, currency, balance_min, balance_max, shard_count from ledger_account`

interface AccountRow {
  readonly key: string
  readonly currency: string
  readonly balance_min: string | null
  readonly balance_max: string | null
  readonly shard_count: number
}

const readAccount = (row: AccountRow): RecountedAccount => ({
  key: row.key,
  currency: row.currency,
  balanceMin: row.balance_min === null ? null : BigInt(row.balance_min),
  balanceMax: row.balance_max === null ? null : BigInt(row.balance_max),
  shardCount: row.shard_count,
})

// In the order of writing: whoever writes a transfer has locked both balances by then.
const transfersText = `
  select ${key('id')} as key, t.kind, ${key('t.pending_id')} as pending, t.amount, t.currency,
    ${key('t.debit_account_id')} as debit, t.debit_shard, t.debit_turn, t.debit_balance,
    ${key('t.credit_account_id')} as credit, t.credit_shard, t.credit_turn, t.credit_balance,
    p.status, ${key('p.ended_by')} as ended_by
  from ledger_transfer t
  left join (
    select business_id as of_business_id, live as of_live, transfer_id, status, ended_by from ledger_pending
  ) as p on p.of_business_id = t.business_id and p.of_live = t.live and p.transfer_id = t.id
  order by t.sequence`

interface TransferRow extends Pick<RecountedTransfer, 'key' | 'kind' | 'pending' | 'currency' | 'status'> {
  readonly amount: string
  readonly debit: string
  readonly debit_shard: number
  readonly debit_turn: string
  readonly debit_balance: string
  readonly credit: string
  readonly credit_shard: number
  readonly credit_turn: string
  readonly credit_balance: string
  readonly ended_by: string | null
}

const readTransfer = (row: TransferRow): RecountedTransfer => ({
  key: row.key,
  kind: row.kind,
  pending: row.pending,
  amount: BigInt(row.amount),
  currency: row.currency,
  debit: {
    account: row.debit,
    shard: row.debit_shard,
    turn: BigInt(row.debit_turn),
    balance: BigInt(row.debit_balance),
  },
  credit: {
    account: row.credit,
    shard: row.credit_shard,
    turn: BigInt(row.credit_turn),
    balance: BigInt(row.credit_balance),
  },
  status: row.status,
  endedBy: row.ended_by,
})

const balancesText = `
  select ${key('account_id')} as account, shard, turn, debits_pending, debits_posted, credits_pending, credits_posted
  from ledger_balance order by 1, 2`

interface BalanceRow {
  readonly account: string
  readonly shard: number
  readonly turn: string
  readonly debits_pending: string
  readonly debits_posted: string
  readonly credits_pending: string
  readonly credits_posted: string
}

const readBalance = (row: BalanceRow): RecountedBalance => ({
  account: row.account,
  shard: row.shard,
  turn: BigInt(row.turn),
  debitsPending: BigInt(row.debits_pending),
  debitsPosted: BigInt(row.debits_posted),
  creditsPending: BigInt(row.credits_pending),
  creditsPosted: BigInt(row.credits_posted),
})
