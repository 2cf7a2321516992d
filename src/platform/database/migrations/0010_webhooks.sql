-- Where a business wants to hear of its events. Its events are found by a cursor, so that nothing is written for it
-- where they happen; below the oldest running transaction each comes once (event.transaction).
create table webhook_endpoint (
  business_id uuid not null references business (id),
  id uuid not null,
  live boolean not null,
  url text not null,
  -- Kinds (`verification.approved`) and groups of them (`delivery.*`).
  events text[] not null,
  -- The secret and, for a day, the one before it; AES-256-GCM under the master key.
  secrets_sealed bytea not null,
  previous_secret_until timestamptz,
  -- The last event that was looked at.
  seen_transaction xid8 not null,
  seen_sequence bigint not null,
  created_at timestamptz not null,
  disabled_at timestamptz,
  disabled_reason text check (disabled_reason in ('by_request', 'gone', 'failing')),
  primary key (business_id, id),
  check ((disabled_at is null) = (disabled_reason is null))
);

-- One row an endpoint and event, and the row is the job. What it says is read from the event when it is sent.
create table webhook_delivery (
  business_id uuid not null,
  -- Also the webhook-id: the same each time it is sent.
  id uuid not null,
  endpoint_id uuid not null,
  verification_id uuid not null,
  event_sequence bigint not null,
  status text not null check (status in ('pending', 'delivered', 'failed')),
  send_count smallint not null default 0,
  -- When it is sent next; while it is sent, when somebody else may take it over.
  due_at timestamptz,
  -- What came of the last sending: the status of the answer, or why there was none.
  response_status smallint,
  problem text,
  created_at timestamptz not null,
  sent_at timestamptz,
  settled_at timestamptz,
  primary key (business_id, id),
  unique (business_id, verification_id, event_sequence, endpoint_id),
  foreign key (business_id, endpoint_id) references webhook_endpoint (business_id, id),
  check ((status = 'pending') = (due_at is not null)),
  check ((status = 'pending') = (settled_at is null))
) with (fillfactor = 80);

create index webhook_delivery_due on webhook_delivery (endpoint_id, due_at) where due_at is not null;
create index webhook_delivery_endpoint on webhook_delivery (endpoint_id, id);
create index webhook_delivery_settled on webhook_delivery (settled_at) where settled_at is not null;

do $$
declare
  name text;
begin
  foreach name in array array['webhook_endpoint', 'webhook_delivery'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy tenant on %I to centang_tenant using (business_id = current_business()) with check (business_id = current_business())',
      name);
    execute format('create policy engine on %I to centang_engine using (true) with check (true)', name);
    execute format('grant select, insert, update, delete on %I to centang_tenant, centang_engine', name);
  end loop;
end $$;

-- Who is asked before a verification is sent: one an application and mode.
create table pre_send_hook (
  business_id uuid not null,
  application_id uuid not null,
  live boolean not null,
  url text not null,
  secrets_sealed bytea not null,
  -- What holds when there is no answer in time.
  on_failure text not null check (on_failure in ('allow', 'deny')),
  created_at timestamptz not null,
  primary key (business_id, application_id, live),
  foreign key (business_id, application_id) references application (business_id, id)
);

alter table pre_send_hook enable row level security;
alter table pre_send_hook force row level security;
create policy tenant on pre_send_hook to centang_tenant
  using (business_id = current_business()) with check (business_id = current_business());
create policy engine on pre_send_hook to centang_engine using (true) with check (true);
grant select, insert, update, delete on pre_send_hook to centang_tenant, centang_engine;
