import { sql } from 'kysely'
import type { Database } from '#platform/database/database.ts'
import type { People } from '#platform/keys/people.ts'
import { functionName } from './functions.ts'
import type { VerificationTables } from './tables.ts'

const lockRecipients = sql.raw(functionName('lock_recipients'))
/** Both worlds: the person is the same. */
const modes = [false, true]

/** After the person was confirmed by another factor; false when there is nothing under that recipient. */
export async function resetBudget(
  database: Database,
  people: People,
  businessId: string,
  recipient: string,
): Promise<boolean> {
  const person = people.keyOf(businessId, recipient)
  const { numUpdatedRows } = await database.of<VerificationTables>().asBusiness(businessId, async (trx) => {
    // Under their lock, as whatever counts with them: a check that has read the row would else count its wrong code nowhere.
    await sql`select ${lockRecipients}(
      ${modes.map(() => businessId)}::uuid[], ${modes}::boolean[], ${modes.map(() => person)}::text[])`.execute(trx)
    return (
      trx
        .updateTable('recipient')
        .set({ failed_at: [], failed_consecutive: 0 })
        .where('business_id', '=', businessId)
        // All of the key: before PostgreSQL 18 every recipient of the business would be read.
        .where('live', 'in', modes)
        .where('person', '=', person)
        .executeTakeFirst()
    )
  })
  return numUpdatedRows > 0n
}
