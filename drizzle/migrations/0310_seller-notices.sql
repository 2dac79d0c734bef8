-- What sellers were told of a year of sales (rulebook CN-RPT-13, CN-IIT-16): each thing once a year, with the figures that it rests on.
create table compliance.seller_notices (
  acct text not null references identity.players (acct),
  year integer not null check (year between 2026 and 9999),
  kind text not null check (kind in ('registration_due', 'business_hint')),
  at timestamptz not null,
  -- Sales of the year, and of twelve months.
  turnover_fen bigint not null check (turnover_fen >= 0),
  recent_fen bigint not null check (recent_fen >= 0),
  pack_hash bytea not null check (length(pack_hash) = 32),
  primary key (acct, year, kind)
);
create index seller_notices_at on compliance.seller_notices (at);
create trigger seller_notices_append_only before update or delete on compliance.seller_notices for each row execute function journal.refuse_change();
