-- The operator's desk (product O-17): what people report, sworn claims of theft, and every step that the desk signs.
create table cases.reports (
  report_id text primary key check (report_id ~ '^rpt_[0-9a-f]{32}$'),
  kind text not null check (kind in ('item', 'person', 'theft')),
  subject_id text not null,
  reporter text not null,
  text text not null check (length(text) between 10 and 2000),
  at timestamptz not null,
  due_at timestamptz not null,
  closed_at timestamptz,
  -- Of a sworn claim: what the player's key signed.
  document jsonb,
  signature bytea check (length(signature) = 64),
  proof jsonb,
  check ((kind = 'theft') = (signature is not null))
);
create index reports_open on cases.reports (due_at) where closed_at is null;
-- The same person says the same thing once while it is being looked into.
create unique index reports_once on cases.reports (reporter, kind, subject_id) where closed_at is null;
create function cases.guard_report() returns trigger language plpgsql as $$
begin
  if old.closed_at is not null or new.text <> old.text or new.subject_id <> old.subject_id or new.reporter <> old.reporter then
    raise exception 'report % may only be closed', old.report_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger reports_only_close before update on cases.reports for each row execute function cases.guard_report();
create trigger reports_kept before delete on cases.reports for each row execute function journal.refuse_change();

create table cases.desk_steps (
  -- 32 hex digits drawn by who signs.
  act_id text primary key check (act_id ~ '^[0-9a-f]{32}$'),
  queue text not null check (queue in ('theft', 'report', 'payout', 'break')),
  subject_id text not null,
  act text not null check (act in ('noted', 'closed', 'frozen')),
  staff_id text not null,
  certificate_serial text not null,
  at timestamptz not null,
  document jsonb not null,
  signature bytea not null check (length(signature) = 64),
  tx_id bytea check (length(tx_id) = 32)
);
create index desk_steps_subject on cases.desk_steps (queue, subject_id, at);
create trigger desk_steps_append_only before update or delete on cases.desk_steps for each row execute function journal.refuse_change();
