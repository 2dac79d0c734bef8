-- Kinds that a person keeps an eye on (P-09): below which price to tell, and what the lowest listing cost when watching began.
create table market.watched (
  acct text not null,
  class_id text not null references catalogue.item_classes,
  below_fen bigint check (below_fen > 0),
  since_fen bigint check (since_fen > 0),
  watched_at timestamptz not null,
  primary key (acct, class_id)
);
