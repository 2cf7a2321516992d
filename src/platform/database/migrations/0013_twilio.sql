-- What a business sets on its services through the vendor's API and no table held so far.

-- Recipients that the business's own rate limits never hold back.
create table safe_number (
  business_id uuid not null references business (id),
  id uuid not null,
  phone_number text not null,
  created_at timestamptz not null,
  primary key (business_id, id),
  unique (business_id, phone_number)
);

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

-- How new authenticator apps of an application are made when the request does not say. Null: as they are made everywhere.
create table totp_setting (
  business_id uuid not null,
  application_id uuid not null,
  issuer text,
  time_step_seconds smallint,
  code_length smallint,
  skew_steps smallint,
  primary key (business_id, application_id),
  foreign key (business_id, application_id) references application (business_id, id) on delete cascade
);

do $$
declare
  name text;
begin
  foreach name in array array['safe_number', 'messaging_configuration', 'totp_setting'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy tenant on %I to centang_tenant using (business_id = current_business()) with check (business_id = current_business())',
      name);
    execute format('create policy engine on %I to centang_engine using (true) with check (true)', name);
    execute format('grant select, insert, update, delete on %I to centang_tenant, centang_engine', name);
  end loop;
end $$;
