-- Forgets what says nothing any more, in so many pages of each table: an index by time would have to be written to with
-- every send. False: those were the last pages.
create function forget_sends(p_now timestamptz, p_page bigint, p_page_count integer) returns boolean
language plpgsql as $$
declare
  v_from tid := format('(%s,0)', p_page)::tid;
  v_to tid := format('(%s,0)', p_page + p_page_count)::tid;
begin
  delete from guard_counter k
  where k.ctid = any (array(
    select o.ctid from guard_counter o
    where o.ctid >= v_from and o.ctid < v_to and o.at < p_now - interval '1 day'
    for update skip locked));

  delete from guard_send s
  where s.ctid = any (array(
    select o.ctid from guard_send o
    where o.ctid >= v_from and o.ctid < v_to and o.at < p_now - interval '1 hour'
    for update skip locked));

  delete from guard_told t
  where t.ctid = any (array(
    select o.ctid from guard_told o
    where o.ctid >= v_from and o.ctid < v_to and o.at < p_now - interval '1 hour'
    for update skip locked));

  if p_page = 0 then
    delete from guard_reading r
    where (select true from guard_send s where s.business_id = r.business_id limit 1) is null;
  end if;
  return greatest(pg_relation_size('guard_counter'), pg_relation_size('guard_send'), pg_relation_size('guard_told'))
    > (p_page + p_page_count) * current_setting('block_size')::bigint;
end $$;
