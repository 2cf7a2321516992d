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
  primary key (business_id, id),
  foreign key (business_id, application_id) references application (business_id, id)
);

alter table gateway enable row level security;
alter table gateway force row level security;
create policy tenant on gateway to centang_tenant using (business_id = current_business()) with check (business_id = current_business());
create policy engine on gateway to centang_engine using (true) with check (true);
grant select, insert, update, delete on gateway to centang_tenant, centang_engine;
