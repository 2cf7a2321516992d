-- Starts a set of verifications in one round trip. A set holds each recipient at most once.
-- First the recipients are locked, always in the same order; the statement after it has a snapshot of its own (PL/pgSQL,
-- READ COMMITTED) and therefore sees what the ones before it committed.
-- The rule is `decideStart` in core/start.ts; the two are tested against each other.
-- A message that can leave at once is claimed by the very statement that decides on it (`p_at_once`): the server that asks
-- has room for it and sends it after the commit.
--
-- How the hot functions look rows up: in a lateral subquery with a limit, by all columns of a key, and from there on by
-- ctid. A plain join leaves it to the planner, and as long as a table is small, or its statistics say so, it would rather
-- read the whole of it, with a plan that is kept when the table has grown.
-- (A ctid stays true as long as the row is locked. Of a row that is not, the guard beside it is what decides.)
create function start_verifications(
  p_now timestamptz,
  p_n integer[],
  p_business_id uuid[],
  p_application_id uuid[],
  p_live boolean[],
  p_id uuid[],
  p_recipient text[],
  p_person text[],
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
  perform lock_recipients(p_business_id, p_live, p_person);

  return query
  with input as (
    select *
    from unnest(
      p_n, p_business_id, p_application_id, p_live, p_id, p_recipient, p_person, p_purpose, p_locale, p_key_version,
      p_code_length, p_code_mac, p_code_sealed, p_binding, p_transaction, p_expires_at, p_check_count_max, p_send_count_max, p_policy,
      p_workflow, p_due_at, p_metadata, p_delivery_id, p_channel, p_sender_id, p_idempotency_key, p_fingerprint, p_at_once
    ) as i (
      n, business_id, application_id, live, id, recipient, person, purpose, locale, key_version,
      code_length, code_mac, code_sealed, binding, transaction, expires_at, check_count_max, send_count_max, policy,
      workflow, due_at, metadata, delivery_id, channel, sender_id, idempotency_key, fingerprint, at_once
    )
  ),
  decided as (
    select
      i.*,
      pending.ctid as pending_row,
      pending.id as pending_id,
      pending.expires_at as pending_expires_at,
      used.subject_id as used_id,
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
      select k.key, k.fingerprint, k.subject_id, k.answer
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
      where r.business_id = i.business_id and r.live = i.live and r.person = i.person
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
    returning v.business_id, v.live, v.application_id, v.id, v.status
  ),
  created as (
    insert into verification (
      business_id, id, application_id, live, recipient, person, purpose, locale, status, key_version, code_length,
      code_mac, code_sealed, binding, transaction, check_count_max, policy, workflow, due_at, metadata, created_at, expires_at
    )
    select
      d.business_id, d.id, d.application_id, d.live, d.recipient, d.person, d.purpose, d.locale, 'pending', d.key_version,
      d.code_length, d.code_mac, d.code_sealed, d.binding, d.transaction, d.check_count_max, d.policy, d.workflow,
      d.due_at, d.metadata, p_now, d.expires_at
    from decided d
    left join closed c on c.business_id = d.business_id and c.id = d.pending_id
    where d.outcome = 'created'
  ),
  queued as (
    insert into delivery (
      business_id, id, verification_id, application_id, live, step_index, channel, sender_id, status, send_after,
      claimed_at, queued_at)
    select d.business_id, d.delivery_id, d.id, d.application_id, d.live, 0, d.channel, d.sender_id,
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
    insert into recipient (business_id, live, person, sent_at)
    select d.business_id, d.live, d.person, array[p_now]
    from decided d
    where d.outcome = 'created' and d.recipient_row is null
  ),
  told as (
    insert into event (business_id, live, application_id, subject_kind, subject_id, part_id, kind, data, at)
    select d.business_id, d.live, d.application_id, 'verification', d.id, d.delivery_id, 'verification.started',
      jsonb_build_object('channel', d.channel), p_now
    from decided d
    where d.outcome = 'created'
    union all
    select c.business_id, c.live, c.application_id, 'verification', c.id, null, 'verification.' || c.status, null, p_now
    from closed c
  ),
  remembered as (
    insert into idempotency (business_id, key, fingerprint, subject_id, answer, created_at)
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
