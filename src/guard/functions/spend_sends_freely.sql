-- Counts a set of sends when all of them fit in, which is nearly always so; false: nothing was counted, and `spend_sends`
-- has to look at each. Every counter of the set comes once, with how many of its sends it counts. What many have in common
-- comes once too, and they name its place, from 1: the owner is a business and mode, the kind is how it counts.
create function spend_sends_freely(
  p_now timestamptz,
  p_business_id uuid[],
  p_live boolean[],
  p_limit double precision[],
  p_falls text[],
  p_seconds integer[],
  p_send integer[],
  p_credit_max double precision[],
  p_owner integer[],
  p_kind integer[],
  p_key text[],
  p_times integer[],
  -- The sends of which it is kept which counters they were counted in, as far as what becomes of them changes those.
  p_kept_owner integer[],
  p_kept_subject_id uuid[],
  p_kept_keys text[]
) returns boolean
language plpgsql as $$
declare
  v_fits boolean;
begin
  perform set_config('synchronous_commit', 'off', true);
  perform lock_businesses(p_business_id);

  with counter as (
    select p_business_id[c.owner] as business_id, p_live[c.owner] as live, c.key, c.times, c.kind, k.row, k.used,
      k.recent
    from unnest(p_owner, p_kind, p_key, p_times) as c (owner, kind, key, times)
    left join lateral (
      select k.ctid as row, recent.times as recent,
        case p_falls[c.kind]
          when 'window' then cardinality(recent.times)
          when 'clock' then
            case when floor(extract(epoch from k.at) / p_seconds[c.kind]) = floor(extract(epoch from p_now) / p_seconds[c.kind])
              then k.level else 0 end
          else
            case when k.level > 0
              then greatest(0, k.level
                - p_limit[c.kind] * extract(epoch from p_now - k.at)::double precision / p_seconds[c.kind])
              else least(0, k.level
                + p_credit_max[c.kind] * extract(epoch from p_now - k.at)::double precision / p_seconds[c.kind]) end
        end as used
      from guard_counter k
      cross join lateral (
        select case when p_falls[c.kind] = 'window' then array(
          select t from unnest(k.times) as t where t > p_now - p_seconds[c.kind] * interval '1 second' order by t) end
          as times
      ) as recent
      where k.business_id = p_business_id[c.owner] and k.live = p_live[c.owner] and k.key = c.key
      limit 1
    ) as k on true
  ),
  verdict as (
    select bool_and(coalesce(c.used, 0) + c.times <= p_limit[c.kind]) as fits from counter c
  ),
  changed as (
    select c.business_id, c.live, c.key, c.row,
      greatest(-p_credit_max[c.kind], coalesce(c.used, 0) + p_send[c.kind] * c.times) as level,
      case when p_falls[c.kind] = 'window'
        then coalesce(c.recent, '{}') || array_fill(p_now, array[c.times]) end as times
    from counter c
    where (select fits from verdict)
  ),
  updated as (
    update guard_counter k
    set level = c.level, at = p_now, times = c.times
    from changed c
    where k.ctid = c.row and k.business_id = c.business_id and k.live = c.live and k.key = c.key
  ),
  made as (
    insert into guard_counter (business_id, live, key, level, at, times)
    select c.business_id, c.live, c.key, c.level, p_now, c.times
    from changed c
    where c.row is null
  ),
  kept as (
    insert into guard_send (business_id, subject_id, live, at, keys)
    select p_business_id[k.owner], k.subject_id, p_live[k.owner], p_now, k.keys
    from unnest(p_kept_owner, p_kept_subject_id, p_kept_keys) as k (owner, subject_id, keys)
    where (select fits from verdict)
  ),
  read as (
    insert into guard_reading (business_id, log_position, sequence)
    select b.id, log_position(), 0
    from (select distinct id from unnest(p_business_id) as s (id)) as b
    where cardinality(p_kept_owner) > 0 and (select fits from verdict)
      and not exists (select from guard_reading r where r.business_id = b.id)
    on conflict do nothing
  )
  select v.fits into v_fits from verdict v;
  return v_fits;
end $$;
