-- Items given away (P-28). The giver signs the Transfer when the gift is sent, once for each of its windows; the recipient signs the one of
-- the moment when accepting. Until then the item is held under the gift's id, like that of a listing.
create table market.gifts (
  gift_id text primary key check (gift_id ~ '^gft_[0-9a-f]{32}$'),
  item_id text not null,
  class_id text not null references catalogue.item_classes,
  ver bigint not null check (ver >= 1),
  giver text not null,
  recipient text not null check (recipient <> giver),
  -- Of the giver's: makes sending idempotent for ever.
  reference_id text not null check (reference_id ~ '^[\x21-\x7e]{1,64}$'),
  body_sm3 bytea not null,
  -- PCE TxEnv, one for each window, earliest first.
  transfers bytea[] not null check (cardinality(transfers) >= 1),
  sent_at timestamptz not null,
  accept_until timestamptz not null check (accept_until > sent_at),
  state text not null check (state in ('open', 'given', 'declined', 'withdrawn', 'expired', 'failed')),
  -- Why it failed.
  reason text,
  ended_at timestamptz,
  tx_id bytea,
  -- What the deemed sale was assessed from: the kind's reference price and the giver's cost at that moment.
  reference_fen bigint check (reference_fen >= 0),
  cost_fen bigint check (cost_fen >= 0),
  unique (giver, reference_id),
  check ((state = 'open') = (ended_at is null)),
  check ((state = 'given') = (tx_id is not null)),
  check ((state = 'failed') = (reason is not null))
);
create unique index gifts_open_item on market.gifts (item_id) where state = 'open';
create index gifts_recipient on market.gifts (recipient, sent_at desc);
create index gifts_giver on market.gifts (giver, sent_at desc);
create index gifts_due on market.gifts (accept_until) where state = 'open';

create function market.guard_gift() returns trigger language plpgsql as $$
begin
  if old.state <> 'open' then
    raise exception 'gift % is over', old.gift_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger gifts_end_once before update on market.gifts for each row execute function market.guard_gift();
create trigger gifts_stay before delete on market.gifts for each row execute function market.guard_gift();

-- A gift counts among the day's sales for the tax line (rulebook 2.6.5), and not as turnover for the real-name level.
alter table compliance.windows drop constraint windows_check;
alter table compliance.windows add check (turnover_fen >= 0);
