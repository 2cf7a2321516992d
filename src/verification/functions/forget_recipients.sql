-- Forgets recipients of whom nothing is left to count, of the next so many after a key; returns where it came to, or null at
-- the end. The rule is `isForgettable` in core/budget.ts. Under their lock, as whatever counts with them: a check that has read the row counts
-- its wrong code in it before it goes, and the row then stays.
create function forget_recipients(
  p_now timestamptz, p_kept interval, p_limit integer, p_business_id uuid, p_live boolean, p_person text
) returns table (rows integer, business_id uuid, live boolean, person text) language plpgsql as $$
#variable_conflict use_column
declare
  looked record;
  gone integer;
begin
  select array_agg(r.business_id) as business_ids, array_agg(r.live) as lives, array_agg(r.person) as people
  into looked
  from (
    select r.business_id, r.live, r.person from recipient r
    where (r.business_id, r.live, r.person) > (p_business_id, p_live, p_person)
    order by r.business_id, r.live, r.person
    limit p_limit
  ) as r;

  perform lock_recipients(looked.business_ids, looked.lives, looked.people);

  delete from recipient r
  using unnest(looked.business_ids, looked.lives, looked.people) as i (business_id, live, person)
  where r.business_id = i.business_id and r.live = i.live and r.person = i.person
    and coalesce(r.sent_at[cardinality(r.sent_at)], '-infinity') < p_now - interval '2 days'
    and coalesce(r.failed_at[cardinality(r.failed_at)], '-infinity')
      < p_now - case when r.failed_consecutive = 0 then interval '2 days' else p_kept end
    and r.failed_consecutive < 100;
  get diagnostics gone = row_count;

  return query
  select gone, i.business_id, i.live, i.person
  from (select) as one
  left join lateral (
    select * from unnest(looked.business_ids, looked.lives, looked.people)
      with ordinality as i (business_id, live, person, n)
    where i.n = p_limit
  ) as i on true;
end $$;
