import { sql } from 'kysely'
import { dayMs, type Forgotten, forgotten, hourMs } from '#platform/core/kept.ts'
import type { Database } from '#platform/database/database.ts'
import type { KeptData } from '#platform/module.ts'
import { functionName } from './functions.ts'

export interface KeepPeriods {
  readonly verificationsDays: number
  readonly receiptsDays: number
  readonly budgetsDays: number
}

/** Receipts of messages that somebody else sent from the same number: nobody will ask for them. */
const earlyReceiptsKeptMs = hourMs

/** What of this module ends with time. */
export const keptVerifications = (
  database: Database,
  now: () => Date,
  { verificationsDays, receiptsDays, budgetsDays }: KeepPeriods,
): readonly KeptData[] => [
  {
    name: 'verifications',
    keptForMs: verificationsDays * dayMs,
    partitioned: [
      { table: 'verification', column: 'id', type: 'uuid' },
      { table: 'delivery', column: 'id', type: 'uuid' },
    ],
  },
  {
    name: 'receipts',
    keptForMs: receiptsDays * dayMs,
    partitioned: [{ table: 'receipt_body', column: 'received_at', type: 'timestamptz' }],
  },
  {
    name: 'early receipts',
    keptForMs: earlyReceiptsKeptMs,
    forget: (before, limit) => forgetEarlyReceipts(database, before, limit),
  },
  { name: 'budgets', keptForMs: budgetsDays * dayMs, forget: recipientWalk(database, now, budgetsDays) },
]

const forgetEarlyReceipts = (database: Database, before: Date, limit: number): Promise<Forgotten> =>
  database.asEngine(async (trx) => {
    const { numAffectedRows } = await sql`delete from early_receipt e where e.ctid = any(array(
      select o.ctid from early_receipt o where o.received_at < ${before}
      order by o.received_at limit ${limit} for update skip locked))`.execute(trx)
    return forgotten(numAffectedRows, limit)
  })

/** A walk over all of them takes its time; the next one begins so long after the end of the last. */
const walkEveryMs = hourMs
/** Recipients that are looked at, and locked, in one step. */
const walkRows = 200
const beginning = { business_id: '00000000-0000-0000-0000-000000000000', live: false, person: '' }

/** No index is in the order of their time, which changes with every send: so all of them are looked at, step by step. */
function recipientWalk(database: Database, now: () => Date, keptForDays: number): NonNullable<KeptData['forget']> {
  const step = sql.raw(functionName('forget_recipients'))
  let after = beginning
  let restsUntil = 0
  return async () => {
    const at = now()
    if (at.getTime() < restsUntil) return { rows: 0, hasMore: false }
    const { rows } = await database.asEngine((trx) =>
      sql<{ rows: number; business_id: string | null; live: boolean; person: string }>`select * from ${step}(
        ${at}, ${keptForDays} * interval '1 day', ${walkRows},
        ${after.business_id}, ${after.live}, ${after.person})`.execute(trx),
    )
    const [found] = rows as [(typeof rows)[number]]
    const { business_id: businessId, live, person } = found
    after = businessId === null ? beginning : { business_id: businessId, live, person }
    if (businessId === null) restsUntil = at.getTime() + walkEveryMs
    return { rows: found.rows, hasMore: businessId !== null }
  }
}
