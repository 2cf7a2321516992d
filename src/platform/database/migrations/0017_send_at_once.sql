-- A message that can leave at once is claimed by the very statement that decides on it: one commit and one new row less
-- for every flow. `at_once` tells it; the server that asks has room for the message and sends it after the commit.
-- A move that comes after the end of the code is decided anew: there may be no claim that finds out. Otherwise nothing
-- has changed since 0003 and 0006. The functions without it stay: while servers are replaced one by one, the old ones
-- still call them.

create function start_verifications(
  p_now timestamptz,
  p_n integer[],
  p_business_id uuid[],
  p_application_id uuid[],
  p_live boolean[],
  p_id uuid[],
  p_recipient text[],
  p_purpose text[],
  p_locale text[],
  p_key_version integer[],
  p_code_length integer[],
  p_code_mac bytea[],
  p_code_sealed bytea[],
  p_binding text[],
  p_transaction jsonb[],
  p_expires_at timestamptz[],
  p_check_count_max integer[],
  p_send_count_max integer[],
  p_policy jsonb[],
  p_workflow jsonb[],
  p_due_at timestamptz[],
  p_metadata jsonb[],
  p_delivery_id uuid[],
  p_channel text[],
  p_sender_id uuid[],
  p_idempotency_key text[],
  p_fingerprint bytea[],
  p_at_once boolean[]
) returns table (n integer, outcome text, verification_id uuid, sent_at timestamptz[])
language plpgsql as $$
#variable_conflict use_column
begin
  perform lock_recipients(p_business_id, p_live, p_recipient);

  return query
  with input as (
    select *
    from unnest(
      p_n, p_business_id, p_application_id, p_live, p_id, p_recipient, p_purpose, p_locale, p_key_version, p_code_length,
      p_code_mac, p_code_sealed, p_binding, p_transaction, p_expires_at, p_check_count_max, p_send_count_max, p_policy,
      p_workflow, p_due_at, p_metadata, p_delivery_id, p_channel, p_sender_id, p_idempotency_key, p_fingerprint, p_at_once
    ) as i (
      n, business_id, application_id, live, id, recipient, purpose, locale, key_version, code_length,
      code_mac, code_sealed, binding, transaction, expires_at, check_count_max, send_count_max, policy,
      workflow, due_at, metadata, delivery_id, channel, sender_id, idempotency_key, fingerprint, at_once
    )
  ),
  decided as (
    select
      i.*,
      pending.ctid as pending_row,
      pending.id as pending_id,
      pending.expires_at as pending_expires_at,
      used.verification_id as used_id,
      r.ctid as recipient_row,
      recent.sent_at as sent_recently,
      case
        when used.key is not null and used.fingerprint <> i.fingerprint then 'idempotency_key_reused'
        when used.answer is not null then 'replayed_created'
        when used.key is not null then 'replayed_exists'
        when pending.id is not null and pending.expires_at > p_now and pending.binding = i.binding then 'exists'
        when cardinality(recent.sent_at) >= i.send_count_max then 'send_limit_reached'
        else 'created'
      end as outcome
    from input i
    left join lateral (
      select k.key, k.fingerprint, k.verification_id, k.answer
      from idempotency k
      where k.business_id = i.business_id and k.key = i.idempotency_key
      limit 1
    ) as used on true
    left join lateral (
      select v.ctid, v.id, v.expires_at, v.binding
      from verification v
      where v.business_id = i.business_id and v.application_id = i.application_id and v.live = i.live
        and v.recipient = i.recipient and v.purpose = i.purpose and v.status = 'pending'
      limit 1
    ) as pending on true
    left join lateral (
      select r.ctid, r.sent_at
      from recipient r
      where r.business_id = i.business_id and r.live = i.live and r.recipient = i.recipient
      limit 1
    ) as r on true
    cross join lateral (
      select coalesce(array_agg(s order by s), '{}') as sent_at
      from unnest(r.sent_at) as s
      where s > p_now - interval '10 minutes'
    ) as recent
  ),
  -- A pending one that is over, or is bound to something else, makes room. Only then may the new row be inserted:
  -- the left join below makes PostgreSQL finish this update first.
  closed as (
    update verification v
    set
      status = case when d.pending_expires_at <= p_now then 'expired' else 'canceled' end,
      ended_at = p_now, due_at = null, code_mac = null, code_sealed = null, revision = v.revision + 1
    from decided d
    where d.outcome = 'created' and v.ctid = d.pending_row and v.ended_at is null
    returning v.business_id, v.id, v.status
  ),
  created as (
    insert into verification (
      business_id, id, application_id, live, recipient, purpose, locale, status, key_version, code_length, code_mac,
      code_sealed, binding, transaction, check_count_max, policy, workflow, due_at, metadata, created_at, expires_at
    )
    select
      d.business_id, d.id, d.application_id, d.live, d.recipient, d.purpose, d.locale, 'pending', d.key_version,
      d.code_length, d.code_mac, d.code_sealed, d.binding, d.transaction, d.check_count_max, d.policy, d.workflow,
      d.due_at, d.metadata, p_now, d.expires_at
    from decided d
    left join closed c on c.business_id = d.business_id and c.id = d.pending_id
    where d.outcome = 'created'
  ),
  queued as (
    insert into delivery (
      business_id, id, verification_id, step_index, channel, sender_id, status, send_after, claimed_at, queued_at)
    select d.business_id, d.delivery_id, d.id, 0, d.channel, d.sender_id,
      case when d.at_once then 'sending' else 'queued' end, p_now, case when d.at_once then p_now end, p_now
    from decided d
    where d.outcome = 'created'
  ),
  counted as (
    update recipient r
    set sent_at = d.sent_recently || p_now
    from decided d
    where d.outcome = 'created' and r.ctid = d.recipient_row
  ),
  met as (
    insert into recipient (business_id, live, recipient, sent_at)
    select d.business_id, d.live, d.recipient, array[p_now]
    from decided d
    where d.outcome = 'created' and d.recipient_row is null
  ),
  told as (
    insert into event (business_id, verification_id, delivery_id, kind, data, at)
    select d.business_id, d.id, d.delivery_id, 'verification.started', jsonb_build_object('channel', d.channel), p_now
    from decided d
    where d.outcome = 'created'
    union all
    select c.business_id, c.id, null, 'verification.' || c.status, null, p_now
    from closed c
  ),
  remembered as (
    insert into idempotency (business_id, key, fingerprint, verification_id, answer, created_at)
    select d.business_id, d.idempotency_key, d.fingerprint,
      case when d.outcome = 'created' then d.id else d.pending_id end,
      case when d.outcome = 'created' then '{"created": true}'::jsonb end, p_now
    from decided d
    where d.idempotency_key is not null and d.outcome in ('created', 'exists')
  )
  select
    d.n, d.outcome,
    case d.outcome when 'created' then d.id when 'exists' then d.pending_id when 'replayed_created' then d.used_id
      when 'replayed_exists' then d.used_id end,
    case d.outcome when 'created' then d.sent_recently || p_now else d.sent_recently end
  from decided d;
