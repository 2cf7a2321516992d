import type { Database } from '#platform/database/database.ts'
import { personOf } from '#platform/core/person.ts'
import type { VerificationTables } from './tables.ts'

/** After the person was confirmed by another factor; false when there is nothing under that recipient. */
export async function resetBudget(database: Database, businessId: string, recipient: string): Promise<boolean> {
  const { numUpdatedRows } = await database
    .of<VerificationTables>()
    .asBusiness(businessId, (trx) =>
      trx
        .updateTable('recipient')
        .set({ failed_at: [], failed_consecutive: 0 })
        .where('business_id', '=', businessId)
        .where('person', '=', personOf(recipient))
        .executeTakeFirst(),
    )
  return numUpdatedRows > 0n
}
