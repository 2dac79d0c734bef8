-- What became of a report at its authority (product V-24, V-06): handed in, accepted with a receipt number, or rejected with a reason.
create table reports.filings (
  report_id text primary key references reports.reports,
  authority text not null,
  due_on date not null,
  state text not null check (state in ('waiting', 'handed', 'accepted', 'rejected')),
  attempts integer not null check (attempts >= 0),
  next_at timestamptz not null,
  handed_at timestamptz,
  answered_at timestamptz,
  receipt_no text unique,
  is_late boolean,
  reason text,
  check ((state = 'waiting') = (handed_at is null)),
  check ((state in ('accepted', 'rejected')) = (answered_at is not null)),
  check ((state = 'accepted') = (receipt_no is not null and is_late is not null)),
  check ((state = 'rejected') = (reason is not null))
);
create index filings_open on reports.filings (next_at, report_id) where answered_at is null;

-- An answer is kept as it was given.
create function reports.keep_answer() returns trigger language plpgsql as $$
begin
  raise exception 'the answer of an authority is kept as it was given' using errcode = 'restrict_violation';
end $$;
create trigger filings_answered before update on reports.filings for each row when (old.answered_at is not null) execute function reports.keep_answer();
create trigger filings_kept before delete on reports.filings for each row execute function journal.refuse_change();

-- The simulated authorities' own books. They know of us only what is handed to them.
create schema simulated_authority;
create table simulated_authority.intake (
  report_id text primary key,
  kind text not null,
  period text not null,
  version integer not null,
  knocks integer not null,
  taken_at timestamptz,
  answer_at timestamptz,
  outcome text check (outcome in ('accepted', 'rejected')),
  reason text,
  receipt_no text unique,
  is_late boolean,
  check ((taken_at is null) = (outcome is null)),
  check ((taken_at is null) = (answer_at is null))
);
