-- Opens accounts, with the rows that their balances stand in. One that is there as it was asked for stays; returns those that
-- are there as something else.
create function open_accounts(
  p_now timestamptz,
  p_business_id uuid,
  p_live boolean,
  p_id uuid[],
  p_owner_business_id uuid[],
  p_kind text[],
  p_currency text[],
  p_balance_min bigint[],
  p_balance_max bigint[],
  p_shard_count smallint[],
  p_metadata jsonb[]
) returns uuid[]
language plpgsql as $$
declare
  v_others uuid[];
begin
  with asked as (
    select * from unnest(p_id, p_owner_business_id, p_kind, p_currency, p_balance_min, p_balance_max, p_shard_count, p_metadata)
      as i (id, owner_business_id, kind, currency, balance_min, balance_max, shard_count, metadata)
  ),
  made as (
    insert into ledger_account (
      business_id, live, id, owner_business_id, kind, currency, balance_min, balance_max, shard_count, metadata, created_at)
    select p_business_id, p_live, i.id, i.owner_business_id, i.kind, i.currency, i.balance_min, i.balance_max, i.shard_count,
      i.metadata, p_now
    from asked i
    order by i.id
    on conflict do nothing
    returning id, owner_business_id, balance_min, balance_max, shard_count
  )
  insert into ledger_balance (business_id, live, account_id, shard, owner_business_id, balance_min, balance_max)
  select p_business_id, p_live, m.id, shard, m.owner_business_id, m.balance_min, m.balance_max
  from made m
  cross join generate_series(0, m.shard_count - 1) as shard;

  select coalesce(array_agg(i.id), '{}') into v_others
  from unnest(p_id, p_owner_business_id, p_kind, p_currency, p_balance_min, p_balance_max, p_shard_count, p_metadata)
    as i (id, owner_business_id, kind, currency, balance_min, balance_max, shard_count, metadata)
  join ledger_account a on a.business_id = p_business_id and a.live = p_live and a.id = i.id
  where (a.owner_business_id, a.kind, a.currency, a.balance_min, a.balance_max, a.shard_count, a.metadata)
    is distinct from (i.owner_business_id, i.kind, i.currency, i.balance_min, i.balance_max, i.shard_count, i.metadata);
  return v_others;
end $$;
