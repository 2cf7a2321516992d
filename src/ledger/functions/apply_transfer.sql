-- One transfer, with everything that may be wrong with it in the order of core/results.ts. Whoever calls it holds the balances
-- of its accounts. Where an amount is null, the whole pending transfer is meant; where a code is, the pending transfer's.
create function apply_transfer(
  p_now timestamptz,
  p_business_id uuid,
  p_live boolean,
  p_id uuid,
  p_kind text,
  p_pending_id uuid,
  p_debit uuid,
  p_credit uuid,
  p_amount bigint,
  p_currency text,
  p_code text,
  p_chain_id uuid,
  p_fingerprint bytea,
  p_expires_at timestamptz,
  p_effective_at timestamptz,
  p_metadata jsonb
) returns text
language plpgsql as $$
declare
  -- 2^53 - 1: the largest that every JSON reader reads exactly (RFC 8259 §6). A balance stays within it on either side.
  v_most constant bigint := 9007199254740991;
  -- Half of what the columns hold, so that no sum of two overflows.
  v_turnover_most constant bigint := 4611686018427387904;
  v_fingerprint bytea;
  v_result text;
  v_is_end constant boolean := p_kind in ('post', 'void', 'expire');
  v_begun ledger_transfer;
  v_pending ledger_pending;
  v_debit ledger_account;
  v_credit ledger_account;
  v_from ledger_balance;
  v_to ledger_balance;
  v_debit_id uuid := p_debit;
  v_credit_id uuid := p_credit;
  v_amount bigint := p_amount;
  v_pending_amount bigint := 0;
  v_posted bigint := 0;
  v_debit_shard smallint;
  v_credit_shard smallint;
