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

select guard_rows('totp_entity');

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

select guard_rows('totp_factor');

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

select guard_rows('totp_challenge');

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

select guard_rows('totp_setting');
