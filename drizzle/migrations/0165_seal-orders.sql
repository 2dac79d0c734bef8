-- Orders of a member's own staff to leave an epoch (ledger.md 13.1): whoever may open this database may give one. The node looks for them
-- while it runs; the Seal in ledger.seals is the answer.
create table ledger.seal_orders (
  new_epoch bigint primary key check (new_epoch > 0),
  -- Milliseconds since 1970.
  ordered_at bigint not null
);
