-- Closes an account in which nothing lies and of which nothing is pending: 'ok', also when it was closed before, 'not_found' or
-- 'not_empty'. Whoever moves money holds the balances, so none comes in while it is looked at.
create function close_account(p_now timestamptz, p_business_id uuid, p_live boolean, p_id uuid) returns text
language plpgsql as $$
declare
  v_is_empty boolean;
begin
  perform from ledger_balance b
  where b.business_id = p_business_id and b.live = p_live and b.account_id = p_id
  order by b.shard
  for update;
  select sum(b.credits_posted - b.debits_posted) = 0 and sum(b.debits_pending) = 0 and sum(b.credits_pending) = 0
  into v_is_empty
  from ledger_balance b
  where b.business_id = p_business_id and b.live = p_live and b.account_id = p_id;
  if v_is_empty is null then
    return 'not_found';
  end if;
  if not v_is_empty then
    return 'not_empty';
  end if;
  update ledger_account a set closed_at = coalesce(a.closed_at, p_now)
  where a.business_id = p_business_id and a.live = p_live and a.id = p_id;
  return 'ok';
end $$;
