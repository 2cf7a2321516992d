-- Deliveries nobody is looking after: claimed ones whose process died before the answer was written (unknown: they may
-- have arrived), queued ones whose process died before the claim (to be sent by whoever asks), and failed ones whose
-- process died before the workflow moved on (to be moved on). Asking again is possible after another grace.
create function claim_abandoned(p_now timestamptz, p_grace interval, p_limit integer)
returns table (business_id uuid, id uuid, needs text, verification_id uuid, application_id uuid, sender_id uuid)
language plpgsql as $$
#variable_conflict use_column
begin
  with lost as (
    update delivery d
    set status = 'unknown', send_after = null, detail = 'The server stopped before the answer of the provider was written.'
    where d.ctid = any (array(
      select a.ctid from delivery a
      where a.status = 'sending'
        and a.send_after <= p_now - interval '30 seconds' and a.claimed_at <= p_now - interval '30 seconds'
      order by a.send_after limit p_limit for update skip locked))
    returning d.business_id, d.verification_id, d.id, d.channel
  )
  insert into event (business_id, verification_id, delivery_id, kind, data, at)
  select l.business_id, l.verification_id, l.id, 'delivery.unknown', jsonb_build_object('channel', l.channel), p_now
  from lost l;

  return query
  with waiting as (
    select d.ctid as delivery_row, v.application_id
    from delivery d
    cross join lateral (
      select v.application_id from verification v where v.business_id = d.business_id and v.id = d.verification_id limit 1
    ) as v
    where d.status = 'queued'
      and d.send_after <= p_now - case when d.defer_count = 0 then p_grace else interval '0' end
    order by d.send_after
    limit p_limit
    for update of d skip locked
  )
  update delivery d
  set send_after = p_now
  from waiting w
  where d.ctid = w.delivery_row
  returning d.business_id, d.id, 'send', d.verification_id, w.application_id, d.sender_id;

  return query
  with unmoved as (
    select d.ctid as delivery_row
    from delivery d
    where d.unmoved_since <= p_now - p_grace
    order by d.unmoved_since
    limit p_limit
    for update skip locked
  )
  update delivery d
  set unmoved_since = p_now
  from unmoved u
  where d.ctid = u.delivery_row
  returning d.business_id, d.id, 'move', d.verification_id, null::uuid, d.sender_id;
end $$;

-- Forgets what nobody will ask for any more, so many rows of each kind; returns the larger of the counts.
create function forget_old(p_now timestamptz, p_limit integer) returns integer language plpgsql as $$
declare
  receipts integer;
  keys integer;
begin
  -- Receipts of messages that somebody else sent from the same number.
  delete from early_receipt e
  where e.ctid = any (array(
    select o.ctid from early_receipt o
    where o.received_at < p_now - interval '1 hour'
    order by o.received_at limit p_limit for update skip locked));
  get diagnostics receipts = row_count;

  -- Whoever repeats a request does so soon.
  delete from idempotency k
  where k.ctid = any (array(
    select o.ctid from idempotency o
    where o.created_at < p_now - interval '24 hours'
    order by o.created_at limit p_limit for update skip locked));
  get diagnostics keys = row_count;
  return greatest(receipts, keys);
end $$;

