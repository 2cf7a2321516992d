-- What one business knows of one person who receives codes: the failure budget and the recent sends. Test and live are two worlds: no
-- test spends, or gives back, what belongs to a person.
-- A new code resets neither; they belong to the person, not to the verification (NIST SP 800-63B-4 §3.1.3.2).
create table recipient (
  business_id uuid not null,
  live boolean not null,
  -- One key over every spelling of a number (`personOf`).
  person text not null,
  -- Wrong codes compared, oldest first; only the last 20 matter.
  failed_at timestamptz[] not null default '{}',
  failed_consecutive integer not null default 0,
  -- Sends of the last ten minutes, oldest first.
  sent_at timestamptz[] not null default '{}',
  primary key (business_id, live, person)
) with (fillfactor = 70);

select guard_rows('recipient');

create table verification (
  business_id uuid not null,
  id uuid not null,
  application_id uuid not null,
  live boolean not null,
  -- The address as it is sent to.
  recipient text not null,
  -- Whose address that is: budgets and look-ups go by it.
  person text not null,
  purpose text not null,
  locale text not null,
  status text not null check (status in ('pending', 'approved', 'canceled', 'expired', 'blocked', 'undeliverable')),
  -- Codes are derived from the id under this key version, never stored; what is kept is a MAC under a key that
  -- lives outside the database. A caller's own code is kept encrypted until the verification ends.
  key_version integer not null,
  code_length smallint not null,
  code_mac bytea,
  code_sealed bytea,
  -- The code: the verification whose start made it, which may be this one. Its row is the code's row as well: it has the
  -- workflow, the step, the revision, the due time and the deliveries of all the verifications that share the code.
  code_id uuid not null,
  -- Of the code's row: whether others joined it, and when it ended, which may be later than its own verification.
  code_shared boolean not null default false,
  code_ended_at timestamptz,
  -- Only verifications of the same binding share a code: '' without a transaction, a digest of one that has an id, and for
  -- a caller's own code, or a transaction without an id, something that nothing else has.
  binding text not null,
  transaction jsonb,
  check_count smallint not null default 0,
  check_count_max smallint not null,
  -- When the last wrong code was compared: after several of them the next check has to wait.
  wrong_at timestamptz,
  policy jsonb not null,
  -- Null where the code is another verification's.
  workflow jsonb,
  step_index smallint not null default 0,
  -- Rises with every step taken; a move that read an older revision finds no row and is decided anew.
  revision integer not null default 0,
  -- When the workflow has to look at this code again. The row is the job.
  due_at timestamptz,
  metadata jsonb,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  primary key (business_id, id),
  check (check_count <= check_count_max),
  check ((status = 'pending') = (ended_at is null)),
  constraint verification_ended_without_code check (status = 'pending' or (code_mac is null and code_sealed is null)),
  check ((id = code_id) = (workflow is not null)),
  check (due_at is null or (id = code_id and code_ended_at is null)),
  -- A code outlives no verification of its own, but its first one as long as another is pending.
  check (status <> 'pending' or code_ended_at is null),
  check (id <> code_id or code_shared or (ended_at is null) = (code_ended_at is null))
) partition by range (id);

-- What fits into none of the others, which the server makes ahead and drops (platform/retention). A table of which another
-- one's foreign key speaks could not lose a partition.
create table verification_rest partition of verification default with (fillfactor = 85);

select guard_partition('verification_rest');

create index verification_pending on verification (business_id, application_id, live, recipient, purpose)
  where status = 'pending';
-- Not by business first: a plan that was made while the table was small must not think that the business alone is enough.
create index verification_person on verification (person, business_id, id);
create index verification_due on verification (due_at) where due_at is not null;

select guard_rows('verification');

create table delivery (
  business_id uuid not null,
  id uuid not null,
  -- The verification whose start made the code that is sent.
  code_id uuid not null,
  -- Of its verification: every event tells them, and none of the statements about a sending reads the verification.
  application_id uuid not null,
  live boolean not null,
  step_index smallint not null,
  channel text not null,
  sender_id uuid not null,
  status text not null check (status in ('queued', 'sending', 'unknown', 'sent', 'failed', 'delivered', 'read')),
  provider_message_id text,
  failure_reason text,
  -- The provider's own code and words, raw, kept even when a later success overrules the failure.
  provider_code text,
  detail text,
  defer_count smallint not null default 0,
  -- While queued: not before this; some seconds past it anybody may take the sending over. It stays while it is sent.
  send_after timestamptz,
  -- When the sending began. Without a result half a minute later, nobody knows what became of it.
  claimed_at timestamptz,
  -- A failure that the workflow has not moved on from yet. It is set together with the failure and cleared after the
  -- move, so that a sweep finds what a crash in between left behind. A sending that succeeds never touches it.
  unmoved_since timestamptz,
  queued_at timestamptz not null,
  sent_at timestamptz,
  delivered_at timestamptz,
  read_at timestamptz,
  failed_at timestamptz,
  primary key (business_id, id)
) partition by range (id);

create table delivery_rest partition of delivery default with (fillfactor = 70);

select guard_partition('delivery_rest');

create index delivery_code on delivery (code_id);
create index delivery_provider_message on delivery (provider_message_id)
  where provider_message_id is not null;
create index delivery_waiting on delivery (send_after) where send_after is not null;
create index delivery_unmoved on delivery (unmoved_since) where unmoved_since is not null;

select guard_rows('delivery');

-- Receipts as their providers wrote them, for who looks into why a message did not come.
create table receipt_body (
  business_id uuid not null,
  delivery_id uuid not null,
  status text not null,
  body jsonb not null,
  received_at timestamptz not null default now()
) partition by range (received_at);

create table receipt_body_rest partition of receipt_body default;

select guard_partition('receipt_body_rest');

create index receipt_body_delivery on receipt_body (business_id, delivery_id);

select guard_rows('receipt_body');

-- Receipts that came before the answer that carried the message id.
create table early_receipt (
  business_id uuid not null,
  sequence bigint generated always as identity,
  sender_id uuid not null,
  provider_message_id text not null,
  status text not null,
  at timestamptz not null,
  failure_reason text,
  provider_code text,
  detail text,
  -- May another channel be tried, when it is a failure?
  fallback boolean not null,
  raw jsonb,
  received_at timestamptz not null,
  primary key (business_id, sequence)
);

create index early_receipt_message on early_receipt (business_id, provider_message_id);
create index early_receipt_received on early_receipt (received_at);

select guard_rows('early_receipt');

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

select guard_rows('pre_send_hook');
