-- Orders, trades and their states.
create schema market;

create table market.orders (
  order_id text primary key check (order_id ~ '^ord_[0-9a-f]{64}$'),
  -- Arrival, given by the one writer: time priority, and the order in which books are rebuilt.
  seq bigint not null unique,
  acct text not null,
  reference_id text not null,
  intent text not null check (intent in ('listing', 'buy_order', 'take_listing', 'serve_buy_order', 'matched')),
  side text not null check (side in ('sell', 'buy')),
  mechanism text not null check (mechanism in ('fixed_price', 'negotiated', 'price_time')),
  class_id text not null,
  price_fen bigint not null check (price_fen > 0),
  quantity integer not null check (quantity > 0),
  filled integer not null default 0,
  state text not null check (state in ('new', 'partially_filled', 'filled', 'canceled', 'expired', 'rejected')),
  reason text,
  time_in_force text not null check (time_in_force in ('gtc', 'ioc', 'fok')),
  experiment_id text,
  target_order_id text,
  fee_bps integer not null,
  royalty_bps integer not null,
  live_from timestamptz not null,
  placed_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  -- PCE of the SignedOrder, the opened terms and the quote that was shown: exactly what was signed.
  signed_order bytea not null,
  terms jsonb not null,
  quote jsonb not null,
  check (filled between 0 and quantity),
  check ((state in ('new', 'partially_filled')) = (ended_at is null)),
  check (state <> 'filled' or filled = quantity),
  unique (acct, reference_id)
);
create index orders_open_class on market.orders (class_id, intent, price_fen, seq) where ended_at is null;
create index orders_open_acct on market.orders (acct) where ended_at is null;
create index orders_acct on market.orders (acct, seq desc);
create index orders_expiry on market.orders (expires_at) where ended_at is null;
create index orders_recent_listing on market.orders (acct, class_id, placed_at) where intent = 'listing';
create function market.guard_order() returns trigger language plpgsql as $$
begin
  if old.ended_at is not null and not (new.state = 'rejected' and old.state = 'filled') then
    raise exception 'order % is over', old.order_id using errcode = 'restrict_violation';
  end if;
  if new.filled < old.filled or new.signed_order <> old.signed_order then
    raise exception 'order % cannot be rewritten', old.order_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger orders_linear before update on market.orders for each row execute function market.guard_order();

create table market.order_items (
  order_id text not null references market.orders,
  item_id text not null,
  ledger_serial bigint not null,
  ver bigint not null,
  primary key (order_id, item_id)
);
create index order_items_item on market.order_items (item_id);

create table market.trades (
  trade_id text primary key check (trade_id ~ '^trd_[0-9a-f]{32}$'),
  seq bigint not null unique,
  tx_id bytea unique,
  class_id text not null,
  sell_order_id text not null references market.orders,
  buy_order_id text not null references market.orders,
  seller text not null,
  buyer text not null,
  mechanism text not null check (mechanism in ('fixed_price', 'negotiated', 'price_time')),
  experiment_id text,
  quantity integer not null check (quantity > 0),
  price_fen bigint not null check (price_fen > 0),
  gross_fen bigint not null check (gross_fen = price_fen * quantity),
  fee_fen bigint not null check (fee_fen >= 0),
  royalty_fen bigint not null check (royalty_fen >= 0),
  net_fen bigint not null check (net_fen >= 0),
  state text not null check (state in ('reserved', 'publicity', 'settled', 'certified', 'protected', 'paid_out', 'disputed', 'reversed', 'failed')),
  state_since timestamptz not null,
  deadline_at timestamptz,
  reason text,
  ordered_at timestamptz not null,
  settled_at timestamptz,
  certified_at timestamptz,
  payout_at timestamptz,
  transferable_from timestamptz,
  -- Opened pay fields (`ledger.md` 15.1, set 1): off the ledger, their commitment on it.
  pay jsonb,
  check (gross_fen = fee_fen + royalty_fen + net_fen),
  check (seller <> buyer),
  check ((state in ('reserved', 'publicity', 'failed')) = (tx_id is null))
);
create index trades_class on market.trades (class_id, settled_at) where settled_at is not null;
create index trades_settled on market.trades (settled_at) where settled_at is not null;
create index trades_seller on market.trades (seller, seq desc);
create index trades_buyer on market.trades (buyer, seq desc);
create index trades_sell_order on market.trades (sell_order_id);
create index trades_buy_order on market.trades (buy_order_id);
create index trades_deadline on market.trades (deadline_at) where deadline_at is not null;

create table market.trade_items (
  trade_id text not null references market.trades,
  item_id text not null,
  ledger_serial bigint not null,
  -- The version that the seller gave up.
  ver bigint not null,
  primary key (trade_id, item_id)
);
create index trade_items_item on market.trade_items (item_id);

create table market.trade_states (
  trade_id text not null references market.trades,
  step smallint not null,
  state text not null,
  at timestamptz not null,
  primary key (trade_id, step)
);
create trigger trade_states_append_only before update or delete on market.trade_states for each row execute function journal.refuse_change();

-- Every write is idempotent for ever by its reference id.
create table market.references (
  acct text not null,
  reference_id text not null check (reference_id ~ '^[\x21-\x7e]{1,64}$'),
  body_sm3 bytea not null,
  answer jsonb not null,
  at timestamptz not null,
  primary key (acct, reference_id)
);
create trigger references_append_only before update or delete on market.references for each row execute function journal.refuse_change();
