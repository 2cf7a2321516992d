-- Limits that a business sets on its own keys (an address of the person's device, an account), for starts through the
-- vendors' APIs: a name per application, buckets of so many starts in so many seconds, and what was spent of them.

create table rate_limit (
  business_id uuid not null,
  id uuid not null,
  application_id uuid not null,
  unique_name text not null,
  description text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (business_id, id),
  unique (business_id, application_id, unique_name),
  foreign key (business_id, application_id) references application (business_id, id) on delete cascade
);

create table rate_limit_bucket (
  business_id uuid not null,
  id uuid not null,
  rate_limit_id uuid not null,
  count_max integer not null check (count_max > 0),
  interval_seconds integer not null check (interval_seconds > 0),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (business_id, id),
  foreign key (business_id, rate_limit_id) references rate_limit (business_id, id) on delete cascade
);

create index rate_limit_bucket_limit on rate_limit_bucket (rate_limit_id);

create table rate_limit_use (
  business_id uuid not null,
  bucket_id uuid not null,
  live boolean not null,
  -- MAC of the value: whose address it was is nothing to keep.
  value_mac bytea not null,
  count integer not null,
  ends_at timestamptz not null,
  primary key (business_id, bucket_id, live, value_mac),
  foreign key (business_id, bucket_id) references rate_limit_bucket (business_id, id) on delete cascade
) with (fillfactor = 70);

create index rate_limit_use_end on rate_limit_use (bucket_id, ends_at);

do $$
declare
  name text;
begin
  foreach name in array array['rate_limit', 'rate_limit_bucket', 'rate_limit_use'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy tenant on %I to centang_tenant using (business_id = current_business()) with check (business_id = current_business())',
      name);
    execute format('create policy engine on %I to centang_engine using (true) with check (true)', name);
    execute format('grant select, insert, update, delete on %I to centang_tenant, centang_engine', name);
  end loop;
end $$;
