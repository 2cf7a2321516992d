import { wholeColumns, wholeJoin } from './load.ts'

/**
 * Claims the codes whose time has come, and reads their first verifications whole for the move that follows. Their due time is pushed
 * into the future, so that a crash before the move hands them to somebody else after the lease.
 * Between `since` and now, because the index still holds what was due before and is no more, until it is vacuumed.
 */
export const claimDueText = `with due as (
    select v.ctid as verification_row, v.business_id, v.id, v.due_at
    from verification v
    where v.due_at > $4::timestamptz and v.due_at <= $1::timestamptz
    order by v.due_at
    limit $2
    for update skip locked
  ),
  v as (
    update verification v
    set due_at = $1::timestamptz + $3 * interval '1 second'
    from due
    where v.ctid = due.verification_row and v.business_id = due.business_id and v.id = due.id
    returning v.*, due.due_at as claimed_for
  )
  select ${wholeColumns}
  from v
  ${wholeJoin}`

export const nextDueText = 'select v.due_at from verification v where v.due_at > $1 order by v.due_at limit 1'
