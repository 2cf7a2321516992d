-- The workflow has moved on from these failures, or had nothing to do. What failed after the decision stays.
create function settle_failures(p_n integer[], p_business_id uuid[], p_id uuid[], p_decided_at timestamptz[])
returns table (n integer) language plpgsql as $$
#variable_conflict use_column
begin
  perform 1
  from (select * from unnest(p_business_id, p_id) as i (business_id, id) order by 1, 2) as i
  cross join lateral (
    select from delivery d where d.business_id = i.business_id and d.id = i.id limit 1 for update of d
  ) as locked;

  return query
  with failed as materialized (
    select i.n, i.decided_at, d.delivery_row, d.business_id, d.id
    from unnest(p_n, p_business_id, p_id, p_decided_at) as i (n, business_id, id, decided_at)
    cross join lateral (
      select d.ctid as delivery_row, d.business_id, d.id from delivery d where d.business_id = i.business_id and d.id = i.id limit 1
    ) as d
    -- Cuts nothing off: see claim_deliveries.
    limit cardinality(p_n)
  )
  update delivery d
  set unmoved_since = null
  from failed i
  where d.ctid = i.delivery_row and d.business_id = i.business_id and d.id = i.id and d.unmoved_since <= i.decided_at
  returning i.n;
end $$;
