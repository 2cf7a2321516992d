-- Gives back what was counted for a send that did not leave after all.
create function return_sends(
  p_business_id uuid, p_live boolean, p_subject_id uuid, p_is_kept boolean, p_key text[], p_send integer[]
) returns void
language plpgsql as $$
begin
  perform set_config('synchronous_commit', 'off', true);
  perform lock_businesses(array[p_business_id]);

  update guard_counter k
  set level = k.level - i.send, times = trim_array(k.times, least(1, cardinality(k.times)))
  from unnest(p_key, p_send) as i (key, send)
  where k.business_id = p_business_id and k.live = p_live and k.key = i.key;

  if p_is_kept then
    delete from guard_send s where s.business_id = p_business_id and s.subject_id = p_subject_id;
  end if;
end $$;
