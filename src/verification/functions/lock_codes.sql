-- Locks codes until the end of the transaction: their rows and the pending verifications that share them. Whoever may end or
-- join one holds its recipient's lock already; these are for the timer, which pushes due times without it, and so that a
-- ctid read after this is still true when the row is written.
create function lock_codes(p_business_id uuid[], p_code_id uuid[]) returns void
language plpgsql as $$
begin
  perform 1
  from (
    select distinct i.business_id, i.code_id from unnest(p_business_id, p_code_id) as i (business_id, code_id) order by 1, 2
  ) as i
  cross join lateral (
    select from verification c where c.business_id = i.business_id and c.id = i.code_id limit 1 for update
  ) as locked;

  perform 1
  from (
    select distinct i.business_id, i.code_id from unnest(p_business_id, p_code_id) as i (business_id, code_id) order by 1, 2
  ) as i
  cross join lateral (
    select c.* from verification c where c.business_id = i.business_id and c.id = i.code_id limit 1
  ) as c
  cross join lateral (
    select
    from verification m
    where m.business_id = c.business_id and m.application_id = c.application_id and m.live = c.live
      and m.recipient = c.recipient and m.purpose = c.purpose and m.status = 'pending' and m.code_id = c.id
    -- As text, so that no plan takes the order from the primary key and reads all of a business for it.
    order by m.id::text
    for update
  ) as locked;
end $$;