end $$;

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
        when row_number() over (partition by v.business_id, v.live, v.recipient, i.kind order by i.n) > 1 then 'stale'
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
    returning d.n, v.key_version, v.code_length, v.code_sealed
  ),
  queued as (
    insert into delivery (
      business_id, id, verification_id, step_index, channel, sender_id, status, send_after, claimed_at, queued_at)
    select d.business_id, d.delivery_id, d.id, d.step_index, d.channel, d.sender_id,
      case when d.at_once then 'sending' else 'queued' end, p_now, case when d.at_once then p_now end, p_now
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
    case when d.outcome = 'moved' and d.kind = 'send' then d.sent_recently || p_now else d.sent_recently end,
    m.key_version, m.code_length::integer, m.code_sealed
  from decided d
  left join moved m using (n);
end $$;

-- Messages that were claimed by a decision whose answer was lost: the server that asks has sent nothing. One that was put
-- back before (its answer was lost as well) may be under way again by now, and stays what it is.
create function put_back_deliveries(p_now timestamptz, p_n integer[], p_business_id uuid[], p_id uuid[])
returns table (n integer) language plpgsql as $$
#variable_conflict use_column
begin
  return query
  with back as (
    update delivery d
    set status = 'queued', send_after = p_now, defer_count = 1, detail = 'The database did not answer.'
    from (
      select i.n, d.ctid as delivery_row
      from (select * from unnest(p_n, p_business_id, p_id) as i (n, business_id, id) order by 2, 3) as i
      cross join lateral (
        select d.ctid from delivery d where d.business_id = i.business_id and d.id = i.id limit 1
      ) as d
    ) as i
    where d.ctid = i.delivery_row and d.status = 'sending' and d.defer_count = 0
    returning i.n, d.business_id, d.verification_id, d.id, d.channel
  ),
  told as (
    insert into event (business_id, verification_id, delivery_id, kind, data, at)
    select b.business_id, b.verification_id, b.id, 'delivery.deferred', jsonb_build_object('channel', b.channel), p_now
    from back b
  )
  select b.n from back b;
end $$;
