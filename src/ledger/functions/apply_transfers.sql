-- A set of transfers in their order, each alone, or with those that it is linked to: all of them or none. What was refused for
-- how things stood is kept, so that it stays refused. Returns what became of each.
create function apply_transfers(
  p_now timestamptz,
  p_business_id uuid[],
  p_live boolean[],
  p_id uuid[],
  p_kind text[],
  p_pending_id uuid[],
  p_debit uuid[],
  p_credit uuid[],
  p_amount bigint[],
  p_currency text[],
  p_code text[],
  -- The first of those that it is linked to; null: it is alone.
  p_chain_id uuid[],
  p_fingerprint bytea[],
  p_expires_at timestamptz[],
  p_effective_at timestamptz[],
  p_metadata jsonb[],
  -- Linked to the one after it.
  p_is_linked boolean[]
) returns text[]
language plpgsql as $$
declare
  v_count constant integer := cardinality(p_id);
  v_results text[] := array_fill('linked_transfer_refused'::text, array[v_count]);
  v_half integer := v_count / 2;
  v_result text;
  v_is_refused boolean := false;
begin
  perform lock_balances(p_business_id, p_live, p_id, p_pending_id, p_debit, p_credit);
  if v_count > 1 and not (p_kind && array['post', 'void', 'expire']) and apply_transfers_freely(
    p_now, p_business_id, p_live, p_id, p_kind, p_debit, p_credit, p_amount, p_currency, p_code, p_chain_id, p_fingerprint,
    p_expires_at, p_effective_at, p_metadata) then
    return array_fill('ok'::text, array[v_count]);
  end if;

  -- The halves, one after the other: what stands in the way of one transfer stands in the way of few others. A hot balance that
  -- every transfer writes by itself has more versions with each, which the next one has to look through.
  while v_half < v_count and p_is_linked[v_half] loop
    v_half := v_half + 1;
  end loop;
  if v_half = v_count then
    v_half := v_count / 2;
    while v_half > 0 and p_is_linked[v_half] loop
      v_half := v_half - 1;
    end loop;
  end if;
  if v_half > 0 and v_half < v_count then
    return apply_transfers(
      p_now, p_business_id[:v_half], p_live[:v_half], p_id[:v_half], p_kind[:v_half], p_pending_id[:v_half], p_debit[:v_half],
      p_credit[:v_half], p_amount[:v_half], p_currency[:v_half], p_code[:v_half], p_chain_id[:v_half], p_fingerprint[:v_half],
      p_expires_at[:v_half], p_effective_at[:v_half], p_metadata[:v_half], p_is_linked[:v_half])
    || apply_transfers(
      p_now, p_business_id[v_half + 1:], p_live[v_half + 1:], p_id[v_half + 1:], p_kind[v_half + 1:], p_pending_id[v_half + 1:],
      p_debit[v_half + 1:], p_credit[v_half + 1:], p_amount[v_half + 1:], p_currency[v_half + 1:], p_code[v_half + 1:],
      p_chain_id[v_half + 1:], p_fingerprint[v_half + 1:], p_expires_at[v_half + 1:], p_effective_at[v_half + 1:],
      p_metadata[v_half + 1:], p_is_linked[v_half + 1:]);
  end if;

  -- One chain is left.
  begin
    for n in 1..v_count loop
      v_result := apply_transfer(
        p_now, p_business_id[n], p_live[n], p_id[n], p_kind[n], p_pending_id[n], p_debit[n], p_credit[n], p_amount[n],
        p_currency[n], p_code[n], p_chain_id[n], p_fingerprint[n], p_expires_at[n], p_effective_at[n], p_metadata[n]);
      -- Of a repeated chain each is there, of a new one none.
      if v_result in ('ok', 'exists') and n > 1 and v_results[1] in ('ok', 'exists') and v_result <> v_results[1] then
        v_result := 'exists_with_different_content';
      end if;
      v_results[n] := v_result;
      -- Of a chain that is asked for again after it was refused, the one that was at fault comes later.
      if v_result = 'linked_transfer_refused' then
        v_is_refused := true;
      elsif v_result not in ('ok', 'exists') then
        raise exception 'refused' using errcode = 'LG001';
      end if;
    end loop;
    if v_is_refused then
      raise exception 'refused' using errcode = 'LG001';
    end if;
  exception when sqlstate 'LG001' then
    for n in 1..v_count loop
      if v_results[n] in ('ok', 'exists') and v_count > 1 then
        v_results[n] := 'linked_transfer_refused';
      end if;
    end loop;
    insert into ledger_refusal (business_id, live, id, fingerprint, result, at)
    select p_business_id[n], p_live[n], p_id[n], p_fingerprint[n], v_results[n], p_now
    from generate_series(1, v_count) as n
    where v_results[n] <> 'exists_with_different_content'
      and not exists (
        select from ledger_transfer t where t.business_id = p_business_id[n] and t.live = p_live[n] and t.id = p_id[n])
    on conflict do nothing;
  end;
  return v_results;
end $$;
