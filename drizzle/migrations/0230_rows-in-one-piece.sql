-- A row above 2 KB is packed and cut in pieces until it is below. Orders, trades and envelopes are a little above it, and what makes them so
-- (hashes, salts, ciphertext) does not pack: PostgreSQL tried for each of them, kept it as it was and wrote it to a second table. They stay
-- whole up to a page.
alter table market.orders set (toast_tuple_target = 8160);
alter table market.trades set (toast_tuple_target = 8160);
alter table ledger.envelopes set (toast_tuple_target = 8160);
