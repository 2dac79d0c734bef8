-- What a supervisor keeps of the desk's papers for the day the operator is gone (product O-05): sealed for its own key, the newest only.
create table mirror.papers (
  id smallint primary key default 1 check (id = 1),
  at timestamptz not null,
  sealed jsonb not null
);
-- An award that was carried over a takeover outlives the case that decided it.
alter table cases.guarantee_awards alter column case_id drop not null;
