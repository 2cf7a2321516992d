-- Carries out a set of moves decided by `decideMove` (core/move.ts). Each is guarded by the revision it was decided on: if
-- another process moved first, the outcome is 'stale' and the move is decided anew. So is one that comes after the end of
-- the code: there may be no claim that finds out.
-- kind 'send': queue a delivery, or claim it at once; kind 'end': end the verification, kind 'wait': only set the due time.
create function move_verifications(
  p_now timestamptz, p_n integer[], p_business_id uuid[], p_id uuid[], p_revision integer[], p_kind text[],
  p_reason text[], p_status text[], p_step_index integer[], p_workflow jsonb[], p_due_at timestamptz[],
  p_delivery_id uuid[], p_channel text[], p_sender_id uuid[], p_send_count_max integer[], p_wait_seconds jsonb[],
  p_at_once boolean[]
) returns table (
  n integer, outcome text, sent_at timestamptz[], key_version integer, code_length integer, code_sealed bytea
) language plpgsql as $$
#variable_conflict use_column
begin
  perform lock_recipients(array_agg(v.business_id), array_agg(v.live), array_agg(v.person))
  from unnest(p_business_id, p_id) as i (business_id, id)
  cross join lateral (
    select v.business_id, v.live, v.person
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
        -- Nothing claims this message later and sees that its verification is over.
        when i.kind = 'send' and v.expires_at <= p_now then 'stale'
        when i.kind <> 'send' then 'moved'
        when cardinality(recent.sent_at) >= i.send_count_max then 'send_limit_reached'
        -- The waits grow with the sends of the last ten minutes; null: this move need not wait.
        when i.wait_seconds is not null and cardinality(recent.sent_at) > 0
          and recent.sent_at[cardinality(recent.sent_at)] + interval '1 second'
            * (i.wait_seconds -> least(cardinality(recent.sent_at), jsonb_array_length(i.wait_seconds)) - 1)::integer > p_now
          then 'resend_too_soon'
        -- Two verifications of one recipient in one set: the second is decided again with the first one counted.
        when row_number() over (partition by v.business_id, v.live, v.person, i.kind order by i.n) > 1 then 'stale'
        else 'moved'
      end as outcome
    from unnest(
      p_n, p_business_id, p_id, p_revision, p_kind, p_reason, p_status, p_step_index, p_workflow, p_due_at,
      p_delivery_id, p_channel, p_sender_id, p_send_count_max, p_wait_seconds, p_at_once
    ) as i (
      n, business_id, id, revision, kind, reason, status, step_index, workflow, due_at,
      delivery_id, channel, sender_id, send_count_max, wait_seconds, at_once
    )
    left join lateral (
      select v.ctid, v.* from verification v where v.business_id = i.business_id and v.id = i.id limit 1
    ) as v on true
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
    returning d.n, v.live, v.application_id, v.key_version, v.code_length, v.code_sealed
  ),
  queued as (
    insert into delivery (
      business_id, id, verification_id, application_id, live, step_index, channel, sender_id, status, send_after,
      claimed_at, queued_at)
    select d.business_id, d.delivery_id, d.id, m.application_id, m.live, d.step_index, d.channel, d.sender_id,
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
    select d.business_id, m.live, m.application_id, 'verification', d.id, d.delivery_id,
      case d.kind when 'send' then 'verification.moved_on' else 'verification.' || d.status end,
      jsonb_strip_nulls(jsonb_build_object('reason', d.reason, 'channel', d.channel)), p_now
    from decided d
    join moved m using (n)
    where d.kind <> 'wait'
  )
  select d.n,
    case when d.outcome = 'moved' and m.n is null then 'stale' else d.outcome end,
    case when d.outcome = 'moved' and d.kind = 'send' then d.sent_recently || p_now else d.sent_recently end,
    m.key_version, m.code_length::integer, m.code_sealed
  from decided d
  left join moved m using (n);
end $$;
