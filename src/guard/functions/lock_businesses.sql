-- Whoever counts something of a business is alone with its counters until the end of the transaction. Always in the same
-- order, so that nobody waits in a circle.
create function lock_businesses(p_business_id uuid[]) returns void
language plpgsql as $$
begin
  perform pg_advisory_xact_lock(h.hash)
  from (
    select distinct hashtextextended('guard ' || i.business_id, 0) as hash
    from unnest(p_business_id) as i (business_id)
    order by 1
  ) as h;
end $$;
