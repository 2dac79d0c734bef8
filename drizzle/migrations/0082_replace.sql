-- Editing an order in place (product P-20, P-37): a cancel and a new order in one step. The new one keeps the place of the old one in
-- the line when only its quantity falls, and the hour of its price when the price stays.
alter table market.orders add column priority bigint;
alter table market.orders add column priced_at timestamptz;
alter table market.orders add column replaces text unique references market.orders;
alter table market.orders disable trigger orders_linear;
update market.orders set priority = seq, priced_at = placed_at;
alter table market.orders enable trigger orders_linear;
alter table market.orders alter column priority set not null;
alter table market.orders alter column priced_at set not null;

drop index market.orders_open_class;
create index orders_open_class on market.orders (class_id, intent, price_fen, priority) where ended_at is null;
