-- Message Central's clients hold a verification's id as a number: 48 random bits of ours.
create table verification_number (
  business_id uuid not null,
  number bigint not null,
  verification_id uuid not null,
  primary key (business_id, number)
);

-- They go when their verifications do; no foreign key points into a table that loses partitions.
create index verification_number_verification on verification_number (verification_id);

select guard_rows('verification_number');
