-- Until when a recipient's budget of wrong codes is spent; null: it is not. 'infinity': until an operator resets it.
create function budget_spent_until(p_failed_at timestamptz[], p_failed_consecutive integer)
returns timestamptz language sql immutable as $$
  select case
    when p_failed_consecutive >= 100 then 'infinity'::timestamptz
    when cardinality(p_failed_at) >= 20 then p_failed_at[cardinality(p_failed_at) - 19] + interval '24 hours'
  end
$$;
