-- The three statements around a sending. A check never touches deliveries and these never touch the verification's
-- row, so the two can not wait for each other.

-- A failure that the workflow has not moved on from yet. It is set together with the failure and cleared after the
-- move, so that a sweep finds what a crash in between left behind. A sending that succeeds never touches it.
alter table delivery add column unmoved_since timestamptz;
create index delivery_unmoved on delivery (unmoved_since) where unmoved_since is not null;

-- Claims queued deliveries right before they are sent: spend before act. A delivery that is 'sending' and has no
-- result after a crash may have left the building; it becomes 'unknown' and is never sent again.
-- Those whose verification ended meanwhile fail here, so no message leaves after its verification ended.
create function claim_deliveries(p_now timestamptz, p_n integer[], p_business_id uuid[], p_id uuid[])
returns table (
  n integer, business_id uuid, delivery_id uuid, verification_id uuid, application_id uuid, live boolean,
  recipient text, locale text, channel text, sender_id uuid, key_version integer, code_length integer,
  code_sealed bytea, transaction jsonb, expires_at timestamptz, defer_count integer
) language plpgsql as $$
#variable_conflict use_column
begin
  perform 1
  from delivery d
  join unnest(p_business_id, p_id) as i (business_id, id) using (business_id, id)
  order by d.business_id, d.id
  for update of d;

  return query
  with due as (
    select i.n, d.business_id, d.id, v.id as verification_id, v.application_id, v.live, v.recipient, v.locale,
      d.channel, d.sender_id, v.key_version, v.code_length::integer, v.code_sealed, v.transaction, v.expires_at,
      d.defer_count::integer,
      v.status = 'pending' and v.expires_at > p_now as wanted
    from unnest(p_n, p_business_id, p_id) as i (n, business_id, id)
    join delivery d using (business_id, id)
    join verification v on v.business_id = d.business_id and v.id = d.verification_id
    where d.status = 'queued'
  ),
  claimed as (
    update delivery d
    set
      status = case when due.wanted then 'sending' else 'failed' end,
      send_after = case when due.wanted then p_now + interval '30 seconds' end,
      failure_reason = case when due.wanted then d.failure_reason else 'expired' end,
      failed_at = case when due.wanted then d.failed_at else p_now end,
      detail = case when due.wanted then d.detail else 'The verification ended before the message was sent.' end
    from due
    where d.business_id = due.business_id and d.id = due.id
  ),
  told as (
    insert into event (business_id, verification_id, delivery_id, kind, data, at)
    select due.business_id, due.verification_id, due.id, 'delivery.failed', jsonb_build_object('reason', 'expired'), p_now
    from due
    where not due.wanted
  )
  select due.n, due.business_id, due.id, due.verification_id, due.application_id, due.live, due.recipient, due.locale,
    due.channel, due.sender_id, due.key_version, due.code_length, due.code_sealed, due.transaction, due.expires_at,
    due.defer_count
  from due
  where due.wanted;
end $$;

create function delivery_rank(p_status text) returns integer language sql immutable as $$
  select case p_status
    when 'queued' then 0 when 'sending' then 1 when 'unknown' then 2 when 'sent' then 3 when 'failed' then 4
    when 'delivered' then 5 when 'read' then 6 end
$$;

