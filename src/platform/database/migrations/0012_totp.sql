-- Authenticator apps: a person (entity), their apps (factors) and the questions for a code (challenges).
create table totp_entity (
  business_id uuid not null references business (id),
  id uuid not null,
  application_id uuid not null,
  live boolean not null,
  identity text not null,
  created_at timestamptz not null,
  primary key (business_id, id),
  unique (business_id, application_id, live, identity),
  foreign key (business_id, application_id) references application (business_id, id) on delete cascade
);

create table totp_factor (
  business_id uuid not null,
  id uuid not null,
  entity_id uuid not null,
  friendly_name text not null,
  -- The shared secret, encrypted: a stolen database makes no codes.
  secret_sealed bytea not null,
  config jsonb not null,
  metadata jsonb,
  verified_at timestamptz,
  -- The newest step whose code was taken: no code is taken twice.
  last_step bigint,
  failed_at timestamptz[] not null default '{}',
  failed_consecutive integer not null default 0,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (business_id, id),
  foreign key (business_id, entity_id) references totp_entity (business_id, id) on delete cascade
);
create index totp_factor_of_entity on totp_factor (business_id, entity_id, id);

create table totp_challenge (
  business_id uuid not null,
  id uuid not null,
  factor_id uuid not null,
  details jsonb,
  hidden_details jsonb,
  expires_at timestamptz not null,
  approved_at timestamptz,
  created_at timestamptz not null,
  primary key (business_id, id),
  foreign key (business_id, factor_id) references totp_factor (business_id, id) on delete cascade
);
create index totp_challenge_of_factor on totp_challenge (business_id, factor_id, created_at);

do $$
declare
  name text;
begin
  foreach name in array array['totp_entity', 'totp_factor', 'totp_challenge'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy tenant on %I to centang_tenant using (business_id = current_business()) with check (business_id = current_business())',
      name);
    execute format('create policy engine on %I to centang_engine using (true) with check (true)', name);
    execute format('grant select, insert, update, delete on %I to centang_tenant, centang_engine', name);
  end loop;
end $$;
