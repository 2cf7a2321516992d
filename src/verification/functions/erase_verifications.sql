-- Takes a person out of the next so many of their verifications: what is pending ends, and address, metadata, transaction and
-- what providers wrote are overwritten. Status, channel, times and reasons stay. Returns how many it was.
-- Under the person's lock and that of their codes, as every statement that ends a verification. All that share a code are of one
-- address, so of one person: they go together, and the code ends.
create function erase_verifications(
  p_now timestamptz, p_business_id uuid, p_modes boolean[], p_person text, p_before timestamptz, p_limit integer
) returns integer language plpgsql as $$
declare
  ids uuid[];
  code_ids uuid[];
begin
  perform lock_recipients(array_fill(p_business_id, array[cardinality(p_modes)]), p_modes,
    array_fill(p_person, array[cardinality(p_modes)]));

  select array_agg(v.id), array_agg(distinct v.code_id) into ids, code_ids
  from (
    select v.id, v.code_id from verification v
    where v.business_id = p_business_id and v.person = p_person and v.live = any (p_modes) and v.created_at <= p_before
    -- Those that are pending first: of one code all or none.
    order by v.status = 'pending' desc, v.id
    limit p_limit
  ) as v;
  if ids is null then
    return 0;
  end if;
  perform lock_codes(array_fill(p_business_id, array[cardinality(code_ids)]), code_ids);
  -- Their deliveries in the order of the keys, as receipts and whatever else is around a sending take them. Before what they left
  -- behind is looked for: a receipt that is being written has its body in by then, and one that comes later sees who was erased.
  perform 1
  from (
    select d.business_id, d.id
    from (select d.business_id, d.id, d.code_id from delivery d where d.code_id = any (code_ids) offset 0) as d
    where d.business_id = p_business_id
    order by 1, 2
  ) as i
  cross join lateral (
    select from delivery d where d.business_id = i.business_id and d.id = i.id limit 1 for update of d
  ) as locked;

  insert into event (business_id, live, application_id, subject_kind, subject_id, kind, data, at)
  select v.business_id, v.live, v.application_id, 'verification', v.id, 'verification.canceled', '{"reason": "erased"}', p_now
  from verification v
  where v.business_id = p_business_id and v.id = any (ids) and v.status = 'pending';

  update verification v
  set recipient = 'erased', person = 'erased', metadata = null, transaction = null, code_mac = null, code_sealed = null,
    due_at = null, revision = v.revision + 1,
    status = case when v.status = 'pending' then 'canceled' else v.status end,
    ended_at = coalesce(v.ended_at, p_now),
    code_ended_at = case when v.id = v.code_id then coalesce(v.code_ended_at, p_now) end
  where v.business_id = p_business_id and v.id = any (ids);

  -- A provider's id may hold the number. What stands there instead is known by who writes receipts.
  delete from early_receipt e
  where (e.business_id, e.sequence) in (
    select o.business_id, o.sequence
    from delivery d
    join early_receipt o on o.business_id = d.business_id and o.provider_message_id = d.provider_message_id
    where d.business_id = p_business_id and d.code_id = any (code_ids)
    order by 1, 2
    for update of o);

  delete from receipt_body b
  using delivery d
  where d.business_id = p_business_id and d.code_id = any (code_ids)
    and b.business_id = d.business_id and b.delivery_id = d.id;

  update delivery d
  set provider_message_id = 'erased ' || d.id, detail = null
  where d.business_id = p_business_id and d.code_id = any (code_ids);

  update event e
  set data = (
    select jsonb_object_agg(m.key, m.value) from jsonb_each(e.data) as m
    where m.key in ('channel', 'reason', 'provider_code', 'checks_remaining'))
  where e.business_id = p_business_id and e.subject_id = any (ids);
  return cardinality(ids);
end $$;
