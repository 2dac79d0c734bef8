-- Moments at which a stop trigger that had acted was found at rest again, so that the next failure acts anew (product V-21).
create table experiments.trigger_rearms (
  experiment_id text not null references experiments.experiments,
  condition text not null,
  at timestamptz not null,
  primary key (experiment_id, condition, at)
);
create trigger trigger_rearms_append_only before update or delete on experiments.trigger_rearms for each row execute function journal.refuse_change();
