-- Figures of days that are over (product V-05): derived from trades, labels and assessments, worked out again whenever one of them changes.
-- Supervisors' tiles over long spans add up these and read only what is not over from the trades themselves.
create table market.day_figures (
  day text primary key check (day ~ '^\d{4}-\d\d-\d\d$'),
  trades integer not null check (trades >= 0),
  turnover_fen bigint not null,
  filtered_trades integer not null check (filtered_trades between 0 and trades),
  filtered_fen bigint not null,
  -- Fees and royalties.
  cost_fen bigint not null,
  certified integer not null check (certified between 0 and trades),
  certify_ms bigint not null,
  -- Sales and gifts by the day that their taxes count in, each in its newest version.
  assessed integer not null check (assessed >= 0),
  assessed_fen bigint not null
);
-- How many trades of a day took so many milliseconds to be certified.
create table market.day_latencies (
  day text not null,
  ms integer not null,
  trades integer not null check (trades > 0),
  primary key (day, ms)
);
-- Who sold in a month, in those of its days that are over.
create table market.seller_months (
  month text not null check (month ~ '^\d{4}-\d\d$'),
  seller text not null,
  trades integer not null check (trades > 0),
  gross_fen bigint not null,
  last_at timestamptz not null,
  primary key (month, seller)
);
-- How far the feeds have been followed, and the first day that is not over; null: no day has been worked out yet.
create table market.figures_cursor (
  name text primary key check (name = 'days'),
  market_seq bigint not null check (market_seq >= 0),
  tax_seq bigint not null check (tax_seq >= 0),
  closed_before text check (closed_before ~ '^\d{4}-\d\d-\d\d$')
);
