-- Locks recipients until the end of the transaction: every function that spends something of theirs asks for them first.
-- An advisory lock and not a row's: what does not exist yet can't be locked otherwise, and nothing is written for it.
create function lock_recipients(p_business_id uuid[], p_live boolean[], p_person text[]) returns void
language plpgsql as $$
begin
  perform pg_advisory_xact_lock(h.hash)
  from (
    select distinct hashtextextended(concat_ws(' ', i.business_id, i.live, i.person), 0) as hash
    from unnest(p_business_id, p_live, p_person) as i (business_id, live, person)
    order by 1
  ) as h;
end $$;
