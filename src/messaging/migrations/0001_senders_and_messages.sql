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
  -- E.164, as the provider told it, where the config holds only an id of it.
  own_number text,
  -- AES-256-GCM under the master key; the version in front says which one.
  secrets_sealed bytea not null,
  created_at timestamptz not null,
  disabled_at timestamptz,
  primary key (business_id, id)
);

select guard_rows('sender');

-- What a provider told about a sender and not about one message; of one check the newest.
create table sender_notice (
  business_id uuid not null,
  sender_id uuid not null,
  "check" text not null,
  kind text not null,
  state text not null check (state in ('ok', 'warning', 'problem')),
  detail text not null,
  mend text,
  at timestamptz not null,
  primary key (business_id, sender_id, "check")
);

select guard_rows('sender_notice');

-- The account behind a number when it was first told, of senders that send to that one alone.
create table identity_key (
  -- Whose message told it; of a shared sender not whose the sender is.
  business_id uuid not null,
  sender_id uuid not null,
  -- As `personOf` spells it.
  person text not null,
  key_hash text not null,
  told_at timestamptz not null,
  -- Another one was told; nobody has said yet that it is the same person.
  changed_at timestamptz,
  primary key (business_id, sender_id, person)
);

select guard_rows('identity_key');

-- People whom a business speaks with. They are known by their addresses, which come and go.
create table contact (
  business_id uuid not null references business (id),
  id uuid not null,
  live boolean not null,
  name text,
  username text,
  created_at timestamptz not null,
  primary key (business_id, id)
);

select guard_rows('contact');

create table contact_address (
  business_id uuid not null,
  live boolean not null,
  kind text not null check (kind in ('phone', 'whatsapp')),
  -- Of a number as `personOf` spells it, so that one phone is one address.
  address text not null,
  -- As it is reached.
  spelled text not null,
  contact_id uuid not null,
  -- Whose news told it: an id of WhatsApp is good for the senders of one portfolio.
  sender_id uuid,
  told_at timestamptz not null,
  primary key (business_id, live, kind, address),
  foreign key (business_id, contact_id) references contact (business_id, id)
);

create index contact_address_contact on contact_address (business_id, contact_id);
-- Of a sender that several businesses share: which of them know this person.
create index contact_address_address on contact_address (kind, address);

select guard_rows('contact_address');

-- Chats: what a business and a person say to each other, beside codes. A message that is sent is written first, as
-- 'sending', and its result after the provider has answered; who dies in between leaves one that may have arrived, and
-- it is never sent again.
create table message (
  business_id uuid not null references business (id),
  id uuid not null,
  live boolean not null,
  direction text not null check (direction in ('out', 'in')),
  sender_id uuid not null,
  contact_id uuid not null,
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
  -- Of what was asked under it.
  request_fingerprint bytea,
  created_at timestamptz not null,
  sent_at timestamptz,
  delivered_at timestamptz,
  read_at timestamptz,
  failed_at timestamptz,
  primary key (business_id, id),
  check ((direction = 'in') = (status = 'received')),
  check ((request_key is null) = (request_fingerprint is null))
) with (fillfactor = 80);

-- A provider that tells a message twice finds it here.
create unique index message_inbound on message (business_id, sender_id, provider_message_id) where direction = 'in';
create unique index message_request on message (business_id, request_key) where request_key is not null;
create index message_provider_message on message (provider_message_id) where provider_message_id is not null;
create index message_contact on message (business_id, contact_id, id);

select guard_rows('message');
