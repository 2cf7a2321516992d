import { sql } from 'kysely'
import { dayMs } from '#platform/core/kept.ts'
import { lowestIdAt } from '#platform/core/partition.ts'
import type { Database } from '#platform/database/database.ts'
import type { People } from '#platform/keys/people.ts'
import type { ProvenQuestion } from '#verification/core/proven.ts'

const rememberedMs = 90 * dayMs

/**
 * Whether somebody has entered a code of this business within 90 days (as far as verifications are kept), and of the last 24
 * hours every one.
 */
export async function hasProven(
  database: Database,
  people: People,
  { businessId, live, recipient, codeId, now }: ProvenQuestion,
): Promise<boolean> {
  const person = people.keyOf(businessId, recipient)
  const since = (ms: number) => sql`${lowestIdAt(new Date(now.getTime() - ms))}::uuid`
  const { rows } = await database.asBusiness(businessId, (trx) =>
    sql<{ has_proven: boolean }>`
      select
        exists (
          select from verification v
          where v.person = ${person} and v.business_id = ${businessId} and v.id >= ${since(rememberedMs)}
            and v.live = ${live} and v.status = 'approved')
        and not exists (
          -- Of several that share a code one brings it.
          select from verification v
          where v.person = ${person} and v.business_id = ${businessId} and v.id >= ${since(dayMs)}
            and v.live = ${live} and v.code_id <> ${codeId}
          group by v.code_id
          having not bool_or(v.status = 'approved')) as has_proven`.execute(trx),
  )
  return rows[0]?.has_proven === true
}
