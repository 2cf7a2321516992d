-- Checks a set of codes in one round trip. A set holds each verification and each recipient at most once.
-- The recipients are locked first, so that a check spends the verification's checks and the
-- recipient's failure budget and decides, together; nothing is answered before the commit.
-- The rule is `decideCheck` in core/check.ts; the two are tested against each other.
create function check_codes(
  p_now timestamptz,
  p_n integer[],
  p_business_id uuid[],
  p_live boolean[],
  p_id uuid[],
  p_idempotency_key text[],
  p_fingerprint bytea[],
  -- The MACs of the guess, one for each key version in use.
  p_mac_n integer[],
  p_mac_version integer[],
  p_mac bytea[]
) returns table (n integer, outcome text, status text, checks_remaining integer, retry_at timestamptz, answer jsonb)
language plpgsql as $$
#variable_conflict use_column
declare
  business_ids uuid[];
  lives boolean[];
  people text[];
  code_ids uuid[];
  are_shared boolean;
begin
  select array_agg(v.business_id), array_agg(v.live), array_agg(v.person), array_agg(v.code_id),
    coalesce(bool_or(v.code_shared or v.code_id <> v.id), false)
  into business_ids, lives, people, code_ids, are_shared
  from unnest(p_business_id, p_id) as i (business_id, id)
  cross join lateral (
    select v.business_id, v.live, v.person, v.id, v.code_id, v.code_shared
    from verification v
    where v.business_id = i.business_id and v.id = i.id
    limit 1
  ) as v;
  perform lock_recipients(business_ids, lives, people);
  if are_shared then
    perform lock_codes(business_ids, code_ids);
  end if;

  return query
  with input as (
    select *
    from unnest(p_n, p_business_id, p_live, p_id, p_idempotency_key, p_fingerprint)
      as i (n, business_id, live, id, idempotency_key, fingerprint)
  ),
  decided as (
    select
      i.n, i.business_id, i.id, i.idempotency_key, i.fingerprint,
      v.ctid as verification_row, r.ctid as recipient_row,
      v.live, v.recipient, v.status, v.check_count, v.check_count_max,
      r.failed_at, r.failed_consecutive,
      used.answer as used_answer,
      spent.until as spent_until, waiting.until as waiting_until,
      row_number() over (partition by v.business_id, v.live, v.person order by i.n) as turn,
      case
        when used.key is not null and used.fingerprint <> i.fingerprint then 'idempotency_key_reused'
        when used.key is not null then 'replayed'
        when v.id is null then 'verification_not_found'
        when v.status = 'blocked' and v.check_count >= v.check_count_max then 'check_limit_reached'
        when v.status = 'expired' then 'verification_expired'
        when v.status <> 'pending' then 'verification_closed'
        when v.expires_at <= p_now then 'verification_expired'
        when spent.until = 'infinity' then 'recipient_disabled'
        when spent.until > p_now then 'recipient_budget_spent'
        when waiting.until > p_now then 'checks_paused'
        -- Somebody joined this code after it was looked at above, and before the lock: the others must be locked too.
        when (v.code_shared or v.code_id <> v.id) and not are_shared then 'again'
        -- A server without the key of this code can't tell right from wrong, so it decides and spends nothing.
        when m.n is null then 'key_unavailable'
        when m.mac = v.code_mac then 'approved'
        else 'wrong'
      end as outcome
    from input i
    left join lateral (
      select k.key, k.fingerprint, k.answer
      from idempotency k
      where k.business_id = i.business_id and k.key = i.idempotency_key
      limit 1
    ) as used on true
    left join lateral (
      select v.ctid, v.*
      from verification v
      where v.business_id = i.business_id and v.id = i.id and v.live = i.live
      limit 1
    ) as v on true
    left join unnest(p_mac_n, p_mac_version, p_mac) as m (n, version, mac) on m.n = i.n and m.version = v.key_version
    left join lateral (
      select r.ctid, r.failed_at, r.failed_consecutive
      from recipient r
      where r.business_id = v.business_id and r.live = v.live and r.person = v.person
      limit 1
    ) as r on true
    left join lateral (select budget_spent_until(r.failed_at, r.failed_consecutive) as until) as spent on true
    left join lateral (select checks_wait_until(v.check_count, v.wrong_at) as until) as waiting on true
  ),
  -- The guard is repeated here, on the row as it is now.
  spent as (
    update verification v
    set
      check_count = v.check_count + 1,
      wrong_at = case when d.outcome = 'wrong' then p_now else v.wrong_at end,
      status = now.status,
      ended_at = case when now.is_over then p_now end,
      code_mac = case when now.is_over then null else v.code_mac end,
      code_sealed = case when now.is_over then null else v.code_sealed end,
      -- With nobody else in it the code ends as well; a shared one is settled below.
      due_at = case when now.is_over and not v.code_shared then null else v.due_at end,
      code_ended_at = case when now.is_over and not v.code_shared and v.id = v.code_id then p_now else v.code_ended_at end
    from decided d
    cross join lateral (
      select
        case when d.outcome = 'approved' then 'approved'
          when d.check_count + 1 >= d.check_count_max then 'blocked' else 'pending' end as status,
        d.outcome = 'approved' or d.check_count + 1 >= d.check_count_max as is_over
    ) as now
    where d.outcome in ('approved', 'wrong') and d.turn = 1
      and v.ctid = d.verification_row and v.business_id = d.business_id and v.id = d.id
      and v.ended_at is null and v.check_count = d.check_count and v.expires_at > p_now
    returning d.n, d.outcome, d.recipient_row, v.business_id, v.live, v.application_id, v.id, v.status,
      (v.check_count_max - v.check_count)::integer as checks_remaining,
      nullif(v.code_id, v.id) as code_id
  ),
  budget as (
    update recipient r
    set
      failed_at = case when s.outcome = 'wrong'
        then (r.failed_at || p_now)[greatest(1, cardinality(r.failed_at) - 18):] else r.failed_at end,
      failed_consecutive = case when s.outcome = 'wrong' then r.failed_consecutive + 1 else 0 end
    from spent s
    where r.ctid = s.recipient_row
      -- A right code of somebody who made no mistake changes nothing.
      and (s.outcome = 'wrong' or r.failed_consecutive > 0)
  ),
  told as (
    insert into event (business_id, live, application_id, subject_kind, subject_id, kind, data, at)
    select s.business_id, s.live, s.application_id, 'verification', s.id,
      case when s.outcome = 'approved' then 'verification.approved'
        when s.status = 'blocked' then 'verification.blocked' else 'verification.check_failed' end,
      jsonb_strip_nulls(jsonb_build_object('checks_remaining', s.checks_remaining,
        -- For who learns from it what became of the code's messages.
        'code_id', case when s.outcome = 'approved' then s.code_id end)), p_now
    from spent s
  ),
  remembered as (
    insert into idempotency (business_id, key, fingerprint, subject_id, answer, created_at)
    select d.business_id, d.idempotency_key, d.fingerprint, d.id,
      jsonb_build_object('outcome', s.outcome, 'status', s.status, 'checks_remaining', s.checks_remaining), p_now
    from spent s
    join decided d using (n)
    where d.idempotency_key is not null
  )
  select
    d.n,
    -- Somebody else was faster, or shares the recipient with a row before it: ask again.
    case when d.outcome in ('approved', 'wrong') and s.n is null then 'again' else d.outcome end,
    coalesce(s.status, d.status),
    coalesce(s.checks_remaining, (d.check_count_max - d.check_count)::integer),
    case d.outcome when 'recipient_budget_spent' then d.spent_until when 'checks_paused' then d.waiting_until end,
    d.used_answer
  from decided d
  left join spent s using (n);

  if are_shared then
    perform settle_codes(p_now, p_business_id, p_id, null, null);
  end if;
end $$;
