-- Registered experiments, who joined, and what their caps have counted.
create schema experiments;

create table experiments.experiments (
  experiment_id text primary key,
  document jsonb not null,
  status text not null,
  since timestamptz not null,
  class_ids jsonb not null
);
create table experiments.participants (
  experiment_id text not null references experiments.experiments,
  acct text not null,
  joined_at timestamptz not null,
  disclosure_version text not null,
  arm text not null,
  primary key (experiment_id, acct)
);
-- One writer per experiment; used + reserved never passes the limit that stands beside it.
create table experiments.counters (
  experiment_id text not null references experiments.experiments,
  counter text not null,
  used_fen bigint not null default 0 check (used_fen >= 0),
  reserved_fen bigint not null default 0 check (reserved_fen >= 0),
  limit_fen bigint not null,
  primary key (experiment_id, counter),
  check (used_fen + reserved_fen <= limit_fen)
);
