-- Until when a verification's next check has to wait after so many wrong codes; null: not at all.
create function checks_wait_until(p_wrong_count integer, p_wrong_at timestamptz)
returns timestamptz language sql immutable as $$
  select case when p_wrong_count >= 5
    then p_wrong_at + least(interval '1 hour', interval '30 seconds' * (1 << least(p_wrong_count - 5, 7))) end
$$;
