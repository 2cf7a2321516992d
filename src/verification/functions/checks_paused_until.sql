-- Until when a recipient's checks have to wait; null: not at all. 'infinity': until an operator resets the budget.
create function checks_paused_until(p_failed_at timestamptz[], p_failed_consecutive integer)
returns timestamptz language sql immutable as $$
  select case
    when p_failed_consecutive >= 100 then 'infinity'::timestamptz
    else greatest(
      case when cardinality(p_failed_at) >= 20
        then p_failed_at[cardinality(p_failed_at) - 19] + interval '24 hours' end,
      case when p_failed_consecutive >= 5
        then p_failed_at[cardinality(p_failed_at)]
          + least(interval '1 hour', interval '30 seconds' * (1 << least(p_failed_consecutive - 5, 7))) end)
  end
$$;
