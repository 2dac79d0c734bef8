-- Taxes of days that are over (product V-06), derived like the other figures of 0473, with the same cursor.
-- By game ('': of none) and by line ('': all sales of the game); `sales`, `gross_fen` and `tax_fen` of a line are of the sales with an amount on it.
create table market.day_taxes (
  day text not null check (day ~ '^\d{4}-\d\d-\d\d$'),
  game_id text not null,
  line text not null,
  sales integer not null check (sales >= 0),
  gross_fen bigint not null,
  tax_fen bigint not null,
  amount_fen bigint not null,
  -- The least of the packs that assessed them.
  pack_hash bytea not null check (length(pack_hash) = 32),
  primary key (day, game_id, line)
);
-- What was assessed of a seller in a month, in those of its days that are over.
create table market.seller_tax_months (
  month text not null check (month ~ '^\d{4}-\d\d$'),
  seller text not null,
  sales integer not null check (sales > 0),
  gross_fen bigint not null,
  tax_fen bigint not null,
  primary key (month, seller)
);
-- Every day is worked out once more, with its taxes; until then its rows are read.
delete from market.figures_cursor;
truncate market.day_figures, market.day_latencies, market.seller_months;
