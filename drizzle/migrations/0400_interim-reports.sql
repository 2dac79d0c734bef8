-- Reports that an experiment writes while it runs (rulebook 6.4, reporting): of a day, a month, and every so many days.
create table experiments.interim_reports (
  experiment_id text not null references experiments.experiments,
  kind text not null check (kind in ('daily', 'monthly', 'interim')),
  -- The Beijing date or month whose time was over.
  label text not null,
  at timestamptz not null,
  body jsonb not null,
  body_hash bytea not null check (length(body_hash) = 32),
  -- SM2 of the operator over the body's hash.
  signature bytea not null check (length(signature) = 64),
  primary key (experiment_id, kind, label)
);
create trigger interim_reports_kept before update or delete on experiments.interim_reports for each row execute function journal.refuse_change();
