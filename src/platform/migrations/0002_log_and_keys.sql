-- Every primary and unique key of a table that holds rows of businesses begins with business_id, so that the schema can
-- be distributed by it (Citus). Ids are UUIDv7 made by the server. Times come from the server's clock as parameters.

-- What each version of the master key makes of a fixed text: a server that has another key under that version is
-- refused at its start, instead of calling every code wrong and every credential unreadable.
create table key_check (
  version integer primary key,
  mac bytea not null,
  created_at timestamptz not null default now()
);

select guard_from_businesses('key_check');

-- Keys of the server that are made with the database. AES-256-GCM under the master key; the version in front says which one.
create table secret (
  name text primary key,
  sealed bytea not null
);

select guard_from_businesses('secret');

-- Numbers of transactions begin anew where a backup is restored into another cluster, and come again where a restore goes
-- back in time. So each place where the log was ever written has a number of its own, the epoch (begin-epoch.ts); the
-- newest one is in the body of `current_epoch`, where it costs an insert nothing.
create table log_epoch (
  epoch integer primary key,
  database_oid oid not null,
  -- Null: not every PostgreSQL tells it.
  system_identifier bigint,
  timeline integer,
  begun_at timestamptz not null default now()
);

select guard_from_businesses('log_epoch');

-- Not immutable, or plans that were made before would keep the epoch they were made in.
create function current_epoch() returns bigint language sql stable as 'select 1::bigint';

-- Where in the log a transaction writes: 15 bits of epoch, 48 bits of transaction.
create function log_position() returns bigint language sql volatile as 'select (current_epoch() << 48) + txid_current()';

-- A reader who stays below it sees every event once and in order: below the oldest transaction that still runs.
create function log_horizon() returns bigint language sql stable
  as 'select (current_epoch() << 48) + txid_snapshot_xmin(txid_current_snapshot())';

-- The one log of what happened. Every module writes to it in the transaction of what happened; streams, webhooks and
-- figures read from it. It refers to no table: what it tells of may be gone.
create table event (
  business_id uuid not null,
  -- 'verification', 'message', 'factor', …: whose id subject_id is.
  subject_id uuid not null,
  sequence bigint generated always as identity,
  log_position bigint not null default log_position(),
  at timestamptz not null,
  live boolean not null,
  subject_kind text not null,
  kind text not null,
  -- Null: of no application, as what is said in chats.
  application_id uuid,
  -- The part of the subject that it is about: a delivery of a verification, a challenge of an authenticator app.
  part_id uuid,
  data jsonb,
  -- When we wrote it, by the database's clock; `at` may be the clock of a vendor. The partitions go by it.
  recorded_at timestamptz not null default now(),
  primary key (business_id, subject_id, sequence, recorded_at)
) partition by range (recorded_at);

-- What fits into none of the others, which the server makes ahead and drops (platform/retention).
create table event_rest partition of event default;

select guard_partition('event_rest');

create index event_order on event (business_id, log_position, sequence);
-- The few that tell how a sending ended: who learns from those reads them again and again, second after second.
create index event_outcome on event (business_id, log_position, sequence)
  where kind in ('verification.approved', 'delivery.failed');

select guard_rows('event');

-- The last event of each business that is not kept any more: a reader who comes back with a cursor before it has missed
-- something.
create table event_floor (
  business_id uuid primary key,
  log_position bigint not null,
  sequence bigint not null
);

select guard_rows('event_floor');

create table idempotency (
  business_id uuid not null,
  -- What stands for it (`People`): a key may be made of somebody's number.
  key text not null,
  -- HMAC of method, path and body: a plain hash of a check would give the code away.
  fingerprint bytea not null,
  -- What the request made or was about, where the answer is read from it anew; of the operator's, whose people it may name.
  subject_id uuid,
  answer jsonb,
  created_at timestamptz not null,
  primary key (business_id, key)
);

create index idempotency_created on idempotency (created_at);

select guard_rows('idempotency');

-- Who was erased: whatever an older backup still has of them goes again (`centang restore --erasures`).
create table erasure (
  business_id uuid not null,
  id uuid not null,
  -- By a live key: of both worlds. By a test key: of the test's.
  live boolean not null,
  -- A MAC (`People`).
  person_key text not null,
  erased_at timestamptz not null,
  -- Null: replayed after a restore.
  key_id uuid,
  primary key (business_id, id)
);

create index erasure_erased on erasure (erased_at);

select guard_rows('erasure');
