-- A book is one owner's accounts of one world: a business's own, or the operator's, which holds an account for each
-- merchant. Money never leaves its book. Rows are written by the functions of this module and by nobody else; a business
-- reads its own book, and of the operator's what is its own.
create function guard_book(p_table regclass) returns void language plpgsql as $$
begin
  perform guard_from_businesses(p_table);
  execute format(
    'create policy tenant on %s for select to centang_tenant using (owner_business_id = current_business())', p_table);
  execute format('grant select on %s to centang_tenant', p_table);
end $$;

-- What was written is never changed: not by a function, not by the owner of the table. A correction is another transfer.
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is only ever added to', tg_table_name using errcode = 'restrict_violation';
end $$;

create function append_only(p_table regclass) returns void language plpgsql as $$
begin
  execute format('revoke update, delete on %s from centang_engine', p_table);
  execute format(
    'create trigger append_only before update or delete on %s for each row execute function refuse_change()', p_table);
  execute format(
    'create trigger append_only_whole before truncate on %s for each statement execute function refuse_change()', p_table);
end $$;

create table ledger_account (
  -- Whose book it is in.
  business_id uuid not null,
  live boolean not null,
  id uuid not null,
  -- Who may read it; null: nobody but the operator.
  owner_business_id uuid,
  kind text not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  -- What the balance, less what is set aside, may not fall below, and what it may not rise above with what is to come. In minor
  -- units. Null: no limit.
  balance_min bigint,
  balance_max bigint,
  -- Its balance stands in so many rows: one that everybody pays into is no queue. One with a limit has one.
  shard_count smallint not null default 1 check (shard_count between 1 and 64),
  closed_at timestamptz,
  metadata jsonb,
  created_at timestamptz not null,
  primary key (business_id, live, id),
  check (balance_min <= balance_max),
  check (shard_count = 1 or (balance_min is null and balance_max is null))
);

create index ledger_account_owner on ledger_account (owner_business_id, live, id);

select guard_book('ledger_account');

-- Where an account stands: sums of all that ever moved. The balance is credits less debits.
create table ledger_balance (
  business_id uuid not null,
  live boolean not null,
  account_id uuid not null,
  shard smallint not null,
  owner_business_id uuid,
  balance_min bigint,
  balance_max bigint,
  debits_pending bigint not null default 0 check (debits_pending >= 0),
  debits_posted bigint not null default 0 check (debits_posted >= 0),
  credits_pending bigint not null default 0 check (credits_pending >= 0),
  credits_posted bigint not null default 0 check (credits_posted >= 0),
  -- How many transfers have touched it. Each of them knows which it was.
  turn bigint not null default 0,
  primary key (business_id, live, account_id, shard),
  constraint ledger_balance_min check (credits_posted - debits_posted - debits_pending >= balance_min),
  constraint ledger_balance_max check (credits_posted - debits_posted + credits_pending <= balance_max)
) with (fillfactor = 50);

select guard_book('ledger_balance');

-- Every amount that ever moved, or was set aside, or was set free. Both sides stand in one row, so that no transfer can be
-- out of balance.
create table ledger_transfer (
  business_id uuid not null,
  live boolean not null,
  -- Made by whoever asks: the same one moves the money once.
  id uuid not null,
  sequence bigint generated always as identity,
  kind text not null check (kind in ('single', 'pending', 'post', 'void', 'expire')),
  -- The pending transfer that it ends: of post, void and expire.
  pending_id uuid,
  debit_account_id uuid not null,
  credit_account_id uuid not null,
  amount bigint not null check (amount > 0),
  currency text not null,
  -- What it was for, in a word of whoever asked.
  code text not null,
  -- Those that were made all or none carry the id of the first.
  chain_id uuid,
  -- What was asked, to tell a repeat from another request under the same id.
  fingerprint bytea not null,
  -- Of a pending one: after that it is worth nothing.
  expires_at timestamptz,
  -- When it counts for whoever keeps the books, and when it was written.
  effective_at timestamptz not null,
  created_at timestamptz not null,
  metadata jsonb,
  -- The balances as it left them: which row, which transfer of that row, and what was posted on it.
  debit_shard smallint not null,
  debit_turn bigint not null,
  debit_balance bigint not null,
  credit_shard smallint not null,
  credit_turn bigint not null,
  credit_balance bigint not null,
  primary key (business_id, live, id),
  check (debit_account_id <> credit_account_id),
  check ((kind in ('single', 'pending')) = (pending_id is null))
);

-- By the account alone: with the book in front they would look as good for finding an id as the primary key, as long as the
-- table is empty and nobody has analysed it, and a server keeps that plan.
create index ledger_transfer_debit on ledger_transfer (debit_account_id, sequence);
create index ledger_transfer_credit on ledger_transfer (credit_account_id, sequence);

select guard_from_businesses('ledger_transfer');
select append_only('ledger_transfer');
create policy tenant on ledger_transfer for select to centang_tenant using (exists (
  select from ledger_account a
  where a.business_id = ledger_transfer.business_id and a.live = ledger_transfer.live
    and a.id in (ledger_transfer.debit_account_id, ledger_transfer.credit_account_id)
    and a.owner_business_id = current_business()));
grant select on ledger_transfer to centang_tenant;

-- Pending transfers that stand, and how each ended.
create table ledger_pending (
  business_id uuid not null,
  live boolean not null,
  transfer_id uuid not null,
  status text not null default 'pending' check (status in ('pending', 'posted', 'voided', 'expired')),
  -- The transfer that ended it.
  ended_by uuid,
  expires_at timestamptz,
  primary key (business_id, live, transfer_id),
  check ((status = 'pending') = (ended_by is null))
) with (fillfactor = 80);

create index ledger_pending_due on ledger_pending (expires_at) where status = 'pending';

select guard_from_businesses('ledger_pending');
-- Whoever sees a pending transfer sees what became of it.
create policy tenant on ledger_pending for select to centang_tenant using (exists (
  select from ledger_transfer t
  where t.business_id = ledger_pending.business_id and t.live = ledger_pending.live and t.id = ledger_pending.transfer_id));
grant select on ledger_pending to centang_tenant;

-- Ids that were refused for how things stood: they stay refused, or a repeat could move money that its sender has written off.
create table ledger_refusal (
  business_id uuid not null,
  live boolean not null,
  id uuid not null,
  fingerprint bytea not null,
  result text not null,
  at timestamptz not null,
  primary key (business_id, live, id)
);

select guard_from_businesses('ledger_refusal');
create policy tenant on ledger_refusal for select to centang_tenant using (business_id = current_business());
grant select on ledger_refusal to centang_tenant;
select append_only('ledger_refusal');
