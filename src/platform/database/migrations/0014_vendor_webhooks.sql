-- An endpoint is told in our own form or in a vendor's, with the vendor's signature. The cursor, the leases and the
-- retries are the same for each.
alter table webhook_endpoint
  add column format text not null default 'standard' check (format in ('standard', 'vonage', 'twilio')),
  -- Whose events it hears; null: those of every application.
  add column application_id uuid,
  -- What a Twilio endpoint has besides.
  add column friendly_name text,
  add column version text check (version in ('v1', 'v2')),
  add check (format = 'standard' or application_id is not null),
  add check (format <> 'twilio' or (friendly_name is not null and version is not null)),
  add foreign key (business_id, application_id) references application (business_id, id) on delete cascade;

-- A vendor may tell of one event twice: of the step it ended, and of the whole.
alter table webhook_delivery
  add column part text not null default 'event' check (part in ('event', 'summary')),
  drop constraint webhook_delivery_business_id_verification_id_event_sequence_key,
  add unique (business_id, verification_id, event_sequence, endpoint_id, part),
  drop constraint webhook_delivery_business_id_endpoint_id_fkey,
  add foreign key (business_id, endpoint_id) references webhook_endpoint (business_id, id) on delete cascade;

comment on column event.verification_id is
  'An event of an authenticator app (factor.*, challenge.*) belongs to no verification: this is an id of its own.';
