-- Rule packs in force, assessments with their inputs, the days' windows of sellers.
create schema compliance;

create table compliance.packs (
  pack_hash bytea primary key,
  pack_id text not null,
  version text not null,
  document jsonb not null,
  activated_at timestamptz not null,
  summary_zh text not null,
  summary_en text not null
);

create table compliance.assessments (
  trade_id text not null,
  version integer not null check (version >= 1),
  at timestamptz not null,
  cause text not null check (cause in ('settled', 'day_line', 'reversed')),
  seller text not null,
  day text not null check (day ~ '^\d{4}-\d\d-\d\d$'),
  gross_fen bigint not null,
  is_taxable boolean not null,
  total_fen bigint not null,
  pack_hash bytea not null,
  assessment_hash bytea not null,
  -- Input of the pure assessment: the trace is computed again from it.
  input jsonb not null,
  lines jsonb not null,
  primary key (trade_id, version)
);
create index assessments_day on compliance.assessments (day, trade_id, version desc);
create index assessments_seller_day on compliance.assessments (seller, day);
create trigger assessments_append_only before update or delete on compliance.assessments for each row execute function journal.refuse_change();

create table compliance.windows (
  acct text not null,
  day text not null,
  -- Sales that count for the day line, and both sides together for the real-name level.
  gross_fen bigint not null check (gross_fen >= 0),
  turnover_fen bigint not null check (turnover_fen >= gross_fen),
  is_taxable boolean not null,
  primary key (acct, day)
);
create table compliance.crossings (
  acct text not null,
  day text not null,
  at timestamptz not null,
  gross_fen bigint not null,
  sales_fen bigint not null,
  by_trade_id text not null,
  reassessed jsonb not null,
  primary key (acct, day, by_trade_id)
);

create table compliance.decisions (
  order_id text primary key,
  at timestamptz not null,
  decision jsonb not null
);
