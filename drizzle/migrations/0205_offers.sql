-- Offers (product P-24). Every step is an ordinary signed order: an offer is a buy order that names one item and its holder, a counter a sell
-- order that names the buyer. A thread ties them: who, price, time, end. What moves money or an item is the order; nothing here does.
alter table market.orders drop constraint orders_intent_check, add constraint orders_intent_check check (intent in
  ('listing', 'buy_order', 'take_listing', 'serve_buy_order', 'matched', 'offer', 'counter', 'accept_offer', 'accept_counter'));
alter table compliance.decisions drop constraint decisions_intent_check, add constraint decisions_intent_check check (intent in
  ('listing', 'buy_order', 'take_listing', 'serve_buy_order', 'matched', 'offer', 'counter', 'accept_offer', 'accept_counter'));

create table market.offers (
  -- `off_` and the digits of the first order: a thread has no other beginning.
  offer_id text primary key check (length(offer_id) = 68 and offer_id ~ '^off_[0-9a-f]+$'),
  item_id text not null references custody.items,
  class_id text not null,
  -- The item as it was when the thread began: what moves ends it.
  ledger_serial bigint not null,
  ver bigint not null,
  buyer text not null,
  holder text not null,
  -- Made on a listing: it ends with it. Otherwise the holder takes offers on anything of his.
  is_listed boolean not null,
  opened_at timestamptz not null,
  state text not null check (state in ('open', 'accepted', 'withdrawn', 'expired', 'ended')),
  reason text,
  ended_at timestamptz,
  trade_id text references market.trades,
  -- The holder's listing that the trade took the item from.
  listing_order_id text references market.orders,
  check (buyer <> holder),
  check ((state = 'open') = (ended_at is null)),
  check ((state = 'accepted') = (trade_id is not null)),
  check (listing_order_id is null or trade_id is not null)
);
create unique index offers_open on market.offers (item_id, buyer) where ended_at is null;
create index offers_buyer on market.offers (buyer, opened_at desc);
create index offers_holder on market.offers (holder, opened_at desc);
create index offers_listing on market.offers (listing_order_id) where listing_order_id is not null;

create table market.offer_rounds (
  offer_id text not null references market.offers,
  round smallint not null check (round between 1 and 5),
  order_id text not null unique references market.orders,
  by text not null check (by in ('buyer', 'holder')),
  price_fen bigint not null check (price_fen > 0),
  placed_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > placed_at),
  state text not null check (state in ('open', 'countered', 'accepted', 'withdrawn', 'expired', 'ended')),
  ended_at timestamptz,
  primary key (offer_id, round),
  -- They take turns, the buyer first.
  check ((by = 'buyer') = (round % 2 = 1)),
  check ((state = 'open') = (ended_at is null))
);
-- One step stands at a time.
create unique index offer_rounds_open on market.offer_rounds (offer_id) where ended_at is null;
create index offer_rounds_due on market.offer_rounds (expires_at) where ended_at is null;

create function market.guard_offer() returns trigger language plpgsql as $$
begin
  if old.ended_at is not null and new is distinct from old then
    raise exception 'a step of offer % is over', old.offer_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger offers_end_once before update on market.offers for each row execute function market.guard_offer();
create trigger offer_rounds_end_once before update on market.offer_rounds for each row execute function market.guard_offer();
create trigger offers_stay before delete on market.offers for each row execute function journal.refuse_change();
create trigger offer_rounds_stay before delete on market.offer_rounds for each row execute function journal.refuse_change();

-- Who takes offers on any item of his, listed or not. No row: on listings only.
create table market.offer_settings (
  acct text primary key check (length(acct) = 64 and acct ~ '^[0-9a-f]+$'),
  takes_offers boolean not null,
  changed_at timestamptz not null
);
