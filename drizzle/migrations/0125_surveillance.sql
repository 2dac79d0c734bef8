-- Surveillance (rulebook 9, product V-08, V-09): what detectors read, in one order; what they say; what people do about it.
create schema surveillance;

-- The stream of the detectors. Its numbers are the order in which they read, so that anybody computes the same alerts from it again.
create table surveillance.facts (
  fact_no bigint primary key check (fact_no >= 1),
  kind text not null check (kind in ('trade', 'payment', 'gift', 'order', 'link', 'account', 'instrument', 'dispute', 'signal')),
  fact_id text not null,
  at timestamptz not null,
  body jsonb not null,
  -- A gap is impossible: each number but the first needs the one before it.
  prev_no bigint generated always as (nullif(fact_no - 1, 0)) stored references surveillance.facts (fact_no)
);
create index facts_at on surveillance.facts using brin (at) with (pages_per_range = 16);
create index facts_id on surveillance.facts (fact_id);
create trigger facts_append_only before update or delete on surveillance.facts for each row execute function journal.refuse_change();

-- How far the feeds were read, and the number of the last fact. One row: who moves it holds it.
create table surveillance.place (
  name text primary key check (name = 'feeds'),
  market_seq bigint not null check (market_seq >= 0),
  finance_seq bigint not null check (finance_seq >= 0),
  fact_no bigint not null check (fact_no >= 0)
);
insert into surveillance.place values ('feeds', 0, 0, 0);

-- The id follows from detector, pack and first evidence; evidence grows, and `revision` with it.
create table surveillance.alerts (
  alert_id text primary key check (alert_id ~ '^alr_[0-9a-f]{32}$'),
  alert_no bigint generated always as identity unique,
  detector text not null,
  name text not null,
  typology text not null,
  score integer not null check (score between 0 and 100),
  first_at timestamptz not null,
  at timestamptz not null,
  trade_ids jsonb not null,
  account_refs jsonb not null,
  figures jsonb not null,
  explanation_zh text not null,
  explanation_en text not null,
  label text check (label in ('self_trade', 'wash', 'circular')),
  -- Whom it concerns (product V-02).
  audience jsonb not null,
  pack_hash bytea not null check (length(pack_hash) = 32),
  -- The fact that raised it, and the last that made it grow.
  first_fact_no bigint not null references surveillance.facts (fact_no),
  fact_no bigint not null references surveillance.facts (fact_no),
  revision integer not null check (revision >= 1),
  state text not null check (state in ('new', 'triaged', 'case', 'dismissed')),
  state_since timestamptz not null,
  -- End of the working day in which it has to be triaged.
  due_at timestamptz not null,
  case_id text unique,
  check ((state = 'case') = (case_id is not null)),
  check (fact_no >= first_fact_no)
);
create index alerts_list on surveillance.alerts (state, alert_no desc);
create index alerts_detector on surveillance.alerts (detector, alert_no desc);
create index alerts_accounts on surveillance.alerts using gin (account_refs jsonb_path_ops);
create index alerts_trades on surveillance.alerts using gin (trade_ids jsonb_path_ops);

create table surveillance.alert_steps (
  alert_id text not null references surveillance.alerts,
  step smallint not null check (step >= 1),
  from_state text not null,
  to_state text not null check (to_state in ('triaged', 'case', 'dismissed')),
  at timestamptz not null,
  by_staff text not null,
  role text not null,
  reason text,
  primary key (alert_id, step),
  check (to_state <> 'dismissed' or length(reason) >= 5)
);
create trigger alert_steps_append_only before update or delete on surveillance.alert_steps for each row execute function journal.refuse_change();
