-- What the clock asks after every block: trades that wait for the members. Without these both questions read every trade and every
-- LedgerTx there ever was, on the same core that settles the next group.
create index trades_awaiting on market.trades (tx_id) where state = 'settled';
create index ledger_txs_refused on ledger.ledger_txs (tx_id) where status = 'refused';
