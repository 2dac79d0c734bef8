-- Who holds which item: a copy of the ledger, kept in the same database transaction and rebuilt from it by one command.
create schema custody;

create table custody.items (
  item_id text primary key check (item_id ~ '^itm_[0-9a-f]{32}$'),
  ledger_serial bigint not null unique,
  class_id text not null,
  -- 1, 2, 3 … within its kind
  unit_no integer not null check (unit_no >= 1),
  owner text not null check (owner ~ '^[0-9a-f]{64}$'),
  ver bigint not null check (ver >= 1),
  is_burned boolean not null default false,
  protected_until timestamptz,
  frozen_until timestamptz,
  acquired_at timestamptz not null,
  -- End of the publicity that this owner's offer of the item ran through; null: none yet.
  publicity_until timestamptz,
  tx_id bytea not null,
  unique (class_id, unit_no)
);
create index items_owner on custody.items (owner, class_id, unit_no) where not is_burned;
create index items_class on custody.items (class_id, unit_no);
-- A version is spent once: an update that does not raise it changes no owner. Only a trade that the members refused goes back.
create function custody.guard_item() returns trigger language plpgsql as $$
begin
  if current_setting('daoju.refused_trade', true) = 'on' then return new; end if;
  if new.ledger_serial <> old.ledger_serial or new.class_id <> old.class_id or new.unit_no <> old.unit_no or new.ver < old.ver
     or (new.owner <> old.owner and new.ver = old.ver) then
    raise exception 'item % would change without a new version', old.item_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger items_by_version before update on custody.items for each row execute function custody.guard_item();

create table custody.hops (
  item_id text not null,
  ver bigint not null,
  act text not null check (act in ('issued', 'sold', 'given', 'returned', 'court')),
  at timestamptz not null,
  from_acct text,
  to_acct text not null,
  trade_id text,
  tx_id bytea not null,
  primary key (item_id, ver)
);
create index hops_tx on custody.hops (tx_id);

-- One active hold per item: it cannot be promised twice.
create table custody.item_holds (
  order_id text not null,
  item_id text not null references custody.items,
  state text not null check (state in ('active', 'spent', 'released')),
  primary key (order_id, item_id)
);
create unique index item_holds_active on custody.item_holds (item_id) where state = 'active';
create function custody.guard_hold() returns trigger language plpgsql as $$
begin
  if old.state <> 'active' then
    raise exception 'hold of % on % is over', old.order_id, old.item_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger item_holds_end_once before update on custody.item_holds for each row execute function custody.guard_hold();

-- Cost basis (rulebook 2.6.6): an item under an owner is a lot of one unit. `cost_fen` null: no platform record of a cost.
create table custody.lots (
  item_id text not null,
  ver bigint not null,
  acct text not null,
  class_id text not null,
  acquired_at timestamptz not null,
  cost_fen bigint check (cost_fen >= 0),
  source text not null check (source in ('bought_here', 'assessed', 'gift', 'play', 'none')),
  primary key (item_id, ver)
);
