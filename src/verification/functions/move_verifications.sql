-- Carries out a set of moves decided by `decideMove` (core/move.ts). Each is guarded by the code's revision it was decided
-- on: if another process moved first, the outcome is 'stale' and the move is decided anew. So is one that comes after the end
-- of the code: there may be no claim that finds out.
-- kind 'send': queue a delivery of the code, or claim it at once; 'wait': only set its due time; 'leave': the verification
-- ends and its code goes on while others are pending; 'end': all that share the code end.
create function move_verifications(
  p_now timestamptz, p_n integer[], p_business_id uuid[], p_id uuid[], p_revision integer[], p_kind text[],
  p_asked boolean[], p_reason text[], p_status text[], p_step_index integer[], p_workflow jsonb[], p_due_at timestamptz[],
  p_delivery_id uuid[], p_channel text[], p_sender_id uuid[], p_send_count_max integer[], p_wait_seconds jsonb[],
  p_at_once boolean[]
) returns table (
  n integer, outcome text, sent_at timestamptz[], key_version integer, code_length integer, code_sealed bytea
) language plpgsql as $$
#variable_conflict use_column
declare
  business_ids uuid[];
  lives boolean[];
  people text[];
  code_ids uuid[];
begin
  select array_agg(v.business_id), array_agg(v.live), array_agg(v.person), array_agg(v.code_id)
  into business_ids, lives, people, code_ids
  from unnest(p_business_id, p_id) as i (business_id, id)
  cross join lateral (
    select v.business_id, v.live, v.person, v.code_id
    from verification v
    where v.business_id = i.business_id and v.id = i.id
    limit 1
  ) as v;
  perform lock_recipients(business_ids, lives, people);
  perform lock_codes(business_ids, code_ids);

  return query
  with decided as (
    select i.*, v.status = 'pending' as was_pending, c.id as code_id, c.code_shared,
      case when i.kind in ('leave', 'end') then v.ctid else c.ctid end as moved_row,
      case when i.kind in ('leave', 'end') then v.id else c.id end as moved_id,
      r.ctid as recipient_row, recent.sent_at as sent_recently,
      case
        when v.id is null or c.code_ended_at is not null or c.revision <> i.revision then 'stale'
        when i.asked and v.status <> 'pending' then 'stale'
        -- Nothing claims this message later and sees that its code is over.
        when i.kind = 'send' and c.expires_at <= p_now then 'stale'
        -- Two verifications of one recipient in one set: the second is decided again with the first one counted.
        when row_number() over (partition by v.business_id, v.live, v.person, i.kind = 'wait' order by i.n) > 1 then 'stale'
        when i.kind <> 'send' then 'moved'
        when cardinality(recent.sent_at) >= i.send_count_max then 'send_limit_reached'
        -- The waits grow with the sends of the last ten minutes; null: this move need not wait.
        when i.wait_seconds is not null and cardinality(recent.sent_at) > 0
          and recent.sent_at[cardinality(recent.sent_at)] + interval '1 second'
            * (i.wait_seconds -> least(cardinality(recent.sent_at), jsonb_array_length(i.wait_seconds)) - 1)::integer > p_now
          then 'resend_too_soon'
        else 'moved'
      end as outcome
    from unnest(
      p_n, p_business_id, p_id, p_revision, p_kind, p_asked, p_reason, p_status, p_step_index, p_workflow, p_due_at,
      p_delivery_id, p_channel, p_sender_id, p_send_count_max, p_wait_seconds, p_at_once
    ) as i (
      n, business_id, id, revision, kind, asked, reason, status, step_index, workflow, due_at,
      delivery_id, channel, sender_id, send_count_max, wait_seconds, at_once
    )
    left join lateral (
      select v.ctid, v.* from verification v where v.business_id = i.business_id and v.id = i.id limit 1
    ) as v on true
    left join lateral (
      select c.ctid, c.* from verification c where c.business_id = v.business_id and c.id = v.code_id limit 1
    ) as c on true
    left join lateral (
      select r.ctid, r.sent_at
      from recipient r
      where r.business_id = v.business_id and r.live = v.live and r.person = v.person
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
      status = case when ending.now and v.status = 'pending' then d.status else v.status end,
      ended_at = case when ending.now then coalesce(v.ended_at, p_now) else v.ended_at end,
      code_mac = case when ending.now then null else v.code_mac end,
      code_sealed = case when ending.now then null else v.code_sealed end,
      -- A code that others share goes on without one of them; if that was the last one is seen below.
      code_ended_at = case when d.kind = 'end' or (d.kind = 'leave' and not d.code_shared) then p_now end,
      due_at = case when not ending.now then d.due_at when d.kind = 'leave' and d.code_shared then v.due_at end,
      step_index = coalesce(d.step_index, v.step_index),
      workflow = coalesce(d.workflow, v.workflow)
    from decided d
    cross join lateral (select d.kind in ('leave', 'end') as now) as ending
    where d.outcome = 'moved' and v.ctid = d.moved_row and v.business_id = d.business_id and v.id = d.moved_id
      and v.code_ended_at is null
    returning d.n, v.live, v.application_id, v.key_version, v.code_length, v.code_sealed
  ),
  queued as (
    insert into delivery (
      business_id, id, code_id, application_id, live, step_index, channel, sender_id, status, send_after,
      claimed_at, queued_at)
    select d.business_id, d.delivery_id, d.code_id, m.application_id, m.live, d.step_index, d.channel, d.sender_id,
      case when d.at_once then 'sending' else 'queued' end, p_now, case when d.at_once then p_now end, p_now
    from decided d
    join moved m using (n)
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
    insert into event (business_id, live, application_id, subject_kind, subject_id, part_id, kind, data, at)
    select d.business_id, m.live, m.application_id, 'verification', case d.kind when 'send' then d.code_id else d.id end,
      d.delivery_id, case d.kind when 'send' then 'verification.moved_on' else 'verification.' || d.status end,
      jsonb_strip_nulls(jsonb_build_object('reason', d.reason, 'channel', d.channel)), p_now
    from decided d
    join moved m using (n)
    where d.kind = 'send' or (d.kind <> 'wait' and d.was_pending)
  )
  select d.n,
    case when d.outcome = 'moved' and m.n is null then 'stale' else d.outcome end,
    case when d.outcome = 'moved' and d.kind = 'send' then d.sent_recently || p_now else d.sent_recently end,
    m.key_version, m.code_length::integer, m.code_sealed
  from decided d
  left join moved m using (n);

  perform settle_codes(
    p_now, array_agg(i.business_id), array_agg(i.id), array_agg(case i.kind when 'end' then i.status end), array_agg(i.reason))
  from unnest(p_business_id, p_id, p_kind, p_status, p_reason) as i (business_id, id, kind, status, reason)
  cross join lateral (
    select v.status, v.id, v.code_id, v.code_shared, v.code_ended_at
    from verification v where v.business_id = i.business_id and v.id = i.id limit 1
  ) as v
  where (v.code_shared or v.code_id <> v.id)
    and ((i.kind = 'leave' and v.status <> 'pending') or (i.kind = 'end' and v.code_ended_at is not null))
  having count(*) > 0;
end $$;
