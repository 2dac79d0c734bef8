-- A new listing asks who waits for its kind at its price (product P-11).
create index watched_class on market.watched (class_id) where below_fen is not null;
