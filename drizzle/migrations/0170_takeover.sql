-- What a member needs to run the market when the operator is gone for good (product O-05).

-- Kinds and games as the operator describes them: copies that a member keeps, held against the hashes on the ledger where it has them.
create schema mirror;
create table mirror.kinds (
  serial bigint primary key,
  document jsonb not null
);
create table mirror.games (
  game_id text primary key,
  document jsonb not null
);

-- Written once, by the member that takes over.
create schema takeover;
create table takeover.takeovers (
  id smallint primary key default 1 check (id = 1),
  at timestamptz not null,
  height bigint not null,
  operator text not null check (operator ~ '^[0-9a-f]{64}$'),
  -- The newest Attest of feed heads on the ledger, and what it stands for where a copy was kept.
  attested_entry bigint,
  attested_heads jsonb
);
-- Writes that the ledger has from before: a reference is found again by the salt that follows from it (`ledger.md` 3).
create table takeover.sightings (
  acct bytea not null check (octet_length(acct) = 32),
  salt bytea not null check (octet_length(salt) = 16),
  tx_id bytea not null check (octet_length(tx_id) = 32),
  primary key (acct, salt, tx_id)
);

-- A market that was taken over numbers its entries from where the institution has followed the one before.
alter table journal.heads add column first_id bigint not null default 1;
