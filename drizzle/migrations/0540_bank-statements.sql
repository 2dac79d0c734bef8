-- Statements of the bank (camt.053) as somebody held them against our journal: who, when, and what differed (product V-11). A file that is held
-- again is another row, since our books may have moved.
create table journal.bank_statements (
  number bigint generated always as identity primary key,
  at timestamptz not null,
  staff_id text not null,
  staff_role text not null,
  file_name text not null check (length(file_name) <= 200),
  file_sm3 bytea not null check (length(file_sm3) = 32),
  version text not null check (version ~ '^\d\d$'),
  statement_id text not null,
  account_id text not null,
  from_at timestamptz not null,
  before_at timestamptz not null check (before_at > from_at),
  -- Entries and balances of both sides.
  figures jsonb not null,
  differences integer not null check (differences >= 0),
  -- The first of them, as many as are kept.
  listed jsonb not null
);
create trigger bank_statements_append_only before update or delete on journal.bank_statements for each row execute function journal.refuse_change();
