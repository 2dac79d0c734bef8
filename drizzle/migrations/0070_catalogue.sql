-- What studios declare: games, kinds of items, and the studios' own references of single items.
create schema catalogue;

create table catalogue.games (
  game_id text primary key check (game_id ~ '^gam_[0-9a-f]{32}$'),
  studio_acct text not null check (studio_acct ~ '^[0-9a-f]{64}$'),
  game_ref text not null,
  name_zh text,
  name_en text not null,
  -- No listing without an approval number (rulebook CN-MK-09).
  approval_no text,
  affiliates jsonb not null default '[]',
  sunset_terms text,
  heartbeat_at timestamptz not null,
  created_at timestamptz not null,
  unique (studio_acct, game_ref)
);

create table catalogue.item_classes (
  class_id text primary key check (class_id ~ '^cls_[0-9a-f]{32}$'),
  -- Register index on the ledger; given when the ClassDefine is sequenced, usable when it is certified.
  ledger_serial bigint not null unique,
  studio_acct text not null,
  game_id text not null references catalogue.games,
  class_ref text not null,
  name_zh text,
  name_en text not null,
  description_zh text,
  description_en text,
  category text not null,
  type text not null,
  type_zh text,
  rarity text,
  refinement text,
  icon text not null,
  attributes jsonb not null default '{}',
  -- [{ "name", "chance" }]: what a container may hold, chance in percent as a decimal string.
  contents jsonb not null default '[]',
  royalty_bps integer not null check (royalty_bps between 0 and 1000),
  fee_bps integer not null check (fee_bps between 0 and 10000),
  publicity_hours integer not null check (publicity_hours in (0, 24, 72, 168)),
  protection_hours integer not null check (protection_hours in (72, 168)),
  resale_wait_trading_days integer not null check (resale_wait_trading_days >= 0),
  collectible boolean not null,
  interchangeable boolean not null,
  giftable boolean not null,
  origin text not null check (origin in ('PLAY', 'PURCHASE', 'DRAW')),
  draw_table_sm3 text,
  supply_cap bigint,
  tx_id bytea not null,
  reference_id text not null,
  created_at timestamptz not null,
  certified_at timestamptz,
  search_text text generated always as (lower(coalesce(name_zh, '') || ' ' || name_en || ' ' || category || ' ' || type || ' ' || coalesce(type_zh, ''))) stored,
  unique (game_id, class_ref),
  check (origin <> 'DRAW' or draw_table_sm3 is not null)
);
create index item_classes_game on catalogue.item_classes (game_id);
create index item_classes_category on catalogue.item_classes (category, rarity);
create index item_classes_attributes on catalogue.item_classes using gin (attributes jsonb_path_ops);
create index item_classes_uncertified on catalogue.item_classes (tx_id) where certified_at is null;

-- Attribute schema of a game (T-05): it may only grow.
create table catalogue.attribute_definitions (
  game_id text not null references catalogue.games,
  key text not null check (key ~ '^[a-z][A-Za-z0-9_]{0,39}$'),
  type text not null check (type in ('enum', 'integer', 'decimal', 'boolean', 'text', 'date')),
  label_zh text,
  label_en text not null,
  unit text,
  filterable boolean not null,
  position integer not null,
  primary key (game_id, key)
);

create table catalogue.item_refs (
  item_id text primary key check (item_id ~ '^itm_[0-9a-f]{32}$'),
  class_id text not null references catalogue.item_classes,
  item_ref text not null,
  reference_id text not null,
  unique (class_id, item_ref)
);
