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

-- A table that businesses have no part in: only the engine's role sees it. "Force" holds for its owner, too.
create function guard_from_businesses(p_table regclass) returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security', p_table);
  execute format('alter table %s force row level security', p_table);
  execute format('create policy engine on %s to centang_engine using (true) with check (true)', p_table);
  execute format('grant select, insert, update, delete on %s to centang_engine', p_table);
end $$;

-- A table of businesses: each sees and writes the rows that carry its own business_id. Every migration that makes a
-- table calls one of the two.
create function guard_rows(p_table regclass) returns void language plpgsql as $$
begin
  perform guard_from_businesses(p_table);
  execute format(
    'create policy tenant on %s to centang_tenant using (business_id = current_business()) with check (business_id = current_business())',
    p_table);
  execute format('grant select, insert, update, delete on %s to centang_tenant', p_table);
end $$;

-- A partition is read and written by way of its table, whose guard holds; only the engine's role may look into it directly,
-- when it goes.
create function guard_partition(p_partition regclass) returns void language plpgsql as $$
begin
  execute format('grant select, update, delete on %s to centang_engine', p_partition);
end $$;

-- The lowest UUIDv7 of a moment (RFC 9562 §5.7): every id that was made before it is below. With it a look among what is recent
-- opens the youngest partitions only.
create function lowest_id_at(p_at timestamptz) returns uuid language sql immutable as $$
  select (lpad(to_hex((extract(epoch from p_at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

-- A partition of a table that is split by time: by its column of times, or by the time in its UUIDv7 ids. It has the name
-- that says where it begins and ends, and the storage of the partition for the rest. Made beside the table and attached,
-- which locks out nobody who reads or writes it; the indexes come with it. False: it is there.
create function make_partition(p_table regclass, p_from date, p_to date) returns boolean language plpgsql as $$
declare
  name text := format('%s_%s_%s', p_table, to_char(p_from, 'YYYYMMDD'), to_char(p_to, 'YYYYMMDD'));
  is_by_id boolean := (
    select a.atttypid = 'uuid'::regtype
    from pg_partitioned_table p join pg_attribute a on a.attrelid = p.partrelid and a.attnum = p.partattrs[0]
    where p.partrelid = p_table);
  storage text := (
    select 'with (' || array_to_string(c.reloptions, ', ') || ')' from pg_class c
    where c.oid = to_regclass(p_table || '_rest'));
  bounds text[] := (
    select array_agg(
      case when is_by_id then lowest_id_at(day)::text else day::text end
      order by day)
    from unnest(array[p_from::timestamp at time zone 'UTC', p_to::timestamp at time zone 'UTC']) as day);
begin
  if to_regclass(name) is not null then
    return false;
  end if;
  execute format('create table %s (like %s including defaults including constraints) %s', name, p_table, storage);
  execute format('alter table %s attach partition %s for values from (%L) to (%L)', p_table, name, bounds[1], bounds[2]);
  perform guard_partition(name::regclass);
  return true;
end $$;