-- Carries out a set of moves decided by `decideMove` (core/verification/move.ts). Each is guarded by the revision it
-- was decided on: if another process moved first, the outcome is 'stale' and the move is decided anew.
-- kind 'send': queue a delivery, kind 'end': end the verification, kind 'wait': only set the due time.
create function move_verifications(
  p_now timestamptz, p_n integer[], p_business_id uuid[], p_id uuid[], p_revision integer[], p_kind text[],
  p_reason text[], p_status text[], p_step_index integer[], p_workflow jsonb[], p_due_at timestamptz[],
  p_delivery_id uuid[], p_channel text[], p_sender_id uuid[], p_send_count_max integer[], p_wait_seconds jsonb[]
) returns table (n integer, outcome text, sent_at timestamptz[]) language plpgsql as $$
#variable_conflict use_column
begin
  perform lock_recipients(array_agg(v.business_id), array_agg(v.live), array_agg(v.recipient))
  from unnest(p_business_id, p_id) as i (business_id, id)
  cross join lateral (
    select v.business_id, v.live, v.recipient
    from verification v
    where v.business_id = i.business_id and v.id = i.id
    limit 1
  ) as v;

  perform 1
  from (select * from unnest(p_business_id, p_id) as i (business_id, id) order by 1, 2) as i
  cross join lateral (
    select from verification v where v.business_id = i.business_id and v.id = i.id limit 1 for update of v
  ) as locked;

  return query
  with decided as (
    select i.*, v.ctid as verification_row, r.ctid as recipient_row, recent.sent_at as sent_recently,
      case
        when v.id is null or v.status <> 'pending' or v.revision <> i.revision then 'stale'
        when i.kind <> 'send' then 'moved'
        when cardinality(recent.sent_at) >= i.send_count_max then 'send_limit_reached'
        -- The waits grow with the sends of the last ten minutes; null: this move need not wait.
        when i.wait_seconds is not null and cardinality(recent.sent_at) > 0
          and recent.sent_at[cardinality(recent.sent_at)] + interval '1 second'
            * (i.wait_seconds -> least(cardinality(recent.sent_at), jsonb_array_length(i.wait_seconds)) - 1)::integer > p_now
          then 'resend_too_soon'
        -- Two verifications of one recipient in one set: the second is decided again with the first one counted.
        when row_number() over (partition by v.business_id, v.live, v.recipient, i.kind order by i.n) > 1 then 'stale'
        else 'moved'
      end as outcome
    from unnest(
      p_n, p_business_id, p_id, p_revision, p_kind, p_reason, p_status, p_step_index, p_workflow, p_due_at,
      p_delivery_id, p_channel, p_sender_id, p_send_count_max, p_wait_seconds
    ) as i (
      n, business_id, id, revision, kind, reason, status, step_index, workflow, due_at,
      delivery_id, channel, sender_id, send_count_max, wait_seconds
    )
    left join lateral (
      select v.ctid, v.* from verification v where v.business_id = i.business_id and v.id = i.id limit 1
    ) as v on true
    left join lateral (
      select r.ctid, r.sent_at
      from recipient r
      where r.business_id = v.business_id and r.live = v.live and r.recipient = v.recipient
      limit 1
    ) as r on true
    cross join lateral (
      select coalesce(array_agg(s order by s), '{}') as sent_at
      from unnest(r.sent_at) as s
      where s > p_now - interval '10 minutes'
    ) as recent
  ),
  moved as (
    update verification v
    set
      revision = v.revision + 1,
      status = case when d.kind = 'end' then d.status else v.status end,
      ended_at = case when d.kind = 'end' then p_now end,
      due_at = case when d.kind = 'end' then null else d.due_at end,
      code_mac = case when d.kind = 'end' then null else v.code_mac end,
      code_sealed = case when d.kind = 'end' then null else v.code_sealed end,
      step_index = coalesce(d.step_index, v.step_index),
      workflow = coalesce(d.workflow, v.workflow)
    from decided d
    where d.outcome = 'moved' and v.ctid = d.verification_row
      and v.ended_at is null and v.revision = d.revision
    returning d.n
  ),
  queued as (
    insert into delivery (business_id, id, verification_id, step_index, channel, sender_id, status, send_after, queued_at)
    select d.business_id, d.delivery_id, d.id, d.step_index, d.channel, d.sender_id, 'queued', p_now, p_now
    from decided d
    join moved using (n)
    where d.kind = 'send'
  ),
  counted as (
    update recipient r
    set sent_at = d.sent_recently || p_now
    from decided d
    join moved using (n)
    where d.kind = 'send' and r.ctid = d.recipient_row
  ),
  told as (
    insert into event (business_id, verification_id, delivery_id, kind, data, at)
    select d.business_id, d.id, d.delivery_id,
      case d.kind when 'send' then 'verification.moved_on' else 'verification.' || d.status end,
      jsonb_strip_nulls(jsonb_build_object('reason', d.reason, 'channel', d.channel)), p_now
    from decided d
    join moved using (n)
    where d.kind <> 'wait'
  )
  select d.n,
    case when d.outcome = 'moved' and m.n is null then 'stale' else d.outcome end,
    case when d.outcome = 'moved' and d.kind = 'send' then d.sent_recently || p_now else d.sent_recently end
  from decided d
  left join moved m using (n);
end $$;
