-- Deliveries nobody is looking after: claimed ones whose process died before the answer was written (unknown: they may
-- have arrived), queued ones whose process died before the claim (to be sent by whoever asks), and failed ones whose
-- process died before the workflow moved on (to be moved on). Asking again is possible after another grace.
create function claim_abandoned(p_now timestamptz, p_grace interval, p_limit integer)
returns table (business_id uuid, id uuid, needs text, code_id uuid, application_id uuid, sender_id uuid)
language plpgsql as $$
#variable_conflict use_column
begin
  with abandoned as (
    select a.ctid as delivery_row, a.business_id, a.id
    from delivery a
    where a.status = 'sending'
      and a.send_after <= p_now - interval '30 seconds' and a.claimed_at <= p_now - interval '30 seconds'
    order by a.send_after
    limit p_limit
    for update skip locked
  ),
  lost as (
    update delivery d
    set status = 'unknown', send_after = null, detail = 'The server stopped before the answer of the provider was written.'
    from abandoned a
    where d.ctid = a.delivery_row and d.business_id = a.business_id and d.id = a.id
    returning d.business_id, d.live, d.application_id, d.code_id, d.id, d.channel
  )
  insert into event (business_id, live, application_id, subject_kind, subject_id, part_id, kind, data, at)
  select l.business_id, l.live, l.application_id, 'verification', l.code_id, l.id, 'delivery.unknown',
    jsonb_build_object('channel', l.channel), p_now
  from lost l;

  return query
  with waiting as (
    select d.ctid as delivery_row, d.business_id, d.id
    from delivery d
    where d.status = 'queued'
      and d.send_after <= p_now - case when d.defer_count = 0 then p_grace else interval '0' end
    order by d.send_after
    limit p_limit
    for update skip locked
  )
  update delivery d
  set send_after = p_now
  from waiting w
  where d.ctid = w.delivery_row and d.business_id = w.business_id and d.id = w.id
  returning d.business_id, d.id, 'send', d.code_id, d.application_id, d.sender_id;

  return query
  with unmoved as (
    select d.ctid as delivery_row, d.business_id, d.id
    from delivery d
    where d.unmoved_since <= p_now - p_grace
    order by d.unmoved_since
    limit p_limit
    for update skip locked
  )
  update delivery d
  set unmoved_since = p_now
  from unmoved u
  where d.ctid = u.delivery_row and d.business_id = u.business_id and d.id = u.id
  returning d.business_id, d.id, 'move', d.code_id, d.application_id, d.sender_id;
end $$;
