-- A set of transfers of which none ends a pending transfer, when nothing stands in the way of any of them, in whatever order: nearly
-- always so. False: nothing was written, and `apply_transfers` looks at each. Its caller holds the balances.
create function apply_transfers_freely(
  p_now timestamptz,
  p_business_id uuid[],
  p_live boolean[],
  p_id uuid[],
  p_kind text[],
  p_debit uuid[],
  p_credit uuid[],
  p_amount bigint[],
  p_currency text[],
  p_code text[],
  p_chain_id uuid[],
  p_fingerprint bytea[],
  p_expires_at timestamptz[],
  p_effective_at timestamptz[],
  p_metadata jsonb[]
) returns boolean
language plpgsql
-- Balances are looked up by their key, however small the table was when this was planned.
set enable_hashjoin = off
as $$
declare
  v_fits boolean;
begin
  with item as (
    select i.*, d.owner_business_id as debit_owner, c.owner_business_id as credit_owner,
      (uuid_hash(i.id) & 2147483647) % d.shard_count as debit_shard,
      (uuid_hash(i.id) & 2147483647) % c.shard_count as credit_shard,
      9007199254740991 / d.shard_count as debit_most, 9007199254740991 / c.shard_count as credit_most,
      -- Of an account that is not there nothing is known, and that is not clear.
      coalesce(d.is_open and c.is_open and d.currency = i.currency and c.currency = i.currency, false)
        and t.id is null and r.id is null as is_clear
    from unnest(
      p_business_id, p_live, p_id, p_kind, p_debit, p_credit, p_amount, p_currency, p_code, p_chain_id, p_fingerprint,
      p_expires_at, p_effective_at, p_metadata) with ordinality
      as i (business_id, live, id, kind, debit, credit, amount, currency, code, chain_id, fingerprint, expires_at, effective_at,
        metadata, n)
    left join lateral (
      select a.owner_business_id, a.shard_count, a.currency, a.closed_at is null as is_open
      from ledger_account a
      where a.business_id = i.business_id and a.live = i.live and a.id = i.debit limit 1
    ) as d on true
    left join lateral (
      select a.owner_business_id, a.shard_count, a.currency, a.closed_at is null as is_open
      from ledger_account a
      where a.business_id = i.business_id and a.live = i.live and a.id = i.credit limit 1
    ) as c on true
    left join lateral (
      select t.id from ledger_transfer t
      where t.business_id = i.business_id and t.live = i.live and t.id = i.id limit 1
    ) as t on true
    left join lateral (
      select r.id from ledger_refusal r
      where r.business_id = i.business_id and r.live = i.live and r.id = i.id limit 1
    ) as r on true
  ),
  -- Each side of each transfer, and how the balance stood before.
  leg as (
    select l.*, b.turn, b.credits_posted - b.debits_posted as balance, b.debits_posted as stood_debits_posted,
      b.debits_pending as stood_debits_pending, b.credits_posted as stood_credits_posted,
      b.credits_pending as stood_credits_pending, b.balance_min, b.balance_max
    from (
      select i.n, i.business_id, i.live, i.debit as account_id, i.debit_shard as shard, i.debit_most as most, true as is_debit,
        i.kind, i.amount
      from item i
      union all
      select i.n, i.business_id, i.live, i.credit, i.credit_shard, i.credit_most, false, i.kind, i.amount from item i
    ) as l
    cross join lateral (
      select b.* from ledger_balance b
      where b.business_id = l.business_id and b.live = l.live and b.account_id = l.account_id and b.shard = l.shard limit 1
    ) as b
  ),
  total as (
    select l.business_id, l.live, l.account_id, l.shard, count(*) as turns, min(l.most) as most, min(l.balance) as balance,
      min(l.balance_min) as balance_min, min(l.balance_max) as balance_max,
      min(l.stood_debits_posted) as stood_debits_posted, min(l.stood_debits_pending) as stood_debits_pending,
      min(l.stood_credits_posted) as stood_credits_posted, min(l.stood_credits_pending) as stood_credits_pending,
      coalesce(sum(l.amount) filter (where l.is_debit and l.kind = 'pending'), 0) as debits_pending,
      coalesce(sum(l.amount) filter (where l.is_debit and l.kind = 'single'), 0) as debits_posted,
      coalesce(sum(l.amount) filter (where not l.is_debit and l.kind = 'pending'), 0) as credits_pending,
      coalesce(sum(l.amount) filter (where not l.is_debit and l.kind = 'single'), 0) as credits_posted
    from leg l
    group by l.business_id, l.live, l.account_id, l.shard
  ),
  verdict as (
    select coalesce((select bool_and(one.is_clear) from (
        select bool_and(i.is_clear) and count(*) = 1 as is_clear from item i group by i.business_id, i.live, i.id) as one), false)
      and coalesce((
        select bool_and(
          t.debits_pending + t.debits_posted + t.stood_debits_pending - t.balance <= t.most
          and t.credits_pending + t.credits_posted + t.stood_credits_pending + t.balance <= t.most
          and t.stood_debits_posted + t.stood_debits_pending + t.debits_pending + t.debits_posted <= 4611686018427387904
          and t.stood_credits_posted + t.stood_credits_pending + t.credits_pending + t.credits_posted <= 4611686018427387904
          and coalesce(t.balance - t.stood_debits_pending - t.debits_pending - t.debits_posted >= t.balance_min, true)
          and coalesce(t.balance + t.stood_credits_pending + t.credits_pending + t.credits_posted <= t.balance_max, true))
        from total t), false) as fits
  ),
  updated as (
    update ledger_balance b
    set debits_pending = b.debits_pending + t.debits_pending, debits_posted = b.debits_posted + t.debits_posted,
      credits_pending = b.credits_pending + t.credits_pending, credits_posted = b.credits_posted + t.credits_posted,
      turn = b.turn + t.turns
    from total t
    where (select fits from verdict)
      and b.business_id = t.business_id and b.live = t.live and b.account_id = t.account_id and b.shard = t.shard
  ),
  after as (
    select l.n, l.is_debit, (l.turn + row_number() over earlier)::bigint as turn,
      (l.balance + sum(case when l.kind = 'pending' then 0 when l.is_debit then -l.amount else l.amount end) over earlier)::bigint
        as balance
    from leg l
    window earlier as (partition by l.business_id, l.live, l.account_id, l.shard order by l.n)
  ),
  -- By their places: the planner takes each of these for a few rows, and would join them with each other row by row.
  sides as (
    select array_agg(a.turn order by a.n) filter (where a.is_debit) as debit_turn,
      array_agg(a.balance order by a.n) filter (where a.is_debit) as debit_balance,
      array_agg(a.turn order by a.n) filter (where not a.is_debit) as credit_turn,
      array_agg(a.balance order by a.n) filter (where not a.is_debit) as credit_balance
    from after a
  ),
  moved as (
    insert into ledger_transfer (
      business_id, live, id, kind, debit_account_id, credit_account_id, amount, currency, code, chain_id, fingerprint,
      expires_at, effective_at, created_at, metadata, debit_shard, debit_turn, debit_balance, credit_shard, credit_turn,
      credit_balance)
    select i.business_id, i.live, i.id, i.kind, i.debit, i.credit, i.amount, i.currency, i.code, i.chain_id, i.fingerprint,
      i.expires_at, i.effective_at, p_now, i.metadata, i.debit_shard, s.debit_turn[i.n], s.debit_balance[i.n], i.credit_shard,
      s.credit_turn[i.n], s.credit_balance[i.n]
    from item i
    cross join sides s
    where (select fits from verdict)
    order by i.n
  ),
  pending as (
    insert into ledger_pending (business_id, live, transfer_id, expires_at)
    select i.business_id, i.live, i.id, i.expires_at from item i
    where i.kind = 'pending' and (select fits from verdict)
  ),
  told as (
    insert into event (business_id, live, subject_kind, subject_id, kind, data, at)
    select owner.business_id, i.live, 'transfer', i.id,
      case i.kind when 'pending' then 'transfer.pending' else 'transfer.posted' end,
      jsonb_build_object(
        'amount_minor', i.amount, 'currency', i.currency, 'code', i.code,
        'debit_account_id', 'acc_' || replace(i.debit::text, '-', ''),
        'credit_account_id', 'acc_' || replace(i.credit::text, '-', '')),
      p_now
    from item i
    cross join lateral unnest(
      case when i.debit_owner = i.credit_owner then array[i.debit_owner] else array[i.debit_owner, i.credit_owner] end)
      as owner (business_id)
    where (select fits from verdict) and owner.business_id is not null
    order by i.n
  )
  select v.fits into v_fits from verdict v;
  return v_fits;
end $$;
