-- What the vendors' clients sign in with, and how they spell ids that are not ours.

-- The public half of the key pair that signs a client's JWTs: one for each application and mode.
create table public_key (
  business_id uuid not null references business (id),
  id uuid not null,
  application_id uuid not null,
  live boolean not null,
  -- SubjectPublicKeyInfo.
  pem text not null,
  -- SHA-256 of its DER form.
  fingerprint bytea not null,
  created_at timestamptz not null,
  primary key (business_id, id),
  unique (business_id, application_id, live),
  -- A token tells its mode by the key that signed it, so one key never stands for both.
  unique (business_id, application_id, fingerprint),
  foreign key (business_id, application_id) references application (business_id, id)
);

-- Not unique: the look-up before the business is known may have to ask every shard.
create index public_key_application on public_key (application_id);

-- Message Central's clients hold a verification's id as a number: 48 random bits of ours.
create table verification_number (
  business_id uuid not null,
  number bigint not null,
  verification_id uuid not null,
  primary key (business_id, number),
  foreign key (business_id, verification_id) references verification (business_id, id) on delete cascade
);

do $$
declare
  name text;
begin
  foreach name in array array['public_key', 'verification_number'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy tenant on %I to centang_tenant using (business_id = current_business()) with check (business_id = current_business())',
      name);
    execute format('create policy engine on %I to centang_engine using (true) with check (true)', name);
    execute format('grant select, insert, update, delete on %I to centang_tenant, centang_engine', name);
  end loop;
end $$;
