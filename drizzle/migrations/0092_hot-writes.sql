-- What the writes of a settlement cost, without giving up what they guarantee.

-- A message needed two look-ups of foreign keys, one by one: its room and the message before it. Both are asked here once for a whole
-- statement, the second together with the hash that was compared anyway: a gap has no message before it and is refused.
alter table outbox.messages drop constraint messages_room_fkey;
alter table outbox.messages drop constraint messages_room_prev_seq_fkey;
alter table outbox.messages drop column prev_seq;
create or replace function outbox.continue_chain() returns trigger language plpgsql as $$
begin
  if exists (
    select from fresh f
    left join outbox.messages before on before.room = f.room and before.seq = f.seq - 1
    where f.prev_hash is distinct from case when f.seq = 1 then decode(repeat('00', 32), 'hex') else before.hash end
  ) then
    raise exception 'outbox.messages: a message does not continue the chain of its room' using errcode = 'integrity_constraint_violation';
  end if;
  if exists (select from (select distinct room from fresh) f where not exists (select from outbox.rooms r where r.room = f.room)) then
    raise exception 'outbox.messages: a message of a room that does not exist' using errcode = 'foreign_key_violation';
  end if;
  return null;
end
$$;
-- A room stays, under its name.
create trigger rooms_stay before delete or truncate on outbox.rooms for each statement execute function outbox.refuse_change();
create trigger rooms_keep_their_name before update of room on outbox.rooms for each statement execute function outbox.refuse_change();

-- Nothing asks for it: a price that changed lately is found by the item.
drop index market.orders_recent_listing;

-- Terms, quotes, answers and messages are some kilobytes each; where this PostgreSQL knows it, they are packed by the faster of its two ways.
do $$
begin
  execute 'alter table market.orders alter column terms set compression lz4, alter column quote set compression lz4';
  execute 'alter table market."references" alter column answer set compression lz4';
  execute 'alter table outbox.messages alter column body set compression lz4';
  execute 'alter table compliance.assessments alter column input set compression lz4, alter column lines set compression lz4';
exception when feature_not_supported then
  raise notice 'no lz4 here: the default compression stays';
end $$;
