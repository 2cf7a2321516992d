-- Two roles. centang_tenant sees the rows of one business, named by the setting centang.business_id;
-- centang_engine runs the few hot functions, which carry business_id themselves. Neither may log in:
-- the server's own user takes them on by SET ROLE. Roles belong to the whole cluster, so they may exist already, made
-- by another installation; who may not make or grant them is told the line that a database administrator has to run.
do $$
begin
  if not exists (select from pg_roles where rolname = 'centang_tenant') then
    create role centang_tenant nologin nosuperuser nobypassrls;
  end if;
  if not exists (select from pg_roles where rolname = 'centang_engine') then
    create role centang_engine nologin nosuperuser nobypassrls;
  end if;
exception
  -- Two servers may be migrating two databases of one cluster in the same moment.
  when duplicate_object or unique_violation then null;
  when insufficient_privilege then
    raise exception 'the user % may not make roles. A database administrator has to run once: CREATE ROLE centang_tenant NOLOGIN; CREATE ROLE centang_engine NOLOGIN; GRANT centang_tenant, centang_engine TO %;',
      current_user, quote_ident(current_user) using errcode = 'insufficient_privilege';
end $$;

do $$
declare
  -- Since 16 whoever made a role is a member of it, but may not take it on.
  privilege text := case when current_setting('server_version_num')::integer >= 160000 then 'SET' else 'MEMBER' end;
begin
  if not (pg_has_role(current_user, 'centang_tenant', privilege) and pg_has_role(current_user, 'centang_engine', privilege)) then
    execute format('grant centang_tenant, centang_engine to %I', current_user);
  end if;
exception
  when insufficient_privilege then
    raise exception 'the user % may not take on the roles centang_tenant and centang_engine. A database administrator has to run once: GRANT centang_tenant, centang_engine TO %;',
      current_user, quote_ident(current_user) using errcode = 'insufficient_privilege';
  when others then
    if sqlerrm not like '%tuple concurrently updated%' then raise; end if;
end $$;

do $$
begin
  execute format('grant usage on schema %I to centang_tenant, centang_engine', current_schema);
end $$;

-- After a transaction the setting is '' and not null; nullif makes both mean "no business".
create function current_business() returns uuid
  language sql stable
  as $$ select nullif(current_setting('centang.business_id', true), '')::uuid $$;

do $$
declare
  name text;
begin
  foreach name in array array[
    'application', 'api_key', 'sender', 'recipient', 'verification', 'delivery', 'early_receipt', 'event', 'idempotency'
  ] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy tenant on %I to centang_tenant using (business_id = current_business()) with check (business_id = current_business())',
      name);
    execute format('create policy engine on %I to centang_engine using (true) with check (true)', name);
    execute format('grant select, insert, update, delete on %I to centang_tenant, centang_engine', name);
  end loop;
end $$;

alter table business enable row level security;
alter table business force row level security;
create policy tenant on business to centang_tenant using (id = current_business());
create policy engine on business to centang_engine using (true) with check (true);
grant select on business to centang_tenant;
grant select, insert, update, delete on business to centang_engine;
