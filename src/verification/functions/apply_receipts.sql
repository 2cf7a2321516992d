-- Applies a set of receipts; a set holds each delivery at most once. Ranks only rise and a later success overrules a
-- failure, so duplicates and any order end in the same row (`applyReceipt` in messaging/core/receipt.ts is the model).
-- An event tells each state once, when it is reached. Its time is the provider's, who tells whole seconds by a clock of
-- their own: never before what led to it, and never after now.
create function apply_receipts(
  p_now timestamptz, p_n integer[], p_sender_id uuid[], p_business_id uuid[], p_delivery_id uuid[],
  p_provider_message_id text[], p_status text[], p_at timestamptz[], p_failure_reason text[], p_provider_code text[], p_detail text[], p_fallback boolean[],
  p_raw jsonb[]
) returns table (n integer, outcome text, delivery_id uuid, code_id uuid, early boolean)
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
      i.*, d.delivery_row, d.id, d.code_id, d.application_id, d.live, d.channel, fails.now as fails_now,
      delivery_rank(i.status) > delivery_rank(d.status) or fails.now as is_news,
      greatest(least(i.at, p_now), d.queued_at, d.claimed_at, d.sent_at, d.delivered_at, d.failed_at) as happened_at,
      d.status in ('delivered', 'read')
        or (i.status <> 'failed' and delivery_rank(i.status) > delivery_rank(d.status)) as has_succeeded,
      -- The answer that would have carried the message id was lost; now the id is known.
      d.provider_message_id is null and i.provider_message_id is not null as is_named,
      coalesce(starts_with(d.provider_message_id, 'erased '), false) as is_erased
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
      sent_at = coalesce(d.sent_at, case when f.status <> 'failed' then f.happened_at end),
      delivered_at = coalesce(d.delivered_at, case when f.status in ('delivered', 'read') then f.happened_at end),
      read_at = coalesce(d.read_at, case when f.status = 'read' then f.happened_at end),
      failed_at = coalesce(d.failed_at, case when f.status = 'failed' then f.happened_at end),
      unmoved_since = case
        when f.fails_now then p_now
        when f.status in ('delivered', 'read') then null
        else d.unmoved_since end,
      -- What succeeded in the end has no reason for failing, in whatever order it was told.
      failure_reason = case when not f.has_succeeded
        then coalesce(f.failure_reason, case when f.fails_now then 'unspecified' end, d.failure_reason) end,
      provider_code = case when not f.has_succeeded then coalesce(f.provider_code, d.provider_code) end,
      detail = case when not f.has_succeeded and not f.is_erased then coalesce(f.detail, d.detail) end
    from found f
    where d.ctid = f.delivery_row and d.business_id = f.business_id and d.id = f.id and (f.is_news or f.is_named)
  ),
  told as (
    insert into event (business_id, live, application_id, subject_kind, subject_id, part_id, kind, data, at)
    select f.business_id, f.live, f.application_id, 'verification', f.code_id, f.id, 'delivery.' || f.status,
      jsonb_strip_nulls(jsonb_build_object('channel', f.channel, 'reason', f.failure_reason,
        'provider_code', f.provider_code)), f.happened_at
    from found f
    where f.is_news
  ),
  -- As the provider wrote it; not of somebody who was erased since.
  written as (
    insert into receipt_body (business_id, delivery_id, status, body)
    select f.business_id, f.id, f.status, f.raw
    from found f
    where f.is_news and f.raw is not null and not f.is_erased
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
    f.id, f.code_id,
    coalesce(f.is_named, false) and exists (
      select from early_receipt e
      where e.business_id = f.business_id and e.provider_message_id = f.provider_message_id)
  from input i
  left join found f using (n);
end $$;
