import { sql } from 'kysely'
import type { ApprovalKey } from '#verification/core/approve.ts'
import type { Database } from '#platform/database/database.ts'
import { functionName } from '#verification/store/functions.ts'

const approve = sql.raw(functionName('approve_verification'))

/** Approves by the business's word; false when it was too late. A check, a cancel or an expiry that was faster wins. */
export async function approveByBusiness(
  database: Database,
  { businessId, applicationId, live, id }: ApprovalKey,
  now: Date,
): Promise<boolean> {
  const { rows } = await database.asBusiness(businessId, (trx) =>
    sql<{ approved: boolean }>`
      select ${approve}(${now}, ${businessId}, ${applicationId}, ${live}, ${id}) as approved`.execute(trx),
  )
  return rows[0]?.approved === true
}
