-- Message Central's clients hold a verification's id as a number: 48 random bits of ours.
create table verification_number (
  business_id uuid not null,
  number bigint not null,
  verification_id uuid not null,
  primary key (business_id, number),
  foreign key (business_id, verification_id) references verification (business_id, id) on delete cascade
);

select guard_rows('verification_number');
