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
  -- A credential of its own, which goes on when the key that put it here is revoked without its children.
  made_by_key_id uuid not null,
  primary key (business_id, id),
  unique (business_id, application_id, live),
  -- A token tells its mode by the key that signed it, so one key never stands for both.
  unique (business_id, application_id, fingerprint),
  foreign key (business_id, application_id) references application (business_id, id) on delete cascade,
  foreign key (business_id, made_by_key_id) references api_key (business_id, id)
);

-- Not unique: the look-up before the business is known may have to ask every shard.
create index public_key_application on public_key (application_id);

select guard_rows('public_key');
