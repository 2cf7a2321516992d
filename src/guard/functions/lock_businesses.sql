-- Whoever counts something of a business is alone with its counters until the end of the transaction. Always in the same
-- order, so that nobody waits in a circle.
create function lock_businesses(p_business_id uuid[]) returns void
language plpgsql as $$
begin
  -- Nearly always there is one, which needs no sorting.
  if cardinality(p_business_id) = 1 then
    perform pg_advisory_xact_lock(hashtextextended('guard ' || p_business_id[1], 0));
    return;
  end if;
  perform pg_advisory_xact_lock(h.hash)
  from (
    select distinct hashtextextended('guard ' || i.business_id, 0) as hash
    from unnest(p_business_id) as i (business_id)
    order by 1
  ) as h;
end $$;
