-- Claims queued deliveries right before they are sent: spend before act. A delivery that is 'sending' and has no
-- result after a crash may have left the building; it becomes 'unknown' and is never sent again.
-- Deliveries are updated in the order of their keys, so that two sets can't wait for each other; what a row says by then
-- is what the update itself reads and guards. A check never touches deliveries and the statements around a sending never
-- touch the verification's row, so these can not wait for each other either.
-- Those whose code ended meanwhile fail here, so no message leaves after its code ended.
create function claim_deliveries(p_now timestamptz, p_n integer[], p_business_id uuid[], p_id uuid[])
returns table (
  n integer, business_id uuid, delivery_id uuid, code_id uuid, application_id uuid, live boolean,
  recipient text, locale text, channel text, sender_id uuid, key_version integer, code_length integer,
  code_sealed bytea, transaction jsonb, expires_at timestamptz, defer_count integer
) language plpgsql as $$
#variable_conflict use_column
begin
  return query
  with due as materialized (
    select i.n, d.ctid as delivery_row, d.business_id as delivery_business_id, d.id as delivery_id, v.application_id, v.live, v.recipient, v.locale, v.key_version, v.code_length,
      v.code_sealed, v.transaction, v.expires_at, v.code_ended_at is null and v.expires_at > p_now as wanted
    from (select * from unnest(p_n, p_business_id, p_id) as i (n, business_id, id) order by 2, 3) as i
    cross join lateral (
      select d.ctid, d.business_id, d.id, d.code_id from delivery d where d.business_id = i.business_id and d.id = i.id limit 1
    ) as d
    cross join lateral (
      select v.* from verification v where v.business_id = i.business_id and v.id = d.code_id limit 1
    ) as v
    -- Cuts nothing off. With it the planner expects one row, and looks it up; for ten it would read whole partitions that were
    -- empty when the plan was made.
    limit cardinality(p_n)
  ),
  claimed as (
    update delivery d
    set
      status = case when due.wanted then 'sending' else 'failed' end,
      claimed_at = p_now,
      -- Left as it is: an indexed column that changes costs an entry in every index of the table.
      send_after = case when due.wanted then d.send_after end,
      failure_reason = case when due.wanted then d.failure_reason else 'expired' end,
      failed_at = case when due.wanted then d.failed_at else p_now end,
      detail = case when due.wanted then d.detail else 'The code ended before the message was sent.' end
    from due
    where d.ctid = due.delivery_row and d.business_id = due.delivery_business_id and d.id = due.delivery_id
      and d.status = 'queued'
    returning due.n, due.application_id, due.live, due.recipient, due.locale, due.key_version, due.code_length,
      due.code_sealed, due.transaction, due.expires_at, due.wanted, d.business_id, d.id, d.code_id, d.channel, d.sender_id, d.defer_count
  ),
  told as (
    insert into event (business_id, live, application_id, subject_kind, subject_id, part_id, kind, data, at)
    select c.business_id, c.live, c.application_id, 'verification', c.code_id, c.id, 'delivery.failed',
      jsonb_build_object('reason', 'expired'), p_now
    from claimed c
    where not c.wanted
  )
  select c.n, c.business_id, c.id, c.code_id, c.application_id, c.live, c.recipient, c.locale, c.channel,
    c.sender_id, c.key_version, c.code_length::integer, c.code_sealed, c.transaction, c.expires_at,
    c.defer_count::integer
  from claimed c
  where c.wanted;
end $$;
