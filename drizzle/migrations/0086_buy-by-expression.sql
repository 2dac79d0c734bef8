-- Buy orders by attribute expression (P-22): any kind of a game that fits. `class_id` of such an order is one kind that fits, for what a
-- list shows; what the buyer wants is the expression that stands in the signed terms.
alter table market.orders
  add column expression text check (octet_length(expression) between 1 and 1020),
  add column smallest_fill integer not null default 1,
  add constraint orders_expression_buys check (expression is null or intent = 'buy_order'),
  add constraint orders_smallest_fill check (smallest_fill between 1 and quantity);
create index orders_by_expression on market.orders (price_fen desc, seq) where expression is not null and ended_at is null;
