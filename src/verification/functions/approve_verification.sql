-- Approves by the business's word; false when it was too late. The rule is `decideApproval` in core/approve.ts. The
-- recipient's row is not touched, so nothing of the failures is given back; the check count stays as it was.
create function approve_verification(
  p_now timestamptz, p_business_id uuid, p_application_id uuid, p_live boolean, p_id uuid
) returns boolean language plpgsql as $$
declare
  found_code_id uuid;
  found_person text;
  remaining integer;
begin
  select v.code_id, v.person into found_code_id, found_person
  from verification v where v.business_id = p_business_id and v.id = p_id;
  perform lock_recipients(array[p_business_id], array[p_live], array[found_person]);
  perform lock_codes(array[p_business_id], array[found_code_id]);

  update verification v
  set status = 'approved', ended_at = p_now, code_mac = null, code_sealed = null, revision = v.revision + 1,
    -- A code that others share is settled below.
    code_ended_at = case when v.id = v.code_id and not v.code_shared then p_now end,
    due_at = case when v.code_shared then v.due_at end
  where v.business_id = p_business_id and v.id = p_id and v.application_id = p_application_id and v.live = p_live
    and v.status = 'pending' and v.expires_at > p_now and v.transaction is null
  returning v.check_count_max - v.check_count into remaining;
  if not found then
    return false;
  end if;

  insert into event (business_id, live, application_id, subject_kind, subject_id, kind, data, at)
  values (p_business_id, p_live, p_application_id, 'verification', p_id, 'verification.approved',
    jsonb_strip_nulls(jsonb_build_object('checks_remaining', remaining, 'reason', 'approved_by_api',
      'code_id', nullif(found_code_id, p_id))), p_now);
  perform settle_codes(p_now, array[p_business_id], array[p_id], null, null);
  return true;
end $$;
