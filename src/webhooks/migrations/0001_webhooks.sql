-- Where a business wants to hear of its events. Its events are found by a cursor, so that nothing is written for it
-- where they happen; below the oldest running transaction each comes once (log_horizon). An endpoint is told in our own
-- form or in a vendor's, with the vendor's signature; the cursor, the leases and the retries are the same for each.
create table webhook_endpoint (
  business_id uuid not null references business (id),
  id uuid not null,
  live boolean not null,
  format text not null,
  -- Whose events it hears; null: those of every application.
  application_id uuid,
  url text not null,
  -- Kinds (`verification.approved`) and groups of them (`delivery.*`).
  events text[] not null,
  -- The secret and, for a day, the one before it; AES-256-GCM under the master key.
  secrets_sealed bytea not null,
  previous_secret_until timestamptz,
  -- The last event that was looked at.
  seen_position bigint not null,
  seen_sequence bigint not null,
  -- What only its format understands.
  format_settings jsonb,
  created_at timestamptz not null,
  disabled_at timestamptz,
  disabled_reason text check (disabled_reason in ('by_request', 'gone', 'failing')),
  primary key (business_id, id),
  foreign key (business_id, application_id) references application (business_id, id) on delete cascade,
  check ((disabled_at is null) = (disabled_reason is null)),
  check (format = 'standard' or application_id is not null)
);

select guard_rows('webhook_endpoint');

-- One row an endpoint and event, and the row is the job. What it says is read from the event when it is sent, and it goes when
-- that goes: in partitions by id, which has the time of the event. It refers to no endpoint, or a partition could not be dropped
-- without locking those out; whoever removes an endpoint removes what is of it, and of one that went with its application nothing
-- is sent.
create table webhook_delivery (
  business_id uuid not null,
  -- Also the webhook-id. It is made of the event, the endpoint and the part, so that a replay finds the row.
  id uuid not null,
  endpoint_id uuid not null,
  -- Of the event.
  subject_kind text not null,
  subject_id uuid not null,
  event_sequence bigint not null,
  -- A format may tell of one event more than once, as of the step it ended and of the whole.
  part text not null,
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
  check ((status = 'pending') = (due_at is not null)),
  check ((status = 'pending') = (settled_at is null))
) partition by range (id);

create table webhook_delivery_rest partition of webhook_delivery default with (fillfactor = 80);

select guard_partition('webhook_delivery_rest');

create index webhook_delivery_due on webhook_delivery (endpoint_id, due_at) where due_at is not null;
create index webhook_delivery_endpoint on webhook_delivery (endpoint_id, id);
create index webhook_delivery_settled on webhook_delivery (endpoint_id, settled_at) where settled_at is not null;

select guard_rows('webhook_delivery');
