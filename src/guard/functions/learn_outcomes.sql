-- Reads in the log what became of sends that were counted, so many events of each business, and changes the counters that
-- they were counted in. Whoever proved a number is forgotten with it, so that it counts once. Returns the events that
-- were read. Another server that reads at the same time passes over the businesses of this one.
create function learn_outcomes(
  p_limit integer,
  -- What an outcome adds to the counters of a rule, and how far those may fall.
  p_kind text[],
  p_rule text[],
  p_worth double precision[],
  p_credit_max double precision[]
) returns integer
language plpgsql as $$
declare
  v_business uuid[];
  v_position bigint[];
  v_sequence bigint[];
  v_event integer;
begin
  perform set_config('synchronous_commit', 'off', true);
  -- Only those with news, and these alone are locked. Not `exists`: that may be planned as a join, which reads every outcome
  -- that the log still holds.
  select array_agg(f.business_id), array_agg(f.log_position), array_agg(f.sequence)
  into v_business, v_position, v_sequence
  from (
    select r.business_id, r.log_position, r.sequence
    from guard_reading r
    cross join lateral (
      select from event e
      where e.business_id = r.business_id and (e.log_position, e.sequence) > (r.log_position, r.sequence)
        and e.log_position < log_horizon() and e.kind in ('verification.approved', 'delivery.failed')
      order by e.log_position, e.sequence
      limit 1
    ) as first
    limit 200
    for update of r skip locked
  ) as f;
  if v_business is null then
    return 0;
  end if;
  perform lock_businesses(v_business);

  with news as (
    -- Several verifications may share a code, and its sends stand under the one that began it, whatever became of that one.
    select e.business_id, coalesce((e.data ->> 'code_id')::uuid, e.subject_id) as subject_id, e.log_position, e.sequence, e.kind
    from unnest(v_business, v_position, v_sequence) as f (business_id, log_position, sequence)
    cross join lateral (
      select e.business_id, e.subject_id, e.kind, e.data, e.log_position, e.sequence
      from event e
      where e.business_id = f.business_id and (e.log_position, e.sequence) > (f.log_position, f.sequence)
        and e.log_position < log_horizon() and e.kind in ('verification.approved', 'delivery.failed')
      order by e.log_position, e.sequence
      limit p_limit
    ) as e
  ),
  outcome as (
    select n.kind, s.row, s.business_id, s.live, s.subject_id, s.keys
    from news n
    cross join lateral (
      select s.ctid as row, s.business_id, s.live, s.subject_id, s.keys
      from guard_send s
      where s.business_id = n.business_id and s.subject_id = n.subject_id
      limit 1
    ) as s
  ),
  settled as (
    delete from guard_send s
    using outcome o
    where o.kind = 'verification.approved' and s.ctid = o.row and s.business_id = o.business_id
      and s.subject_id = o.subject_id
  ),
  -- Many sends share a counter: it is looked for once, and so is its rule.
  meant as (
    select o.business_id, o.live, o.kind, k.key collate "C" as key, count(*) as times
    from outcome o
    cross join lateral string_to_table(o.keys, ',') as k (key)
    group by o.business_id, o.live, o.kind, k.key
  ),
  change as (
    select m.business_id, m.live, m.key, sum(m.times * w.worth) as worth, min(w.credit_max) as credit_max
    from meant m
    join unnest(p_kind, p_rule, p_worth, p_credit_max) as w (kind, rule, worth, credit_max)
      on w.kind = m.kind and w.rule = split_part(m.key, ' ', 1)
    group by m.business_id, m.live, m.key
  ),
  found as materialized (
    select c.*, k.row
    from change c
    cross join lateral (
      select k.ctid as row from guard_counter k
      where k.business_id = c.business_id and k.live = c.live and k.key = c.key
      limit 1
    ) as k
  ),
  changed as (
    update guard_counter k
    set level = greatest(-f.credit_max, k.level + f.worth)
    from found f
    where k.ctid = f.row and k.business_id = f.business_id and k.live = f.live and k.key = f.key
  ),
  moved as (
    update guard_reading r
    set log_position = n.log_position, sequence = n.sequence
    from (
      select distinct on (n.business_id) n.business_id, n.log_position, n.sequence
      from news n
      order by n.business_id, n.log_position desc, n.sequence desc
    ) as n
    where r.business_id = n.business_id
  )
  select count(*) into v_event from news;
  return v_event;
end $$;
