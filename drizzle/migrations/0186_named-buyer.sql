-- A listing for one person (P-20): who may take it, from the quote that was signed; null: anybody.
alter table market.orders add column named_buyer text generated always as (quote #>> '{document,namedBuyer}') stored;
