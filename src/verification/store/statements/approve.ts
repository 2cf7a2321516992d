import { sql } from 'kysely'
import type { ApprovalKey } from '#verification/core/approve.ts'
import type { Database } from '#platform/database/database.ts'

/**
 * Approves by the business's word; false when it was too late. The rule is `decideApproval` in core. The guard is in the
 * update itself: a check, a cancel or an expiry that was faster leaves no row for it, and the other way round. The
 * recipient's row is not touched, so nothing of the failures is given back; the check count stays as it was.
 */
export async function approveByBusiness(
  database: Database,
  { businessId, applicationId, live, id }: ApprovalKey,
  now: Date,
): Promise<boolean> {
  const { rows } = await database.asBusiness(businessId, (trx) =>
    sql`
      with approved as (
        update verification v
        set status = 'approved', ended_at = ${now}, due_at = null, code_mac = null, code_sealed = null,
          revision = v.revision + 1
        where v.business_id = ${businessId} and v.id = ${id}
          and v.application_id = ${applicationId} and v.live = ${live}
          and v.status = 'pending' and v.ended_at is null and v.expires_at > ${now} and v.transaction is null
        returning v.business_id, v.live, v.application_id, v.id, (v.check_count_max - v.check_count)::integer as checks_remaining
      )
      insert into event (business_id, live, application_id, subject_kind, subject_id, kind, data, at)
      select a.business_id, a.live, a.application_id, 'verification', a.id, 'verification.approved',
        jsonb_build_object('checks_remaining', a.checks_remaining, 'reason', 'approved_by_api'), ${now}
      from approved a
      returning subject_id`.execute(trx),
  )
  return rows.length === 1
}
