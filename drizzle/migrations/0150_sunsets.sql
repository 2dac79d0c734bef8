-- The end of games (product T-27) and signs of life (T-28). The ledger's record is per issuing account; what a game promised its players is here.
create table catalogue.sunsets (
  studio_acct text primary key,
  game_id text not null references catalogue.games,
  ends_at timestamptz not null,
  -- SM3 of the list of art files, as on the ledger, in hex.
  archive text not null check (archive ~ '^[0-9a-f]{64}$'),
  successor text,
  refund_terms text not null,
  cause text not null check (cause in ('studio', 'silence')),
  tx_id bytea not null unique check (octet_length(tx_id) = 32),
  announced_at timestamptz not null,
  check (ends_at > announced_at)
);

-- One warning per step of one silence; a sign of life begins a new one.
create table catalogue.silence_warnings (
  game_id text not null references catalogue.games,
  silent_since timestamptz not null,
  days integer not null check (days in (7, 14, 21)),
  warned_at timestamptz not null,
  primary key (game_id, silent_since, days)
);
