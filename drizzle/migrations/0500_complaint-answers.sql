-- The tax supervisor's answer to a complaint that money is missing (experiment X1): one, signed, never changed. The signature with its document
-- lies beside every personal signature, under this act.
create table experiments.complaint_answers (
  trade_id text primary key references experiments.liquidity_complaints,
  act_id text not null unique check (act_id ~ '^[0-9a-f]{32}$'),
  by_staff text not null,
  at timestamptz not null,
  text text not null check (length(text) between 10 and 1000)
);
create trigger complaint_answers_stay before update or delete on experiments.complaint_answers for each row execute function journal.refuse_change();
