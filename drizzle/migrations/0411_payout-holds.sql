-- Proceeds that wait longer (rulebook CN-SV-11): why, and how many of the sold items were bought with an instrument then new. The date is
-- payout_at, as before.
alter table market.trades add column payout_hold text check (payout_hold in ('new_instrument'));
alter table market.trades add column quick_items integer not null default 0 check (quick_items >= 0);
create index trades_quick on market.trades (seller, settled_at) where quick_items > 0;
