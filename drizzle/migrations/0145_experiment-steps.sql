-- Experiments from draft to exit report (product V-20 to V-22): declarations, approvals, comments, steps, KPIs, triggers, reports.
create table experiments.declarations (
  experiment_id text primary key references experiments.experiments,
  document jsonb not null,
  created_by text not null,
  created_at timestamptz not null
);
create trigger declarations_kept before update or delete on experiments.declarations for each row execute function journal.refuse_change();

create table experiments.steps (
  experiment_id text not null references experiments.experiments,
  step_no integer not null check (step_no >= 1),
  step text not null,
  from_status text,
  to_status text not null,
  at timestamptz not null,
  reason text not null,
  -- A staff id, or the market itself for what a trigger did.
  by_whom text not null,
  -- The entry on the ledger; a draft lies off it.
  tx_id bytea check (length(tx_id) = 32),
  primary key (experiment_id, step_no)
);
create trigger steps_append_only before update or delete on experiments.steps for each row execute function journal.refuse_change();

create table experiments.approvals (
  experiment_id text not null references experiments.experiments,
  step text not null,
  -- What exactly: the new end of an extension, or nothing.
  subject text not null,
  staff_id text not null,
  role text not null check (role in ('operator', 'supervisor')),
  name text not null,
  organisation text not null,
  at timestamptz not null,
  primary key (experiment_id, step, subject, staff_id, at)
);
create trigger approvals_append_only before update or delete on experiments.approvals for each row execute function journal.refuse_change();

create table experiments.comments (
  comment_id text primary key check (comment_id ~ '^cmt_[0-9a-f]{32}$'),
  experiment_id text not null references experiments.experiments,
  at timestamptz not null,
  -- An account.
  author text not null,
  text text not null check (length(text) between 1 and 2000)
);
create index comments_experiment on experiments.comments (experiment_id, at);
create trigger comments_append_only before update or delete on experiments.comments for each row execute function journal.refuse_change();

-- The newest measurement of each Beijing day.
create table experiments.kpis (
  experiment_id text not null references experiments.experiments,
  day text not null check (day ~ '^\d{4}-\d\d-\d\d$'),
  kpi_id text not null,
  arm text not null,
  at timestamptz not null,
  body jsonb not null,
  primary key (experiment_id, day, kpi_id, arm)
);

create table experiments.spreads (
  experiment_id text not null references experiments.experiments,
  at timestamptz not null,
  arm text not null,
  class_id text not null,
  ask_fen bigint not null check (ask_fen > 0),
  bid_fen bigint not null check (bid_fen > 0),
  primary key (experiment_id, at, arm, class_id)
);

create table experiments.triggers (
  experiment_id text not null references experiments.experiments,
  at timestamptz not null,
  condition text not null,
  action text not null check (action in ('PAUSE_NEW', 'HALT_ALL')),
  value bigint not null,
  bound bigint not null,
  primary key (experiment_id, at)
);
create trigger triggers_append_only before update or delete on experiments.triggers for each row execute function journal.refuse_change();

create table experiments.exit_reports (
  experiment_id text primary key references experiments.experiments,
  at timestamptz not null,
  body jsonb not null,
  body_hash bytea not null check (length(body_hash) = 32),
  -- SM2 of the operator over the body's hash.
  signature bytea not null check (length(signature) = 64),
  pdf bytea not null
);
create trigger exit_reports_kept before update or delete on experiments.exit_reports for each row execute function journal.refuse_change();
