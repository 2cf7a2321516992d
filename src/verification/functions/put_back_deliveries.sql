-- Messages that were claimed by a decision whose answer was lost: the server that asks has sent nothing. One that was put
-- back before (its answer was lost as well) may be under way again by now, and stays what it is.
create function put_back_deliveries(p_now timestamptz, p_n integer[], p_business_id uuid[], p_id uuid[])
returns table (n integer) language plpgsql as $$
#variable_conflict use_column
begin
  return query
  with back as (
    update delivery d
    set status = 'queued', send_after = p_now, defer_count = 1, detail = 'The database did not answer.'
    from (
      select i.n, d.ctid as delivery_row
      from (select * from unnest(p_n, p_business_id, p_id) as i (n, business_id, id) order by 2, 3) as i
      cross join lateral (
        select d.ctid from delivery d where d.business_id = i.business_id and d.id = i.id limit 1
      ) as d
    ) as i
    where d.ctid = i.delivery_row and d.status = 'sending' and d.defer_count = 0
    returning i.n, d.business_id, d.live, d.application_id, d.verification_id, d.id, d.channel
  ),
  told as (
    insert into event (business_id, live, application_id, subject_kind, subject_id, part_id, kind, data, at)
    select b.business_id, b.live, b.application_id, 'verification', b.verification_id, b.id, 'delivery.deferred',
      jsonb_build_object('channel', b.channel), p_now
    from back b
  )
  select b.n from back b;
end $$;
