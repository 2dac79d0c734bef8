-- A store that begins with a snapshot (ledger.md 11), or with the registers of a predecessor chain (13.3): what stands before its first block.
-- One that holds its chain from genesis on has no row here.
create table ledger.base (
  id smallint primary key default 1 check (id = 1),
  -- Of the first block that is stored; 0 on a successor chain.
  height bigint not null check (height >= 0),
  -- Of the log at that height: entries below are not here.
  log_size bigint not null check (log_size >= 0),
  -- Roots of the perfect subtrees of that log, largest first, 32 bytes each.
  frontier bytea not null check (octet_length(frontier) % 32 = 0),
  -- PCE of the TrustBundle that the snapshot was verified by; null on a successor chain, which begins here.
  trust bytea
);

-- LedgerTx of the last day before the base: they must not enter a second time while their window is open.
create table ledger.base_txs (
  tx_id bytea primary key check (octet_length(tx_id) = 32),
  -- Milliseconds since 1970.
  not_after bigint not null
);

create trigger base_insert_only before update or delete on ledger.base for each row execute function ledger.refuse_change();
create trigger base_no_truncate before truncate on ledger.base execute function ledger.refuse_change();
