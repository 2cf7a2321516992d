-- Starts a set of verifications in one round trip. A set holds each recipient at most once.
-- First the recipients are locked, always in the same order; the statement after it has a snapshot of its own (PL/pgSQL,
-- READ COMMITTED) and therefore sees what the ones before it committed.
-- The rule is `decideStart` in core/start.ts; the two are tested against each other.
-- A start gets a verification of its own. When a code of the same binding is pending it takes part in that one: the caller is
-- told which ('joins', nothing is written), makes the MAC of that code for the new verification, and asks again with its id.
-- A message that can leave at once is claimed by the very statement that decides on it (`p_at_once`): the server that asks
-- has room for it and sends it after the commit.
--
-- How the hot functions look rows up: in a lateral subquery with a limit, by all columns of a key, and from there on by
-- ctid. A plain join leaves it to the planner, and as long as a table is small, or its statistics say so, it would rather
-- read the whole of it, with a plan that is kept when the table has grown.
-- A ctid stays true as long as the row is locked. A row that is not, and that somebody else has changed since it was looked
-- up, is written all the same by older releases of PostgreSQL and passed over by those since the end of 2025 (a TID scan
-- checks again): either way the guard beside it decides, and whoever may not be passed over is locked first or asked again.
-- A ctid is a place in one partition and comes again in each other one: beside it stand the key's columns, always, and those of
-- the row that was found: compared with what was asked for, they would let the planner join before it looks anything up.
create function start_verifications(
  p_now timestamptz,
  p_n integer[],
  p_business_id uuid[],
  p_application_id uuid[],
  p_live boolean[],
  p_id uuid[],
  p_code_id uuid[],
  p_recipient text[],
  p_person text[],
  p_purpose text[],
  p_locale text[],
  p_key_version integer[],
  p_code_length integer[],
  p_code_mac bytea[],
  p_code_sealed bytea[],
  p_binding text[],
  p_takes_pending boolean[],
  p_replaces boolean[],
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
  p_at_once boolean[],
  p_may_create boolean[]
) returns table (
  n integer, outcome text, verification_id uuid, code_id uuid, key_version integer, sent_at timestamptz[]
) language plpgsql as $$
#variable_conflict use_column
declare
  -- Nothing that is pending is older: a code lives ten minutes at most.
  since uuid := lowest_id_at(p_now - interval '1 day');
