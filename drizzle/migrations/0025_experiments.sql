-- Registered experiments and who joined. What their caps have counted is read back from orders and trades at the start.
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
