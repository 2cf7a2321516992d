-- The three statements around a sending. A check never touches deliveries and these never touch the verification's
-- row, so the two can not wait for each other.
-- Deliveries are updated in the order of their keys, so that two sets can't wait for each other either; what a row says
-- by then is what the update itself reads and guards.

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
  return query
  with claimed as (
    update delivery d
    set
      status = case when due.wanted then 'sending' else 'failed' end,
      claimed_at = p_now,
      -- Left as it is: an indexed column that changes costs an entry in every index of the table.
      send_after = case when due.wanted then d.send_after end,
      failure_reason = case when due.wanted then d.failure_reason else 'expired' end,
      failed_at = case when due.wanted then d.failed_at else p_now end,
      detail = case when due.wanted then d.detail else 'The verification ended before the message was sent.' end
    from (
      select i.n, d.ctid as delivery_row, v.application_id, v.live, v.recipient, v.locale, v.key_version, v.code_length,
        v.code_sealed, v.transaction, v.expires_at, v.status = 'pending' and v.expires_at > p_now as wanted
      from (select * from unnest(p_n, p_business_id, p_id) as i (n, business_id, id) order by 2, 3) as i
      cross join lateral (
        select d.ctid, d.verification_id from delivery d where d.business_id = i.business_id and d.id = i.id limit 1
      ) as d
      cross join lateral (
        select v.* from verification v where v.business_id = i.business_id and v.id = d.verification_id limit 1
      ) as v
    ) as due
    where d.ctid = due.delivery_row and d.status = 'queued'
    returning due.*, d.business_id, d.id, d.verification_id, d.channel, d.sender_id, d.defer_count
  ),
  told as (
    insert into event (business_id, verification_id, delivery_id, kind, data, at)
    select c.business_id, c.verification_id, c.id, 'delivery.failed', jsonb_build_object('reason', 'expired'), p_now
    from claimed c
    where not c.wanted
  )
  select c.n, c.business_id, c.id, c.verification_id, c.application_id, c.live, c.recipient, c.locale, c.channel,
    c.sender_id, c.key_version, c.code_length::integer, c.code_sealed, c.transaction, c.expires_at,
    c.defer_count::integer
  from claimed c
  where c.wanted;
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
  return query
  with input as (
    select i.*, d.delivery_row
    from (
      select *
      from unnest(
        p_n, p_business_id, p_id, p_status, p_provider_message_id, p_failure_reason, p_provider_code, p_detail, p_send_after
      ) as i (n, business_id, id, status, provider_message_id, failure_reason, provider_code, detail, send_after)
      order by 2, 3
    ) as i
    cross join lateral (
      select d.ctid as delivery_row from delivery d where d.business_id = i.business_id and d.id = i.id limit 1
    ) as d
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
    where d.ctid = i.delivery_row
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
  from (
    select d.business_id, d.id
    from unnest(p_sender_id, p_business_id, p_delivery_id, p_provider_message_id)
      as i (sender_id, business_id, delivery_id, provider_message_id)
    cross join lateral (
      (select d.business_id, d.id, d.sender_id
        from delivery d where d.business_id = i.business_id and d.id = i.delivery_id limit 1)
      union all
      (select d.business_id, d.id, d.sender_id
        from delivery d where i.delivery_id is null and d.provider_message_id = i.provider_message_id offset 0)
    ) as d
    where d.business_id = i.business_id and d.sender_id = i.sender_id
    order by 1, 2
  ) as i
  cross join lateral (
    select from delivery d where d.business_id = i.business_id and d.id = i.id limit 1 for update of d
  ) as locked;

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
  found as (
    select
      i.*, d.delivery_row, d.id, d.verification_id, d.channel, fails.now as fails_now,
      delivery_rank(i.status) > delivery_rank(d.status) or fails.now
        or (i.status = 'failed' and d.failed_at is null)
        or (i.status = 'delivered' and d.delivered_at is null) as is_news,
      -- The answer that would have carried the message id was lost; now the id is known.
      d.provider_message_id is null and i.provider_message_id is not null as is_named
    from input i
    cross join lateral (
      (select d.ctid as delivery_row, d.*
        from delivery d where d.business_id = i.business_id and d.id = i.delivery_id limit 1)
      union all
      (select d.ctid, d.*
        from delivery d where i.delivery_id is null and d.provider_message_id = i.provider_message_id offset 0)
    ) as d
    -- A failure moves the workflow on only when nothing better is known. A message that was held back counts as failed
    -- and may still come; that it really failed is news.
    cross join lateral (
      select i.status = 'failed' and (
        delivery_rank(d.status) < delivery_rank('failed')
        or (d.status = 'failed' and d.failure_reason = 'held' and coalesce(i.failure_reason, 'unspecified') <> 'held')
      ) as now
    ) as fails
    -- A receipt touches only what its own sender sent: a webhook of one business can never speak of another's.
    where d.business_id = i.business_id and d.sender_id = i.sender_id
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
    where d.ctid = f.delivery_row and (f.is_news or f.is_named)
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
  from (select * from unnest(p_business_id, p_id) as i (business_id, id) order by 1, 2) as i
  cross join lateral (
    select from delivery d where d.business_id = i.business_id and d.id = i.id limit 1 for update of d
  ) as locked;

  return query
  update delivery d
  set unmoved_since = null
  from (
    select i.n, i.decided_at, d.delivery_row
    from unnest(p_n, p_business_id, p_id, p_decided_at) as i (n, business_id, id, decided_at)
    cross join lateral (
      select d.ctid as delivery_row from delivery d where d.business_id = i.business_id and d.id = i.id limit 1
    ) as d
  ) as i
  where d.ctid = i.delivery_row and d.unmoved_since <= i.decided_at
  returning i.n;
end $$;
