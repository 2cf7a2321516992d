-- What becomes of shared codes after verifications of theirs have ended, or the codes themselves have to (`p_status`, with
-- `p_reason`; null: they only end with the last of their verifications). An approval ends the others as canceled: the proof
-- belongs to the one whose check carried the code. The codes are locked (`lock_codes`).
create function settle_codes(
  p_now timestamptz, p_business_id uuid[], p_id uuid[], p_status text[], p_reason text[]
) returns void
language plpgsql as $$
begin
  with ending as materialized (
    select m.row, m.business_id, m.live, m.application_id, m.id,
      case when v.status = 'approved' then 'canceled' else i.status end as status,
      case when v.status = 'approved' then 'proven_elsewhere' else i.reason end as reason
    from unnest(p_business_id, p_id, p_status, p_reason) as i (business_id, id, status, reason)
    cross join lateral (
      select v.* from verification v where v.business_id = i.business_id and v.id = i.id limit 1
    ) as v
    cross join lateral (
      select m.ctid as row, m.*
      from verification m
      where m.business_id = v.business_id and m.application_id = v.application_id and m.live = v.live
        and m.recipient = v.recipient and m.purpose = v.purpose and m.status = 'pending'
        and m.code_id = v.code_id and m.id <> v.id
      offset 0
    ) as m
    where v.status = 'approved' or i.status is not null
    -- Cuts nothing off, here and below: see claim_deliveries.
    limit 1000 * cardinality(p_id)
  ),
  ended as (
    update verification m
    set status = e.status, ended_at = p_now, code_mac = null, code_sealed = null, due_at = null,
      code_ended_at = case when m.id = m.code_id then p_now end
    from ending e
    where m.ctid = e.row and m.business_id = e.business_id and m.id = e.id and m.ended_at is null
    returning m.business_id, m.live, m.application_id, m.id, e.status, e.reason
  )
  insert into event (business_id, live, application_id, subject_kind, subject_id, kind, data, at)
  select e.business_id, e.live, e.application_id, 'verification', e.id, 'verification.' || e.status,
    jsonb_build_object('reason', e.reason), p_now
  from ended e;

  with over as materialized (
    select distinct c.row, c.business_id, c.id
    from unnest(p_business_id, p_id) as i (business_id, id)
    cross join lateral (
      select v.business_id, v.code_id from verification v where v.business_id = i.business_id and v.id = i.id limit 1
    ) as v
    cross join lateral (
      select c.ctid as row, c.* from verification c where c.business_id = v.business_id and c.id = v.code_id limit 1
    ) as c
    where c.code_ended_at is null and not exists (
      select
      from verification m
      where m.business_id = c.business_id and m.application_id = c.application_id and m.live = c.live
        and m.recipient = c.recipient and m.purpose = c.purpose and m.status = 'pending' and m.code_id = c.id
    )
    limit cardinality(p_id)
  )
  update verification c
  set code_ended_at = p_now, due_at = null, revision = c.revision + 1
  from over
  where c.ctid = over.row and c.business_id = over.business_id and c.id = over.id;
end $$;