begin
  select t.fingerprint into v_fingerprint from ledger_transfer t
  where t.business_id = p_business_id and t.live = p_live and t.id = p_id;
  if found then
    return case when v_fingerprint = p_fingerprint then 'exists' else 'exists_with_different_content' end;
  end if;
  select r.fingerprint, r.result into v_fingerprint, v_result from ledger_refusal r
  where r.business_id = p_business_id and r.live = p_live and r.id = p_id;
  if found then
    return case when v_fingerprint = p_fingerprint then v_result else 'exists_with_different_content' end;
  end if;

  if v_is_end then
    select * into v_begun from ledger_transfer t
    where t.business_id = p_business_id and t.live = p_live and t.id = p_pending_id;
    if not found then
      return 'pending_not_found';
    end if;
    if v_begun.kind <> 'pending' then
      return 'not_pending';
    end if;
    v_debit_id := v_begun.debit_account_id;
    v_credit_id := v_begun.credit_account_id;
  end if;

  select * into v_debit from ledger_account a
  where a.business_id = p_business_id and a.live = p_live and a.id = v_debit_id;
  if not found then
    return 'debit_account_not_found';
  end if;
  select * into v_credit from ledger_account a
  where a.business_id = p_business_id and a.live = p_live and a.id = v_credit_id;
  if not found then
    return 'credit_account_not_found';
  end if;
  if not v_is_end and (v_debit.currency <> p_currency or v_credit.currency <> p_currency) then
    return 'currency_differs';
  end if;
  -- What is pending may be voided whatever became of the accounts.
  if p_kind not in ('void', 'expire') then
    if v_debit.closed_at is not null then
      return 'debit_account_closed';
    end if;
    if v_credit.closed_at is not null then
      return 'credit_account_closed';
    end if;
  end if;

  if v_is_end then
    select * into v_pending from ledger_pending p
    where p.business_id = p_business_id and p.live = p_live and p.transfer_id = p_pending_id
    for update;
    if v_pending.status <> 'pending' then
      return 'pending_already_' || v_pending.status;
    end if;
    if p_kind <> 'expire' and v_pending.expires_at <= p_now then
      return 'pending_already_expired';
    end if;
    v_amount := case when p_kind = 'post' then coalesce(p_amount, v_begun.amount) else v_begun.amount end;
    if v_amount > v_begun.amount then
      return 'exceeds_pending';
    end if;
    v_pending_amount := -v_begun.amount;
    v_posted := case when p_kind = 'post' then v_amount else 0 end;
    v_debit_shard := v_begun.debit_shard;
    v_credit_shard := v_begun.credit_shard;
  else
    v_pending_amount := case when p_kind = 'pending' then v_amount else 0 end;
    v_posted := case when p_kind = 'single' then v_amount else 0 end;
    v_debit_shard := (uuid_hash(p_id) & 2147483647) % v_debit.shard_count;
    v_credit_shard := (uuid_hash(p_id) & 2147483647) % v_credit.shard_count;
  end if;

  select * into strict v_from from ledger_balance b
  where b.business_id = p_business_id and b.live = p_live and b.account_id = v_debit_id and b.shard = v_debit_shard;
  select * into strict v_to from ledger_balance b
  where b.business_id = p_business_id and b.live = p_live and b.account_id = v_credit_id and b.shard = v_credit_shard;
  if not v_is_end then
    if v_from.debits_posted - v_from.credits_posted + v_from.debits_pending > v_most / v_debit.shard_count - v_amount
      or v_to.credits_posted - v_to.debits_posted + v_to.credits_pending > v_most / v_credit.shard_count - v_amount
      or v_from.debits_posted + v_from.debits_pending > v_turnover_most - v_amount
      or v_to.credits_posted + v_to.credits_pending > v_turnover_most - v_amount then
      return 'overflows';
    end if;
    if v_from.credits_posted - v_from.debits_posted - v_from.debits_pending - v_amount < v_from.balance_min then
      return 'exceeds_balance';
    end if;
    if v_to.credits_posted - v_to.debits_posted + v_to.credits_pending + v_amount > v_to.balance_max then
      return 'exceeds_limit';
    end if;
  end if;

  update ledger_balance b
  set debits_pending = b.debits_pending + v_pending_amount, debits_posted = b.debits_posted + v_posted, turn = b.turn + 1
  where b.business_id = p_business_id and b.live = p_live and b.account_id = v_debit_id and b.shard = v_debit_shard;
  update ledger_balance b
  set credits_pending = b.credits_pending + v_pending_amount, credits_posted = b.credits_posted + v_posted, turn = b.turn + 1
  where b.business_id = p_business_id and b.live = p_live and b.account_id = v_credit_id and b.shard = v_credit_shard;

  insert into ledger_transfer (
    business_id, live, id, kind, pending_id, debit_account_id, credit_account_id, amount, currency, code, chain_id,
    fingerprint, expires_at, effective_at, created_at, metadata, debit_shard, debit_turn, debit_balance, credit_shard,
    credit_turn, credit_balance)
  values (
    p_business_id, p_live, p_id, p_kind, p_pending_id, v_debit_id, v_credit_id, v_amount, v_debit.currency,
    coalesce(p_code, v_begun.code),
    p_chain_id, p_fingerprint, p_expires_at, p_effective_at, p_now, p_metadata,
    v_debit_shard, v_from.turn + 1, v_from.credits_posted - v_from.debits_posted - v_posted,
    v_credit_shard, v_to.turn + 1, v_to.credits_posted - v_to.debits_posted + v_posted);
  if p_kind = 'pending' then
    insert into ledger_pending (business_id, live, transfer_id, expires_at) values (p_business_id, p_live, p_id, p_expires_at);
  elsif v_is_end then
    update ledger_pending p
    set status = case p_kind when 'post' then 'posted' when 'void' then 'voided' else 'expired' end, ended_by = p_id
    where p.business_id = p_business_id and p.live = p_live and p.transfer_id = p_pending_id;
  end if;
  insert into event (business_id, live, subject_kind, subject_id, kind, data, at)
  select distinct on (owner_id) owner_id, p_live, 'transfer', p_id,
    'transfer.' || case p_kind when 'pending' then 'pending' when 'void' then 'voided' when 'expire' then 'expired' else 'posted' end,
    jsonb_build_object(
      'amount_minor', v_amount, 'currency', v_debit.currency, 'code', coalesce(p_code, v_begun.code),
      'debit_account_id', 'acc_' || replace(v_debit_id::text, '-', ''),
      'credit_account_id', 'acc_' || replace(v_credit_id::text, '-', '')),
    p_now
  from unnest(array[v_debit.owner_business_id, v_credit.owner_business_id]) as owner_id
  where owner_id is not null;
  return 'ok';
end $$;
