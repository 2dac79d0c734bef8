-- Every decision of the sandbox with what it was made from, so that any pack can decide it again (rulebook 6.8). No names and no birth
-- dates: the age in completed years on the Beijing date of the attempt. Nobody ever wrote to the table of the same name before this one.
drop table compliance.decisions;

create table compliance.decisions (
  acct text not null check (acct ~ '^[0-9a-f]{64}$'),
  -- `order`: a signed placement; `quote`: a request for a quote that was denied, so that nothing was ever signed.
  stage text not null check (stage in ('order', 'quote')),
  -- Of the placement; of a quote: `quote:` and the digest of what was asked on that day, so that asking again adds nothing.
  reference_id text not null check (reference_id ~ '^[\x21-\x7e]{1,64}$'),
  at timestamptz not null,
  -- The order as signed; it exists in market.orders when the outcome is `placed`.
  order_id text check (order_id ~ '^ord_[0-9a-f]{64}$'),
  -- The attempt.
  act text not null check (act in ('primary', 'secondary', 'gift')),
  intent text not null check (intent in ('listing', 'buy_order', 'take_listing', 'serve_buy_order', 'matched')),
  side text not null check (side in ('sell', 'buy')),
  mechanism text not null check (mechanism in ('fixed_price', 'negotiated', 'price_time')),
  class_id text not null,
  game_id text not null,
  target_order_id text,
  price_fen bigint not null check (price_fen >= 0),
  quantity integer not null check (quantity >= 0),
  -- Of a seller: item, when and how it was acquired, hash of the odds under which it was drawn.
  items jsonb not null,
  -- The person at that time. Totals are what was traded before this attempt.
  role text not null check (role in ('player', 'studio')),
  age smallint not null check (age >= 0),
  level text not null,
  place text not null check (place in ('CITY', 'COUNTY', 'OTHER')),
  vat_status text not null check (vat_status in ('GENERAL', 'SMALL_SCALE')),
  is_issuer boolean not null,
  has_open_aml_case boolean not null,
  secondary_day_fen bigint not null check (secondary_day_fen >= 0),
  primary_month_fen bigint not null check (primary_month_fen >= 0),
  -- The kind as declared at that time, and its reference price; null: none yet (CN-SV-00).
  class_facts jsonb not null,
  reference_price_fen bigint check (reference_price_fen > 0),
  -- The decision.
  kind text not null check (kind in ('allow', 'deny', 'review')),
  reasons jsonb not null,
  pack_hash bytea not null check (length(pack_hash) = 32),
  -- Set when the kind belongs to an experiment that the attempt asked for: its document as it stood, and whether the person was in.
  experiment_id text,
  experiment_hash bytea check (length(experiment_hash) = 32),
  participation text,
  arm text,
  -- What became of the attempt: `placed`, or the code that the player was given. An allowed attempt may fail for money or for a rival.
  outcome text not null check (outcome ~ '^[A-Za-z0-9_]+$'),
  primary key (acct, stage, reference_id),
  check (stage = 'order' or (order_id is null and kind = 'deny')),
  check (kind <> 'deny' or outcome <> 'placed'),
  check ((kind = 'allow') = (reasons = '[]')),
  check ((experiment_id is null) = (experiment_hash is null) and (experiment_id is null) = (participation is null)),
  check ((participation = 'in') = (arm is not null))
);
-- Rows arrive in the order of time: a range index costs the hot path nothing and finds a period.
create index decisions_at on compliance.decisions using brin (at) with (pages_per_range = 16);
create index decisions_not_allowed on compliance.decisions (at) where kind <> 'allow';
create trigger decisions_append_only before update or delete on compliance.decisions for each row execute function journal.refuse_change();
