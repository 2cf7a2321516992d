-- What each version of the master key makes of a fixed text: a server that has another key under that version is
-- refused at its start, instead of calling every code wrong and every credential unreadable.
create table key_check (
  version integer primary key,
  mac bytea not null,
  created_at timestamptz not null default now()
);

alter table key_check enable row level security;
alter table key_check force row level security;
create policy engine on key_check to centang_engine using (true) with check (true);
grant select, insert, delete on key_check to centang_engine;
