-- Counts a set of sends, each in all of its counters or in none: it is refused when one that is enforced is over its
-- limit. Those of the set that share a counter are taken in their order; who would only fit in if one before it were
-- refused is to be asked again. The rule is `spend` in core/counter.ts; the two are tested against each other.
-- Nothing is joined: the planner knows neither how many sends there are nor how many counters, and windows cost the same.
create function spend_sends(
  p_now timestamptz,
  p_business_id uuid[],
  p_live boolean[],
  p_subject_id uuid[],
  -- Is it kept which counters it was counted in? What becomes of it changes them.
  p_is_kept boolean[],
  -- The counters, each with the place of its send in the arrays above, from 1.
  p_n integer[],
  p_key text[],
  p_limit double precision[],
  p_falls text[],
  p_seconds integer[],
  p_send integer[],
  p_credit_max double precision[],
  p_is_enforced boolean[]
) returns table (n integer, outcome text, refused_by integer, retry_after double precision, recorded_by integer[])
language plpgsql as $$
#variable_conflict use_column
begin
  -- What is lost by a crash of the database is a moment's counting; no start waits for the disk for it.
  perform set_config('synchronous_commit', 'off', true);
  perform lock_businesses(p_business_id);

  return query
  with charge as (
    select c.*, p_business_id[c.n] as business_id, p_live[c.n] as live,
      row_number() over (partition by p_business_id[c.n], p_live[c.n], c.key order by c.n) as turn
    from (
      select c.n, c.key collate "C" as key, c."limit", c.falls, c.seconds, c.send, c.credit_max, c.is_enforced, c.place::integer
      from unnest(p_n, p_key, p_limit, p_falls, p_seconds, p_send, p_credit_max, p_is_enforced) with ordinality
        as c (n, key, "limit", falls, seconds, send, credit_max, is_enforced, place)
    ) as c
  ),
  -- Each counter is looked up once, for the first of its sends.
  counter as (
    select c.*, k.row, k.used, k.times
    from charge c
    left join lateral (
      select k.ctid as row, recent.times,
        case c.falls
          when 'window' then cardinality(recent.times)
          when 'clock' then
            case when floor(extract(epoch from k.at) / c.seconds) = floor(extract(epoch from p_now) / c.seconds)
              then k.level else 0 end
          else
            case when k.level > 0
              then greatest(0, k.level - c."limit" * extract(epoch from p_now - k.at)::double precision / c.seconds)
              else least(0, k.level + c.credit_max * extract(epoch from p_now - k.at)::double precision / c.seconds) end
        end as used
      from guard_counter k
      cross join lateral (
        select case when c.falls = 'window' then array(
          select t from unnest(k.times) as t where t > p_now - c.seconds * interval '1 second' order by t) end as times
      ) as recent
      where c.turn = 1 and k.business_id = c.business_id and k.live = c.live and k.key = c.key
      limit 1
    ) as k on true
  ),
  shared as (
    select c.n, c.key, c."limit", c.falls, c.seconds, c.send, c.credit_max, c.is_enforced, c.place, c.business_id, c.live,
      c.turn,
      first_value(c.row) over same as row,
      first_value(c.times) over same as times,
      coalesce(first_value(c.used) over same, 0) as used
    from counter c
    window same as (partition by c.business_id, c.live, c.key order by c.n)
  ),
  judged as (
    select s.*,
      s.used + s.turn > s."limit" as is_over,
      s.is_enforced and s.used + 1 > s."limit" as is_refusing,
      bool_or(s.is_enforced and s.used + s.turn > s."limit") over (partition by s.n) as is_held
    from shared s
  ),
  changed as (
    select j.business_id, j.live, j.key, min(j.row) as row,
      greatest(-min(j.credit_max), min(j.used) + sum(j.send)) as level,
      case when min(j.falls) = 'window'
        then coalesce(min(j.times), '{}') || array_fill(p_now, array[count(*)::integer]) end as times
    from judged j
    where not j.is_held and not j.is_over
    group by j.business_id, j.live, j.key
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
    select p_business_id[j.n], p_subject_id[j.n], p_live[j.n], p_now, string_agg(j.key, ',')
    from judged j
    where p_is_kept[j.n] and not j.is_held and not j.is_over
    group by j.n
  ),
  read as (
    insert into guard_reading (business_id, log_position, sequence)
    select b.id, log_position(), 0
    from (select distinct id from unnest(p_business_id, p_is_kept) as s (id, is_kept) where s.is_kept) as b
    where not exists (select from guard_reading r where r.business_id = b.id)
    on conflict do nothing
  )
  select
    j.n,
    case when not bool_or(j.is_held) then 'allowed' when bool_or(j.is_refusing) then 'refused' else 'again' end,
    min(j.place) filter (where j.is_refusing),
    max(case
      when not j.is_refusing then null
      when j."limit" < 1 then j.seconds
      when j.falls = 'window' then
        extract(epoch from j.times[greatest(1, cardinality(j.times) - floor(j."limit")::integer + 1)] - p_now) + j.seconds
      when j.falls = 'clock' then
        (floor(extract(epoch from p_now) / j.seconds) + 1) * j.seconds - extract(epoch from p_now)
      else (j.used + 1 - j."limit") * j.seconds / j."limit"
    end)::double precision,
    array_agg(j.place) filter (where j.is_over and not j.is_enforced)
  from judged j
  group by j.n;
end $$;
