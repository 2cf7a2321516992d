-- Ends pending transfers whose time is over, so many at most; returns how many.
create function expire_transfers(p_now timestamptz, p_limit integer) returns integer
language plpgsql as $$
declare
  v_business_id uuid[];
  v_live boolean[];
  v_pending_id uuid[];
  v_results text[];
begin
  select array_agg(d.business_id), array_agg(d.live), array_agg(d.transfer_id)
  into v_business_id, v_live, v_pending_id
  from (
    select p.business_id, p.live, p.transfer_id from ledger_pending p
    where p.status = 'pending' and p.expires_at <= p_now
    order by p.expires_at limit p_limit
  ) as d;
  if v_pending_id is null then
    return 0;
  end if;
  v_results := apply_transfers(
    p_now, v_business_id, v_live,
    -- The same on every server, so that it happens once.
    array(select md5('expire ' || id)::uuid from unnest(v_pending_id) as id),
    array_fill('expire'::text, array[cardinality(v_pending_id)]), v_pending_id,
    array_fill(null::uuid, array[cardinality(v_pending_id)]), array_fill(null::uuid, array[cardinality(v_pending_id)]),
    array_fill(null::bigint, array[cardinality(v_pending_id)]), array_fill(null::text, array[cardinality(v_pending_id)]),
    array_fill('expired'::text, array[cardinality(v_pending_id)]), array_fill(null::uuid, array[cardinality(v_pending_id)]),
    array(select convert_to('expire ' || id, 'UTF8') from unnest(v_pending_id) as id),
    array_fill(null::timestamptz, array[cardinality(v_pending_id)]), array_fill(p_now, array[cardinality(v_pending_id)]),
    array_fill(null::jsonb, array[cardinality(v_pending_id)]), array_fill(false, array[cardinality(v_pending_id)]));
  return cardinality(v_pending_id);
end $$;
