-- Evidence packages (product P-45): who took what out, when, and the hash by which it is recognised.
create schema evidence;
create table evidence.exports (
  export_id text primary key,
  subject_kind text not null check (subject_kind in ('trade', 'item')),
  subject_id text not null,
  requested_by text not null,
  state text not null check (state in ('waiting', 'built', 'failed')),
  reason text,
  case_ref text not null,
  requested_at timestamptz not null,
  built_at timestamptz,
  sm3 bytea,
  size integer
);
create index exports_requester on evidence.exports (requested_by, requested_at desc);
