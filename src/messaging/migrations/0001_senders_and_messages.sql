create table sender (
  business_id uuid not null references business (id),
  id uuid not null,
  live boolean not null,
  channel text not null,
  provider text not null,
  purpose text not null check (purpose in ('authentication', 'utility', 'marketing', 'service')),
  -- Shared by the operator: every business of this server may send from it, in its mode.
  shared boolean not null default false,
  config jsonb not null,
  -- AES-256-GCM under the master key; the version in front says which one.
  secrets_sealed bytea not null,
  created_at timestamptz not null,
  disabled_at timestamptz,
  primary key (business_id, id)
);

select guard_rows('sender');

-- Chats: what a business and a person say to each other, beside codes. A message that is sent is written first, as
-- 'sending', and its result after the provider has answered; who dies in between leaves one that may have arrived, and
-- it is never sent again.
create table message (
  business_id uuid not null references business (id),
  id uuid not null,
  live boolean not null,
  direction text not null check (direction in ('out', 'in')),
  sender_id uuid not null,
  -- The person, E.164.
  contact text not null,
  content jsonb not null,
  status text not null check (status in ('sending', 'unknown', 'sent', 'failed', 'delivered', 'read', 'received')),
  provider_message_id text,
  -- The message that it answers.
  reply_to uuid,
  failure_reason text,
  provider_code text,
  metadata jsonb,
  -- The Idempotency-Key that it was asked for with: with the row there is no second sending, whatever became of the answer.
  request_key text,
  created_at timestamptz not null,
  sent_at timestamptz,
  delivered_at timestamptz,
  read_at timestamptz,
  failed_at timestamptz,
  primary key (business_id, id),
  check ((direction = 'in') = (status = 'received'))
) with (fillfactor = 80);

-- A provider that tells a message twice finds it here.
create unique index message_inbound on message (business_id, sender_id, provider_message_id) where direction = 'in';
create unique index message_request on message (business_id, request_key) where request_key is not null;
create index message_provider_message on message (provider_message_id) where provider_message_id is not null;
create index message_contact on message (business_id, live, contact, id);
-- Of a sender that several businesses share: who spoke with this person last.
create index message_sender on message (sender_id, contact, id);

select guard_rows('message');
