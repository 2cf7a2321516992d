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

select guard_rows('rate_limit');

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

select guard_rows('rate_limit_bucket');

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

select guard_rows('rate_limit_use');

-- Recipients that the business's own rate limits never hold back.
create table safe_number (
  business_id uuid not null references business (id),
  id uuid not null,
  -- Test and live are two worlds: a test key reads no number of the live one.
  live boolean not null,
  phone_number text not null,
  created_at timestamptz not null,
  primary key (business_id, id),
  unique (business_id, live, phone_number)
);

select guard_rows('safe_number');

-- Which of the vendor's messaging services a country had. Kept for the clients that read it back; it routes nothing.
create table messaging_configuration (
  business_id uuid not null,
  id uuid not null,
  application_id uuid not null,
  country text not null,
  messaging_service_sid text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (business_id, id),
  unique (business_id, application_id, country),
  foreign key (business_id, application_id) references application (business_id, id) on delete cascade
);

select guard_rows('messaging_configuration');

-- What a service has through this API alone, and when it was changed through it.
create table service_setting (
  business_id uuid not null,
  application_id uuid not null,
  custom_code_enabled boolean not null,
  updated_at timestamptz not null,
  primary key (business_id, application_id),
  foreign key (business_id, application_id) references application (business_id, id) on delete cascade
);

select guard_rows('service_setting');
