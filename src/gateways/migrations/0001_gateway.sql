-- Where an auth server that signs its calls, instead of carrying an API key, has its codes delivered.
create table gateway (
  business_id uuid not null references business (id),
  id uuid not null,
  application_id uuid not null,
  live boolean not null,
  system text not null,
  -- What it signs with. AES-256-GCM under the master key; the version in front says which one.
  secret_sealed bytea not null,
  created_at timestamptz not null,
  -- A gateway is a credential of its own and goes on when the key that made it is revoked: whose it is has to be seen.
  made_by_key_id uuid not null,
  primary key (business_id, id),
  foreign key (business_id, application_id) references application (business_id, id),
  foreign key (business_id, made_by_key_id) references api_key (business_id, id)
);

-- A call names only the gateway. Not unique: every unique key begins with business_id, and the look-up before the
-- business is known may have to ask every shard. It is asked once in some seconds for a gateway, not for every call.
create index gateway_id on gateway (id);

select guard_rows('gateway');
