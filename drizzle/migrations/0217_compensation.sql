-- What an experiment pays to who took part and lost by it (product V-21), out of its fund: signed decisions, each with its entry in the books.
create table experiments.compensations (
  -- 32 hex digits drawn by who signs.
  act_id text primary key check (act_id ~ '^[0-9a-f]{32}$'),
  experiment_id text not null references experiments.experiments,
  acct text not null,
  fen bigint not null check (fen > 0),
  entry_id bigint not null unique references journal.entries,
  staff_id text not null,
  at timestamptz not null,
  document jsonb not null,
  signature bytea not null check (length(signature) = 64)
);
create index compensations_experiment on experiments.compensations (experiment_id, at desc);
create trigger compensations_append_only before update or delete on experiments.compensations for each row execute function journal.refuse_change();
