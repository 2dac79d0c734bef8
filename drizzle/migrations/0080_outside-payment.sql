-- Buying with payment from outside (product P-21): a listing promised to one buyer for a quarter of an hour, and the payment it waits for.
alter table payments.transfers drop constraint transfers_kind_check;
alter table payments.transfers add constraint transfers_kind_check check (kind in ('deposit', 'withdrawal', 'purchase'));
alter table payments.transfers add column trade_id text unique references market.trades;
-- The buyer's order: what came in is held for it at once.
alter table payments.transfers add column order_id text references market.orders;
alter table payments.transfers add column pay_by timestamptz;
alter table payments.transfers add constraint transfers_purchase_check
  check ((kind = 'purchase') = (trade_id is not null) and (trade_id is null) = (order_id is null) and (trade_id is null) = (pay_by is null));

-- An item and its price are promised to one buyer at a time.
create unique index trades_reserved_once on market.trades (sell_order_id) where state = 'reserved';
create unique index trades_reserved_buy on market.trades (buy_order_id) where state = 'reserved';

-- The institution's own payment order: open until somebody pays it on the institution's page, or its time is over.
alter table psp.requests drop constraint requests_kind_check;
alter table psp.requests add constraint requests_kind_check check (kind in ('pay_in', 'pay_out', 'refund', 'checkout'));
alter table psp.requests drop constraint requests_state_check;
alter table psp.requests add constraint requests_state_check check (state in ('open', 'accepted', 'done', 'failed'));
alter table psp.requests add column purpose text;
alter table psp.requests add column expires_at timestamptz;
alter table psp.requests add constraint requests_checkout_check check ((kind = 'checkout') = (expires_at is not null));
create index requests_open on psp.requests (expires_at) where state = 'open';
