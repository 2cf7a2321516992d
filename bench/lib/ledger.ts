import { randomUUID } from 'node:crypto'
import pg from 'pg'
import type { Book } from '#ledger/core/book.ts'
import type { TransferAsk } from '#ledger/core/transfer.ts'
import { createLedgerEngine, type LedgerEngine } from '#ledger/store/engine.ts'
import { migrate } from '#platform/database/migrate.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'
import { moduleLines } from '../../src/cli/module-lines.ts'
import { cpuSecondsOf, machineCpuSeconds } from './process-tree.ts'

const accountCount = 10_000
const currency = 'BRL'

export interface LedgerSide {
  readonly databaseUrl: string
  readonly book: Book
  readonly engine: LedgerEngine
  /** In the order of their ids. Without limits, one row each. */
  readonly accounts: readonly string[]
}

/** A database with a book of ten thousand accounts, and an engine on it in this process. */
export async function openLedgerSide(databaseUrl: string, { bindRequests = true } = {}): Promise<LedgerSide> {
  await migrate(databaseUrl, moduleLines)
  const book: Book = { businessId: randomUUID(), live: true }
  const settings = { connectionString: databaseUrl, statementTimeoutMs: 15_000, lockTimeoutMs: 10_000 }
  const engine = createLedgerEngine({ ...settings, bindRequests })
  const accounts = Array.from({ length: accountCount }, () => randomUUID()).toSorted()
  const asks = accounts.map((id) => ({
    id,
    ownerBusinessId: book.businessId,
    kind: 'merchant' as const,
    currency,
    balanceMin: null,
    balanceMax: null,
    shardCount: 1,
    metadata: null,
  }))
  await engine.open(book, asks, new Date())
  return { databaseUrl, book, engine, accounts }
}

export const transfer = (debitAccountId: string, creditAccountId: string): TransferAsk => ({
  id: uuidv7(Date.now()),
  kind: 'single',
  debitAccountId,
  creditAccountId,
  amount: 1n,
  currency,
  code: 'bench',
})

/** One of the accounts, and another one. */
export function anyTwo({ accounts }: LedgerSide): readonly [string, string] {
  const first = Math.floor(Math.random() * accounts.length)
  const second = (first + 1 + Math.floor(Math.random() * (accounts.length - 1))) % accounts.length
  return [accounts[first] as string, accounts[second] as string]
}

export interface LedgerRun {
  readonly perSecond: number
  /** CPU microseconds a transfer, of PostgreSQL and of this process. */
  readonly databaseUs: number
  readonly processUs: number
  readonly foreignShare: number
}

/** Callers that ask one transfer after another, for so many seconds. */
export async function runCallers(
  { engine, book }: LedgerSide,
  databasePid: number,
  { callers, seconds, next }: { readonly callers: number; readonly seconds: number; readonly next: () => TransferAsk },
): Promise<LedgerRun> {
  let count = 0
  const until = performance.now() + 1000 * seconds
  const from = {
    at: performance.now(),
    machine: machineCpuSeconds(),
    ours: ownCpu(),
    database: cpuSecondsOf(databasePid),
  }
  const caller = async (): Promise<void> => {
    while (performance.now() < until) {
      const [result] = await engine.apply({ book, transfers: [next()], now: new Date() })
      if (result !== 'ok') throw new Error(`A transfer was refused: ${result}`)
      count++
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  const took = (performance.now() - from.at) / 1000
  const [ours, database, machine] = [
    ownCpu() - from.ours,
    cpuSecondsOf(databasePid) - from.database,
    machineCpuSeconds(),
  ]
  const busy = machine.busy - from.machine.busy - ours - database
  return {
    perSecond: count / took,
    databaseUs: (database * 1e6) / count,
    processUs: (ours * 1e6) / count,
    foreignShare: Math.max(0, busy / (machine.total - from.machine.total)),
  }
}

/** Without children: the database may be one of them. */
const ownCpu = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

const chunkRows = 500_000

/**
 * Old transfers, each account's from the one before it and to the one after it in turn, as the functions would have
 * written them, balances and all: `centang ledger verify` finds them sound.
 */
export async function seedTransfers({ databaseUrl, book, accounts }: LedgerSide, rows: number): Promise<void> {
  if (rows % accounts.length !== 0) throw new Error(`Rows come in multiples of ${accounts.length}.`)
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query(`set synchronous_commit = off`)
    for (let from = 0; from < rows; from += chunkRows) {
      const to = Math.min(from + chunkRows, rows)
      await client.query(insertTransfers, [book.businessId, accounts, accounts.length, from, to, rows])
      if (rows > chunkRows) process.stderr.write(`seed: ${to} of ${rows} transfers\n`)
    }
    await client.query(updateBalances, [book.businessId, rows / accounts.length])
    await client.query('vacuum analyze ledger_transfer, ledger_balance')
  } finally {
    await client.end()
  }
}

/**
 * $1 book, $2 accounts, $3 how many, $4 and $5 the first and the last but one, $6 all. Number n goes from account n mod $3 to the
 * next one. An account gives in each round, and gets one place before, the first one at the end of the round.
 */
const insertTransfers = `
insert into ledger_transfer (business_id, live, id, kind, debit_account_id, credit_account_id, amount, currency, code, fingerprint,
  effective_at, created_at, debit_shard, debit_turn, debit_balance, credit_shard, credit_turn, credit_balance)
select $1, true,
  (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid,
  'single', ($2::uuid[])[place + 1], ($2::uuid[])[(place + 1) % $3 + 1], 1, 'BRL', 'old', '\\x00', at, at,
  0, case place when 0 then 2 * round + 1 else 2 * round + 2 end, case place when 0 then -1 else 0 end,
  0, case place when $3 - 1 then 2 * round + 2 else 2 * round + 1 end, case place when $3 - 1 then 0 else 1 end
from generate_series($4::bigint, $5::bigint - 1) as n
cross join lateral (select (n % $3)::integer as place, n / $3 as round, now() - interval '30 days' * (($6::float8 - n) / $6) as at) as one
order by n`

const updateBalances = `
update ledger_balance set turn = 2 * $2, debits_posted = $2, credits_posted = $2 where business_id = $1`