begin
  perform lock_recipients(p_business_id, p_live, p_person);
  if cardinality(array_remove(p_code_id, null)) > 0 then
    perform lock_codes(p_business_id, p_code_id);
  end if;
  -- Those that a start replaces: the timer pushes due times without the recipient's lock, and a row that has moved since it
  -- was found is passed over.
  if true = any (p_replaces) then
    perform 1
    from unnest(p_business_id, p_application_id, p_live, p_recipient, p_purpose, p_replaces)
      as i (business_id, application_id, live, recipient, purpose, replaces)
    cross join lateral (
      select
      from verification v
      where i.replaces
        and v.business_id = i.business_id and v.application_id = i.application_id and v.live = i.live
        and v.recipient = i.recipient and v.purpose = i.purpose and v.status = 'pending' and v.code_sealed is not null
        and v.id >= since
      -- As text: see lock_codes.
      order by v.id::text
      for update
    ) as locked;
  end if;

  return query
  with input as (
    select *
    from unnest(
      p_n, p_business_id, p_application_id, p_live, p_id, p_code_id, p_recipient, p_person, p_purpose, p_locale, p_key_version,
      p_code_length, p_code_mac, p_code_sealed, p_binding, p_takes_pending, p_replaces, p_transaction, p_expires_at,
      p_check_count_max, p_send_count_max, p_policy, p_workflow, p_due_at, p_metadata, p_delivery_id, p_channel, p_sender_id,
      p_idempotency_key, p_fingerprint, p_at_once, p_may_create
    ) as i (
      n, business_id, application_id, live, id, code_id, recipient, person, purpose, locale, key_version,
      code_length, code_mac, code_sealed, binding, takes_pending, replaces, transaction, expires_at,
      check_count_max, send_count_max, policy, workflow, due_at, metadata, delivery_id, channel, sender_id,
      idempotency_key, fingerprint, at_once, may_create
    )
  ),
  decided as (
    select
      i.*,
      pending.id as pending_id,
      code.row as code_row, code.id as found_code_id, code.key_version as found_key_version,
      code.expires_at as code_expires_at, code.channel as code_channel,
      used.subject_id as used_id,
      r.ctid as recipient_row,
      recent.sent_at as sent_recently,
      case
        when used.key is not null and used.fingerprint <> i.fingerprint then 'idempotency_key_reused'
        when used.key is not null then 'replayed'
        when pending.id is not null then 'exists'
        when code.id is not null and i.code_id is null then 'joins'
        when code.id is not null then 'joined'
        when i.code_id is not null then 'stale'
        when cardinality(recent.sent_at) >= i.send_count_max then 'send_limit_reached'
        when not i.may_create then 'withheld'
        else 'created'
      end as outcome
    from input i
    left join lateral (
      select k.key, k.fingerprint, k.subject_id
      from idempotency k
      where k.business_id = i.business_id and k.key = i.idempotency_key
      limit 1
    ) as used on true
    -- Where the vendor's rule is one verification at a time.
    left join lateral (
      select v.id
      from verification v
      where i.takes_pending
        and v.business_id = i.business_id and v.application_id = i.application_id and v.live = i.live
        and v.recipient = i.recipient and v.purpose = i.purpose and v.status = 'pending'
        and v.binding = i.binding and v.expires_at > p_now and v.id >= since
      order by v.id desc
      limit 1
    ) as pending on true
    -- The newest code that can be shared: it lives for another minute at least and no longer than this start asked for
    -- (clocks of servers differ), and there is room in it.
    left join lateral (
      select c.ctid as row, c.id, c.key_version, c.expires_at, c.workflow -> c.step_index::integer ->> 'channel' as channel
      from verification m
      cross join lateral (
        select c.ctid, c.* from verification c where c.business_id = m.business_id and c.id = m.code_id limit 1
      ) as c
      where m.business_id = i.business_id and m.application_id = i.application_id and m.live = i.live
        and m.recipient = i.recipient and m.purpose = i.purpose and m.status = 'pending'
        and m.binding = i.binding and m.code_length = i.code_length
        and m.expires_at >= p_now + interval '1 minute' and m.expires_at <= i.expires_at + interval '5 seconds'
        and m.id >= since
        and (i.code_id is null or m.code_id = i.code_id)
        and c.code_ended_at is null
        and 20 > (
          select count(*)
          from verification o
          where o.business_id = i.business_id and o.application_id = i.application_id and o.live = i.live
            and o.recipient = i.recipient and o.purpose = i.purpose and o.status = 'pending' and o.code_id = c.id
            and o.id >= since
        )
      order by c.id desc
      limit 1
    ) as code on true
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
  made as (
    insert into verification (
      business_id, id, code_id, application_id, live, recipient, person, purpose, locale, status, key_version, code_length, code_mac,
      code_sealed, binding, transaction, check_count_max, policy, workflow, due_at, metadata, created_at, expires_at
    )
    select
      d.business_id, d.id, coalesce(d.code_id, d.id), d.application_id, d.live, d.recipient, d.person, d.purpose, d.locale, 'pending',
      d.key_version, d.code_length, d.code_mac, d.code_sealed, d.binding, d.transaction, d.check_count_max, d.policy,
      case when d.code_id is null then d.workflow end, case when d.code_id is null then d.due_at end, d.metadata, p_now,
      coalesce(d.code_expires_at, d.expires_at)
    from decided d
    where d.outcome in ('created', 'joined')
  ),
  shared as (
    update verification c
    set code_shared = true
    from decided d
    where d.outcome = 'joined' and c.ctid = d.code_row and c.business_id = d.business_id and c.id = d.found_code_id
      and not c.code_shared
  ),
  -- Where whoever checks the code takes the newest only, an older one must not go on to its next channel.
  old as materialized (
    select v.ctid as row, v.business_id, v.id
    from decided d
    cross join lateral (
      select v.ctid, v.business_id, v.id
      from verification v
      where d.replaces and v.business_id = d.business_id and v.application_id = d.application_id and v.live = d.live
        and v.recipient = d.recipient and v.purpose = d.purpose and v.status = 'pending' and v.code_sealed is not null
        and v.id >= since
      offset 0
    ) as v
    where d.outcome = 'created'
    -- Cuts nothing off: see claim_deliveries.
    limit 1000 * cardinality(p_n)
  ),
  replaced as (
    update verification v
    set status = 'canceled', ended_at = p_now, code_ended_at = p_now, due_at = null, code_mac = null, code_sealed = null,
      revision = v.revision + 1
    from old
    where v.ctid = old.row and v.business_id = old.business_id and v.id = old.id and v.ended_at is null
    returning v.business_id, v.live, v.application_id, v.id
  ),
  queued as (
    insert into delivery (
      business_id, id, code_id, application_id, live, step_index, channel, sender_id, status, send_after,
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
    select d.business_id, d.live, d.application_id, 'verification', d.id,
      case when d.outcome = 'created' then d.delivery_id end, 'verification.started',
      case d.outcome when 'created' then jsonb_build_object('channel', d.channel)
        else jsonb_build_object('channel', d.code_channel, 'reason', 'shares_code') end, p_now
    from decided d
    where d.outcome in ('created', 'joined')
    union all
    select o.business_id, o.live, o.application_id, 'verification', o.id, null, 'verification.canceled',
      '{"reason": "replaced"}', p_now
    from replaced o
  ),
  remembered as (
    insert into idempotency (business_id, key, fingerprint, subject_id, created_at)
    select d.business_id, d.idempotency_key, d.fingerprint, d.id, p_now
    from decided d
    where d.idempotency_key is not null and d.outcome in ('created', 'joined')
  )
  select
    d.n, d.outcome,
    case d.outcome when 'created' then d.id when 'joined' then d.id when 'exists' then d.pending_id
      when 'replayed' then d.used_id end,
    d.found_code_id, d.found_key_version,
    case d.outcome when 'created' then d.sent_recently || p_now else d.sent_recently end
  from decided d;
end $$;