-- What a provider answered. A receipt may have been faster: the rank only rises.
-- 'queued' means deferred: nothing was sent, and it may be sent after send_after.
create function record_sends(
  p_now timestamptz, p_n integer[], p_business_id uuid[], p_id uuid[], p_status text[], p_provider_message_id text[],
  p_failure_reason text[], p_provider_code text[], p_detail text[], p_send_after timestamptz[]
) returns table (n integer, status text, early boolean) language plpgsql as $$
#variable_conflict use_column
begin
  perform 1
  from delivery d
  join unnest(p_business_id, p_id) as i (business_id, id) using (business_id, id)
  order by d.business_id, d.id
  for update of d;

  return query
  with input as (
    select *
    from unnest(p_n, p_business_id, p_id, p_status, p_provider_message_id, p_failure_reason, p_provider_code, p_detail, p_send_after)
      as i (n, business_id, id, status, provider_message_id, failure_reason, provider_code, detail, send_after)
  ),
  recorded as (
    update delivery d
    set
      provider_message_id = coalesce(i.provider_message_id, d.provider_message_id),
      status = case
        when i.status = 'queued' and d.status = 'sending' then 'queued'
        when delivery_rank(i.status) > delivery_rank(d.status) then i.status
        else d.status end,
      -- A deferral that comes after a receipt has lost: there is nothing left to send.
      send_after = case when i.status = 'queued' and d.status = 'sending' then i.send_after end,
      unmoved_since = case
        when i.status = 'failed' and delivery_rank(d.status) < delivery_rank('failed') then p_now
        else d.unmoved_since end,
      defer_count = d.defer_count + case when i.status = 'queued' then 1 else 0 end,
      sent_at = case when i.status = 'sent' then coalesce(d.sent_at, p_now) else d.sent_at end,
      failed_at = case when i.status = 'failed' then coalesce(d.failed_at, p_now) else d.failed_at end,
      -- A receipt that came before the answer knows better: "held" is no news of a message that has failed since.
      failure_reason = case when delivery_rank(d.status) >= delivery_rank('failed')
        then coalesce(d.failure_reason, i.failure_reason) else coalesce(i.failure_reason, d.failure_reason) end,
      provider_code = coalesce(i.provider_code, d.provider_code),
      detail = coalesce(i.detail, d.detail)
    from input i
    where d.business_id = i.business_id and d.id = i.id
    returning i.n, d.business_id, d.id, d.verification_id, d.status, d.channel, d.provider_message_id,
      i.status as told_status, i.failure_reason, i.provider_code
  ),
  told as (
    insert into event (business_id, verification_id, delivery_id, kind, data, at)
    select r.business_id, r.verification_id, r.id,
      'delivery.' || case r.told_status when 'queued' then 'deferred' else r.told_status end,
      jsonb_strip_nulls(jsonb_build_object('channel', r.channel, 'reason', r.failure_reason, 'provider_code', r.provider_code)),
      p_now
    from recorded r
  )
  select r.n, r.status,
    r.provider_message_id is not null and exists (
      select from early_receipt e
      where e.business_id = r.business_id and e.provider_message_id = r.provider_message_id)
  from recorded r;
end $$;

