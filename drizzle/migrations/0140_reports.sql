-- Reports to authorities (product V-24): each over a closed period as of one certified height, signed, its digest on the ledger, amended
-- by a new version and never changed.
create schema reports;

create table reports.jobs (
  job_id text primary key check (job_id ~ '^job_[0-9a-f]{32}$'),
  kind text not null,
  period text not null,
  -- Of the ledger; nothing certified after it counts.
  height bigint,
  requested_by text not null,
  requested_at timestamptz not null,
  state text not null check (state in ('queued', 'running', 'finished', 'failed')),
  reason text,
  report_id text,
  ended_at timestamptz,
  check ((state in ('finished', 'failed')) = (ended_at is not null)),
  check ((state = 'finished') = (report_id is not null))
);
create index jobs_open on reports.jobs (requested_at, job_id) where ended_at is null;

create table reports.reports (
  report_id text primary key check (report_id ~ '^rep_[0-9a-f]{32}$'),
  kind text not null,
  period text not null,
  version integer not null check (version >= 1),
  amends text references reports.reports,
  height bigint not null,
  at timestamptz not null,
  -- RFC 8785: what is signed and whose SM3 stands on the ledger (Attest, kind 2).
  manifest text not null,
  sm3 bytea not null check (length(sm3) = 32),
  key_id text not null,
  sig bytea not null check (length(sig) = 64),
  tx_id bytea not null unique check (length(tx_id) = 32),
  unique (kind, period, version),
  check ((version = 1) = (amends is null))
);
create index reports_recent on reports.reports (at desc, report_id);

create table reports.files (
  report_id text not null references reports.reports,
  name text not null,
  media_type text not null,
  sm3 bytea not null check (length(sm3) = 32),
  content bytea not null,
  primary key (report_id, name)
);

create trigger reports_append_only before update or delete on reports.reports for each row execute function journal.refuse_change();
create trigger files_append_only before update or delete on reports.files for each row execute function journal.refuse_change();
