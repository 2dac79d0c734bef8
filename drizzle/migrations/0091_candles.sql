-- Candles kept ready (product P-14): derived from trades and their labels, worked out again whenever one of them changes, and rebuilt from
-- them alone by one command.

-- What detectors said of a trade. A label that is taken back stays, with the time; whoever writes here appends `mkt.trade.corrected` to
-- room sup:market in the same database transaction, and the candles follow.
create table market.trade_labels (
  trade_id text not null references market.trades,
  label text not null check (label in ('self_trade', 'wash', 'circular')),
  at timestamptz not null,
  removed_at timestamptz,
  -- The alert or case that it comes from.
  source text not null,
  primary key (trade_id, label),
  check (removed_at is null or removed_at >= at)
);

-- `all` counts every settled trade. A row `filtered` stands only where something was left out and something is left.
create table market.candles (
  class_id text not null,
  span text not null check (span in ('5m', '1h', '6h', '24h', '7d')),
  series text not null check (series in ('all', 'filtered')),
  start timestamptz not null,
  open_fen bigint not null,
  high_fen bigint not null,
  low_fen bigint not null,
  close_fen bigint not null,
  -- Of trades, not of units.
  median_fen bigint not null,
  volume bigint not null check (volume > 0),
  trades integer not null check (trades > 0),
  -- Trades of the bucket that the filtered series leaves out: reversed or labelled.
  left_out integer not null check (left_out >= 0),
  -- Raised by every reversal and every label that came or went; never falls.
  revision integer not null check (revision >= 0),
  last_at timestamptz not null,
  as_of timestamptz not null,
  primary key (class_id, span, series, start),
  check (low_fen <= least(open_fen, close_fen, median_fen) and high_fen >= greatest(open_fen, close_fen, median_fen))
);

-- How far the feed of the market has been followed.
create table market.candle_cursor (
  room text primary key check (room = 'sup:market'),
  seq bigint not null check (seq >= 0)
);
insert into market.candle_cursor values ('sup:market', 0);
