create table business (
  id uuid primary key,
  name text not null,
  created_at timestamptz not null
);

-- A business reads its own row and writes none.
select guard_from_businesses('business');
create policy tenant on business to centang_tenant using (id = current_business());
grant select on business to centang_tenant;

create table application (
  business_id uuid not null references business (id),
  id uuid not null,
  name text not null,
  brand text not null,
  locale text not null,
  -- Domain of the origin-bound last line of an SMS; null: no such line.
  domain text,
  -- Of the pages that its customers see: #rrggbb, and a picture as a data: URL of some kilobytes.
  color text,
  logo text,
  policy jsonb not null,
  workflow jsonb not null,
  created_at timestamptz not null,
  primary key (business_id, id)
);

select guard_rows('application');

create table api_key (
  business_id uuid not null references business (id),
  id uuid not null,
  application_id uuid not null,
  live boolean not null,
  -- SHA-256 of the whole key: 256 random bits need no slow hash.
  hash bytea not null,
  -- The last four characters, to tell keys apart in a list.
  hint text not null,
  -- Sets of permissions: verify, chat, read, admin.
  scopes text[] not null check (scopes <@ array['verify', 'chat', 'read', 'admin'] and cardinality(scopes) > 0),
  -- Addresses and ranges it may be used from; null: any.
  allowed_addresses text[],
  -- The key that made it; null: the operator did.
  made_by_key_id uuid,
  created_at timestamptz not null,
  expires_at timestamptz,
  -- Within a minute or so.
  last_used_at timestamptz,
  revoked_at timestamptz,
  -- When it was revoked together with everything that it had made: what carries its id as its maker is worth nothing.
  children_revoked_at timestamptz,
  primary key (business_id, id),
  foreign key (business_id, application_id) references application (business_id, id)
);

-- Not unique: the look-up before the business is known may have to ask every shard.
create index api_key_hash on api_key (hash);

select guard_rows('api_key');
