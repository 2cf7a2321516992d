-- The model is `deliveryRank` in messaging/core/receipt.ts.
create function delivery_rank(p_status text) returns integer language sql immutable as $$
  select case p_status
    when 'queued' then 0 when 'sending' then 1 when 'unknown' then 2 when 'sent' then 3 when 'failed' then 4
    when 'delivered' then 5 when 'read' then 6 end
$$;