-- Applies a set of receipts; a set holds each delivery at most once. Ranks only rise and a later success overrules a
-- failure, so duplicates and any order end in the same row (core/messaging/receipt.ts is the model).
create function apply_receipts(
  p_now timestamptz, p_n integer[], p_sender_id uuid[], p_business_id uuid[], p_delivery_id uuid[],
  p_provider_message_id text[], p_status text[], p_at timestamptz[], p_failure_reason text[], p_provider_code text[], p_detail text[], p_fallback boolean[],
  p_raw jsonb[]
) returns table (n integer, outcome text, delivery_id uuid, verification_id uuid, early boolean)
language plpgsql as $$
#variable_conflict use_column
begin
  perform 1
  from delivery d
  where (d.business_id, d.id) in (
    select d.business_id, d.id
    from unnest(p_sender_id, p_business_id, p_delivery_id, p_provider_message_id)
      as i (sender_id, business_id, delivery_id, provider_message_id)
    join delivery d on d.business_id = i.business_id and d.sender_id = i.sender_id
      and (d.id = i.delivery_id or (i.delivery_id is null and d.provider_message_id = i.provider_message_id)))
  order by d.business_id, d.id
  for update of d;

  return query
  with input as (
    select *
    from unnest(
      p_n, p_sender_id, p_business_id, p_delivery_id, p_provider_message_id, p_status, p_at, p_failure_reason,
      p_provider_code, p_detail, p_fallback, p_raw
    ) as i (
      n, sender_id, business_id, delivery_id, provider_message_id, status, at, failure_reason,
      provider_code, detail, fallback, raw
    )
  ),
  -- A receipt touches only what its own sender sent: a webhook of one business can never speak of another's.
  matched as (
    select i.n, d.id
    from input i
    join delivery d on d.business_id = i.business_id and d.id = i.delivery_id and d.sender_id = i.sender_id
    union all
    select i.n, d.id
    from input i
    join delivery d on d.business_id = i.business_id and d.provider_message_id = i.provider_message_id
      and d.sender_id = i.sender_id
    where i.delivery_id is null
  ),
  found as (
    select
      i.*, d.id, d.verification_id, d.channel, fails.now as fails_now,
      delivery_rank(i.status) > delivery_rank(d.status) or fails.now
        or (i.status = 'failed' and d.failed_at is null)
        or (i.status = 'delivered' and d.delivered_at is null) as is_news,
      -- The answer that would have carried the message id was lost; now the id is known.
      d.provider_message_id is null and i.provider_message_id is not null as is_named
    from matched m
    join input i using (n)
    join delivery d on d.business_id = i.business_id and d.id = m.id
    -- A failure moves the workflow on only when nothing better is known. A message that was held back counts as failed
    -- and may still come; that it really failed is news.
    cross join lateral (
      select i.status = 'failed' and (
        delivery_rank(d.status) < delivery_rank('failed')
        or (d.status = 'failed' and d.failure_reason = 'held' and coalesce(i.failure_reason, 'unspecified') <> 'held')
      ) as now
    ) as fails
  ),
  raised as (
    update delivery d
    set
      status = case when delivery_rank(f.status) > delivery_rank(d.status) then f.status else d.status end,
      send_after = null,
      provider_message_id = coalesce(d.provider_message_id, f.provider_message_id),
      sent_at = coalesce(d.sent_at, case when f.status <> 'failed' then f.at end),
      delivered_at = coalesce(d.delivered_at, case when f.status in ('delivered', 'read') then f.at end),
      read_at = coalesce(d.read_at, case when f.status = 'read' then f.at end),
      failed_at = coalesce(d.failed_at, case when f.status = 'failed' then f.at end),
      unmoved_since = case
        when f.fails_now then p_now
        when f.status in ('delivered', 'read') then null
        else d.unmoved_since end,
      failure_reason = coalesce(f.failure_reason, case when f.fails_now then 'unspecified' end, d.failure_reason),
      provider_code = coalesce(f.provider_code, d.provider_code),
      detail = coalesce(f.detail, d.detail)
    from found f
    where d.business_id = f.business_id and d.id = f.id and (f.is_news or f.is_named)
  ),
  told as (
    insert into event (business_id, verification_id, delivery_id, kind, data, at)
    select f.business_id, f.verification_id, f.id, 'delivery.' || f.status,
      jsonb_strip_nulls(jsonb_build_object('channel', f.channel, 'reason', f.failure_reason,
        'provider_code', f.provider_code, 'raw', f.raw)), f.at
    from found f
    where f.is_news
  ),
  kept as (
    insert into early_receipt (
      business_id, sender_id, provider_message_id, status, at, failure_reason, provider_code, detail, fallback, raw,
      received_at)
    select i.business_id, i.sender_id, i.provider_message_id, i.status, i.at, i.failure_reason, i.provider_code,
      i.detail, i.fallback, i.raw, p_now
    from input i
    where not exists (select from found f where f.n = i.n) and i.provider_message_id is not null
  )
  select i.n,
    case
      when f.id is null then 'early'
      when not f.is_news then 'duplicate'
      when f.fails_now then 'failed'
      else 'raised' end,
    f.id, f.verification_id,
    coalesce(f.is_named, false) and exists (
      select from early_receipt e
      where e.business_id = f.business_id and e.provider_message_id = f.provider_message_id)
  from input i
  left join found f using (n);
end $$;

-- The workflow has moved on from these failures, or had nothing to do. What failed after the decision stays.
create function settle_failures(p_n integer[], p_business_id uuid[], p_id uuid[], p_decided_at timestamptz[])
returns table (n integer) language plpgsql as $$
#variable_conflict use_column
begin
  perform 1
  from delivery d
  join unnest(p_business_id, p_id) as i (business_id, id) using (business_id, id)
  order by d.business_id, d.id
  for update of d;

  return query
  update delivery d
  set unmoved_since = null
  from unnest(p_n, p_business_id, p_id, p_decided_at) as i (n, business_id, id, decided_at)
  where d.business_id = i.business_id and d.id = i.id and d.unmoved_since <= i.decided_at
  returning i.n;
end $$;
