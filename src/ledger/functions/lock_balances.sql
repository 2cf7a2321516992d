-- Locks every balance that a set of transfers may change, in the order of their keys: so no two sets wait for each other in a
-- circle. Each is looked up by its key, however small the tables were when this was planned.
create function lock_balances(
  p_business_id uuid[], p_live boolean[], p_id uuid[], p_pending_id uuid[], p_debit uuid[], p_credit uuid[]
) returns void
language plpgsql as $$
begin
  perform b.turn
  from (
    select distinct l.business_id, l.live, l.account_id, l.shard
    from (
      select i.business_id, i.live, side.account_id, (uuid_hash(i.id) & 2147483647) % a.shard_count as shard
      from unnest(p_business_id, p_live, p_id, p_debit, p_credit) as i (business_id, live, id, debit, credit)
      cross join lateral unnest(array[i.debit, i.credit]) as side (account_id)
      cross join lateral (
        select a.shard_count from ledger_account a
        where a.business_id = i.business_id and a.live = i.live and a.id = side.account_id limit 1
      ) as a
      union all
      select i.business_id, i.live, side.account_id, side.shard
      from unnest(p_business_id, p_live, p_pending_id) as i (business_id, live, pending_id)
      cross join lateral (
        select t.debit_account_id, t.credit_account_id, t.debit_shard, t.credit_shard from ledger_transfer t
        where t.business_id = i.business_id and t.live = i.live and t.id = i.pending_id limit 1
      ) as t
      cross join lateral unnest(
        array[t.debit_account_id, t.credit_account_id], array[t.debit_shard, t.credit_shard]) as side (account_id, shard)
      where i.pending_id is not null
    ) as l
    order by l.business_id, l.live, l.account_id, l.shard
  ) as l
  cross join lateral (
    select b.turn from ledger_balance b
    where b.business_id = l.business_id and b.live = l.live and b.account_id = l.account_id and b.shard = l.shard
    limit 1
    for update
  ) as b;
end $$;
