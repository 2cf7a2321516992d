-- What a provider answered. A receipt may have been faster: the rank only rises.
-- 'queued' means deferred: nothing was sent, and it may be sent after send_after.
-- A status without a word means that somebody else changed the row in the same moment: ask again.
create function record_sends(
  p_now timestamptz, p_n integer[], p_business_id uuid[], p_id uuid[], p_status text[], p_provider_message_id text[],
  p_failure_reason text[], p_provider_code text[], p_detail text[], p_send_after timestamptz[]
) returns table (n integer, status text, early boolean) language plpgsql as $$
#variable_conflict use_column
begin
  return query
  with input as materialized (
    select i.*, d.delivery_row, d.delivery_business_id, d.delivery_id, d.status_before
    from (
      select *
      from unnest(
        p_n, p_business_id, p_id, p_status, p_provider_message_id, p_failure_reason, p_provider_code, p_detail, p_send_after
      ) as i (n, business_id, id, status, provider_message_id, failure_reason, provider_code, detail, send_after)
      order by 2, 3
    ) as i
    cross join lateral (
      select d.ctid as delivery_row, d.business_id as delivery_business_id, d.id as delivery_id, d.status as status_before
      from delivery d where d.business_id = i.business_id and d.id = i.id limit 1
    ) as d
    -- Cuts nothing off: see claim_deliveries.
    limit cardinality(p_n)
  ),
  recorded as (
    update delivery d
    set
      -- Of somebody who was erased while it was sent it stays unknown.
      provider_message_id = case when starts_with(d.provider_message_id, 'erased ') then d.provider_message_id
        else coalesce(i.provider_message_id, d.provider_message_id) end,
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
      -- What was accepted in the end, or has arrived, has no reason for failing. A receipt that came before the answer
      -- knows better: "held" is no news of a message that has failed since.
      failure_reason = case
        when d.status in ('delivered', 'read') or (i.status = 'sent' and delivery_rank(d.status) < delivery_rank('failed')) then null
        when delivery_rank(d.status) >= delivery_rank('failed') then coalesce(d.failure_reason, i.failure_reason)
        else coalesce(i.failure_reason, d.failure_reason) end,
      provider_code = case
        when d.status in ('delivered', 'read') or (i.status = 'sent' and delivery_rank(d.status) < delivery_rank('failed')) then null
        else coalesce(i.provider_code, d.provider_code) end,
      detail = case
        when d.status in ('delivered', 'read') or (i.status = 'sent' and delivery_rank(d.status) < delivery_rank('failed')) then null
        else coalesce(i.detail, d.detail) end
    from input i
    where d.ctid = i.delivery_row and d.business_id = i.delivery_business_id and d.id = i.delivery_id
      and d.status = i.status_before
    returning i.n, d.business_id, d.live, d.application_id, d.id, d.code_id, d.status, d.channel, d.provider_message_id,
      i.status as told_status, i.failure_reason, i.provider_code,
      case i.status when 'queued' then i.status_before = 'sending'
        else delivery_rank(i.status) > delivery_rank(i.status_before) end as is_news
  ),
  told as (
    insert into event (business_id, live, application_id, subject_kind, subject_id, part_id, kind, data, at)
    select r.business_id, r.live, r.application_id, 'verification', r.code_id, r.id,
      'delivery.' || case r.told_status when 'queued' then 'deferred' else r.told_status end,
      jsonb_strip_nulls(jsonb_build_object('channel', r.channel, 'reason', r.failure_reason, 'provider_code', r.provider_code)),
      p_now
    from recorded r
    where r.is_news
  )
  select i.n, r.status,
    r.provider_message_id is not null and exists (
      select from early_receipt e
      where e.business_id = r.business_id and e.provider_message_id = r.provider_message_id)
  from input i
  left join recorded r using (n);
end $$;
