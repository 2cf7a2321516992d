-- What an application has set of its guard, in one mode; the rest is as it is by default.
create table guard_policy (
  business_id uuid not null,
  application_id uuid not null,
  live boolean not null,
  changes jsonb not null,
  changed_at timestamptz not null,
  primary key (business_id, application_id, live),
  foreign key (business_id, application_id) references application (business_id, id) on delete cascade
);

select guard_rows('guard_policy');

-- How much was sent: one counter a rule and recipient, block of numbers, network, … of a business and mode. The key begins
-- with the rule. Persons and devices stand in it as MACs, numbers without their last digits, addresses as networks. A
-- counter that nobody wrote to for a day says nothing any more and is deleted.
create table guard_counter (
  business_id uuid not null,
  live boolean not null,
  key text collate "C" not null,
  -- As it stood at that time.
  level double precision not null,
  at timestamptz not null,
  -- The sends that still count, of a rule that counts each for so long after it.
  times timestamptz[],
  primary key (business_id, live, key)
) with (fillfactor = 70);

select guard_rows('guard_counter');

-- Which counters a send that may still prove itself was counted in, with commas between them: as an array it would cost
-- every send more. Deleted when it has, and after an hour.
create table guard_send (
  business_id uuid not null,
  subject_id uuid not null,
  live boolean not null,
  at timestamptz not null,
  keys text not null,
  primary key (business_id, subject_id)
);

select guard_rows('guard_send');

-- How far the log of a business was read for what became of its sends.
create table guard_reading (
  business_id uuid not null,
  log_position bigint not null,
  sequence bigint not null,
  primary key (business_id)
);

select guard_rows('guard_reading');

-- When a rule was last told of: at most one event an hour for each key.
create table guard_told (
  business_id uuid not null,
  live boolean not null,
  key text collate "C" not null,
  at timestamptz not null,
  primary key (business_id, live, key)
);

select guard_rows('guard_told');
