import { sql } from 'kysely'
import { type Forgotten, forgotten } from '#platform/core/kept.ts'
import { lowestIdAt } from '#platform/core/partition.ts'
import type { Database } from './database.ts'

/** Deletes what is older than a time, business by business, by the key: an id tells when it was made. */
export const forgetOld =
  (database: Pick<Database, 'asEngine'>, table: string) =>
  (before: Date, limit: number): Promise<Forgotten> =>
    database.asEngine(async (trx) => {
      const { numAffectedRows } = await sql`delete from ${sql.table(table)} m using (
        select o.business_id, o.id from business b
        cross join lateral (
          select o.business_id, o.id from ${sql.table(table)} o
          where o.business_id = b.id and o.id < ${lowestIdAt(before)}::uuid
          order by o.id limit ${limit} for update skip locked
        ) as o
        limit ${limit}
      ) as o where m.business_id = o.business_id and m.id = o.id`.execute(trx)
      return forgotten(numAffectedRows, limit)
    })
