-- Writes an event that a rule was broken, unless one of the same key was written in the last hour.
create function tell_rule(
  p_now timestamptz, p_id uuid, p_business_id uuid, p_live boolean, p_application_id uuid, p_key text, p_kind text,
  p_data jsonb
) returns boolean
language plpgsql as $$
begin
  insert into guard_told as t (business_id, live, key, at)
  values (p_business_id, p_live, p_key, p_now)
  on conflict (business_id, live, key) do update set at = p_now where t.at <= p_now - interval '1 hour';
  if not found then
    return false;
  end if;
  insert into event (business_id, live, application_id, subject_kind, subject_id, kind, data, at)
  values (p_business_id, p_live, p_application_id, 'guard_notice', p_id, p_kind, p_data, p_now);
  return true;
end $$;
