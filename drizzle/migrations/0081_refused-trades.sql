-- A refused Trade may get another place (ledger.md 6.1): the same LedgerTx once more when the round or the operator's own signature was at
-- fault, so that only one row per LedgerTx may be alive, whatever came before it.
alter table ledger.ledger_txs drop constraint ledger_txs_tx_id_key;
create unique index ledger_txs_alive on ledger.ledger_txs (tx_id) where status <> 'refused';
create index ledger_txs_tx on ledger.ledger_txs (tx_id, seq desc);

-- What was tried again, and why. A trade is replaced or signed again once; a second refusal reverses it.
create table market.trade_retries (
  trade_id text not null references market.trades,
  attempt smallint not null check (attempt >= 1),
  tx_id bytea not null check (octet_length(tx_id) = 32),
  code text not null,
  remedy text not null check (remedy in ('proposed_again', 'signed_again', 'replaced')),
  at timestamptz not null,
  primary key (trade_id, attempt)
);
create unique index trade_retries_once on market.trade_retries (trade_id) where remedy <> 'proposed_again';
create trigger trade_retries_append_only before update or delete on market.trade_retries for each row execute function journal.refuse_change();

alter table compliance.assessments drop constraint assessments_cause_check;
alter table compliance.assessments add constraint assessments_cause_check check (cause in ('settled', 'day_line', 'replaced', 'reversed'));
