-- Forgets what nobody will ask for any more, so many rows of each kind; returns the larger of the counts.
create function forget_old(p_now timestamptz, p_limit integer) returns integer language plpgsql as $$
declare
  receipts integer;
  keys integer;
begin
  -- Receipts of messages that somebody else sent from the same number.
  delete from early_receipt e
  where e.ctid = any (array(
    select o.ctid from early_receipt o
    where o.received_at < p_now - interval '1 hour'
    order by o.received_at limit p_limit for update skip locked));
  get diagnostics receipts = row_count;

  -- Whoever repeats a request does so soon.
  delete from idempotency k
  where k.ctid = any (array(
    select o.ctid from idempotency o
    where o.created_at < p_now - interval '24 hours'
    order by o.created_at limit p_limit for update skip locked));
  get diagnostics keys = row_count;
  return greatest(receipts, keys);
end $$;
