-- Committed facts for the feeds (product V-04, V-25): gap-free numbers and an SM3 chain per room.
create schema outbox;

-- The row of a room is locked until its writer commits, so numbers are given in commit order and a rolled-back number is given again.
create table outbox.rooms (
  room text primary key check (length(room) <= 100),
  head_seq bigint not null check (head_seq >= 0),
  head_hash bytea not null check (length(head_hash) = 32)
);

create table outbox.messages (
  room text not null references outbox.rooms (room),
  seq bigint not null check (seq >= 1),
  message_id text not null,
  type text not null,
  schema text not null,
  at timestamptz not null,
  -- RFC 8785 text, exactly as hashed.
  body text not null,
  body_hash bytea not null check (length(body_hash) = 32),
  prev_hash bytea not null check (length(prev_hash) = 32),
  hash bytea not null check (length(hash) = 32),
  primary key (room, seq),
  -- A gap is impossible: each number but the first needs the one before it.
  prev_seq bigint generated always as (nullif(seq - 1, 0)) stored,
  foreign key (room, prev_seq) references outbox.messages (room, seq)
);

create table outbox.heads (
  room text not null references outbox.rooms (room),
  seq bigint not null,
  at timestamptz not null,
  hash bytea not null check (length(hash) = 32),
  key_id text not null,
  sig bytea not null check (length(sig) = 64),
  primary key (room, seq, at)
);
create index heads_at on outbox.heads (room, at desc);

create function outbox.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'outbox.% is insert-only', tg_table_name using errcode = 'integrity_constraint_violation';
end
$$;
create trigger messages_insert_only before update or delete or truncate on outbox.messages
  for each statement execute function outbox.refuse_change();

-- The chain in the database itself: a message continues the hash of the one before it.
create function outbox.continue_chain() returns trigger language plpgsql as $$
begin
  if exists (
    select from fresh f
    left join outbox.messages before on before.room = f.room and before.seq = f.seq - 1
    where f.prev_hash is distinct from coalesce(before.hash, decode(repeat('00', 32), 'hex'))
  ) then
    raise exception 'outbox.messages: a message does not continue the chain of its room' using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end
$$;
create trigger messages_continue_chain after insert on outbox.messages
  referencing new table as fresh for each statement execute function outbox.continue_chain();

-- What an Attest of kind 5 stands for: `doc` of that LedgerTx is SM3 of `document` (RFC 8785).
create table outbox.attestations (
  tx_id bytea primary key check (length(tx_id) = 32),
  at timestamptz not null,
  doc bytea not null check (length(doc) = 32),
  document text not null
);
