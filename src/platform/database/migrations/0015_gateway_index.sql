-- A call names only the gateway. Not unique: every unique key begins with business_id, and the look-up before the
-- business is known may have to ask every shard. It is asked once in some seconds for a gateway, not for every call.
create index gateway_id on gateway (id);

-- A gateway is a credential of its own and goes on when the key that made it is revoked: whose it is has to be seen.
-- Null: made before this was noted.
alter table gateway add column made_by_key_id uuid;
alter table gateway add foreign key (business_id, made_by_key_id) references api_key (business_id, id);
