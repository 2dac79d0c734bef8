-- What the member node keeps (ledger.md 21). The blocks, entries and votes are the record; the leaf tables and bodies follow
-- from the entries and can be rebuilt from them.
create schema ledger;

create function ledger.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'ledger.% is insert-only', tg_table_name using errcode = 'restrict_violation';
end $$;

create table ledger.chain (
  id smallint primary key default 1 check (id = 1),
  chain bytea not null check (octet_length(chain) = 32),
  genesis bytea not null
);

create table ledger.blocks (
  height bigint primary key check (height >= 0),
  epoch bigint not null,
  header bytea not null check (octet_length(header) = 226),
  header_hash bytea not null unique check (octet_length(header_hash) = 32),
  -- The header of height 0 is computed, never voted.
  finality bytea check ((finality is null) = (height = 0)),
  log_size bigint not null check (log_size >= 0),
  -- The newest place in the sequence that this block decided; LedgerTx after it wait.
  last_seq bigint not null check (last_seq >= 0)
);

create table ledger.entries (
  idx bigint primary key check (idx >= 0),
  height bigint not null,
  tx_id bytea not null unique check (octet_length(tx_id) = 32),
  leaf_hash bytea not null check (octet_length(leaf_hash) = 32),
  body bytea not null check (octet_length(body) <= 65535),
  -- The leaves that its effects hash, one after the other: a passport shows what the log only names. Follows from a replay.
  leaves bytea not null
);
create index entries_height on ledger.entries (height);
-- Entries hold signatures and hashes: trying to compress them costs time and saves nothing.
alter table ledger.entries alter column body set storage external;
alter table ledger.entries alter column leaves set storage external;

create table ledger.votes (
  epoch bigint not null,
  height bigint not null,
  term bigint not null,
  header_hash bytea not null check (octet_length(header_hash) = 32),
  sig bytea not null check (octet_length(sig) = 64),
  -- S2: at most one Vote per (epoch, height), ever.
  primary key (epoch, height)
);

create table ledger.ledger_txs (
  -- Gap-free: the sequencer gives the numbers, so a missing one is a defect that a check can find.
  seq bigint primary key check (seq > 0),
  tx_id bytea not null unique check (octet_length(tx_id) = 32),
  -- Kept until the entry holds it.
  env bytea check (env is not null or status = 'certified'),
  sequenced_at bigint not null,
  status text not null default 'sequenced' check (status in ('sequenced', 'certified', 'refused')),
  refused_code text check ((refused_code is not null) = (status = 'refused')),
  -- The block that decided it, either way.
  height bigint check ((height is not null) = (status <> 'sequenced'))
) with (fillfactor = 60);
alter table ledger.ledger_txs alter column env set storage external;

create table ledger.items (
  serial bigint primary key,
  cls bigint not null,
  ext bytea not null,
  owner bytea not null,
  ver bigint not null,
  last_entry numeric(20) not null,
  leaf bytea not null check (octet_length(leaf) = 183),
  unique (cls, ext)
) with (fillfactor = 70);

create table ledger.accounts (
  serial bigint primary key,
  acct bytea not null unique,
  leaf bytea not null check (octet_length(leaf) = 176)
) with (fillfactor = 70);

create table ledger.classes (
  serial bigint primary key,
  issuer bytea not null,
  ext bytea not null,
  leaf bytea not null check (octet_length(leaf) = 252),
  unique (issuer, ext)
) with (fillfactor = 70);

create table ledger.orders (
  serial bigint primary key,
  order_id bytea not null unique,
  leaf bytea not null check (octet_length(leaf) = 62)
) with (fillfactor = 70);

create table ledger.records (
  serial bigint primary key,
  kind smallint not null,
  key bytea not null,
  leaf bytea not null check (octet_length(leaf) = 122),
  unique (kind, key)
) with (fillfactor = 70);

create table ledger.bodies (
  hash bytea primary key check (octet_length(hash) = 32),
  kind text not null check (kind in ('policy', 'config')),
  body bytea not null
);

create table ledger.envelopes (
  env_hash bytea primary key check (octet_length(env_hash) = 32),
  ref bytea not null check (octet_length(ref) = 16),
  body bytea not null
);
create index envelopes_ref on ledger.envelopes (ref);

create table ledger.grants (
  kid bytea not null check (octet_length(kid) = 8),
  recipient bytea not null,
  valid_from bigint not null,
  valid_until bigint not null,
  -- PCE of the KeyGrant and the issuer's signature: a recipient opens it with the key that the ledger names.
  body bytea not null,
  sig bytea not null check (octet_length(sig) = 64),
  primary key (recipient, kid)
);

create trigger chain_insert_only before update or delete on ledger.chain for each row execute function ledger.refuse_change();
create trigger blocks_insert_only before update or delete on ledger.blocks for each row execute function ledger.refuse_change();
create trigger entries_insert_only before update or delete on ledger.entries for each row execute function ledger.refuse_change();
create trigger votes_insert_only before update or delete on ledger.votes for each row execute function ledger.refuse_change();
create trigger chain_no_truncate before truncate on ledger.chain execute function ledger.refuse_change();
create trigger blocks_no_truncate before truncate on ledger.blocks execute function ledger.refuse_change();
create trigger entries_no_truncate before truncate on ledger.entries execute function ledger.refuse_change();
create trigger votes_no_truncate before truncate on ledger.votes execute function ledger.refuse_change();
