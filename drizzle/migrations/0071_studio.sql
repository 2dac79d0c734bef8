-- Studios as users of the REST API: keys, nonces, references (idempotent for ever), jobs, request log.
create schema studio;

create table studio.studios (
  acct text primary key check (acct ~ '^[0-9a-f]{64}$'),
  name_zh text,
  name_en text not null,
  tier text not null check (tier in ('standard', 'partner')),
  -- The issuing key lies with the operator; shown everywhere as hosted (T-11).
  is_hosted boolean not null,
  created_at timestamptz not null
);

create table studio.keys (
  key_id text primary key,
  acct text not null references studio.studios,
  kind text not null check (kind in ('write', 'read')),
  public_key bytea,
  secret_sm3 bytea unique,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  last_used_at timestamptz,
  check ((kind = 'write') = (public_key is not null)),
  check ((kind = 'read') = (secret_sm3 is not null))
);

create table studio.nonces (
  key_id text not null references studio.keys,
  nonce text not null,
  seen_at timestamptz not null,
  primary key (key_id, nonce)
);
create index nonces_seen on studio.nonces (seen_at);

create table studio."references" (
  acct text not null references studio.studios,
  reference_id text not null check (reference_id ~ '^[\x21-\x7e]{1,64}$'),
  route text not null,
  body jsonb not null,
  status integer not null,
  answer jsonb not null,
  created_at timestamptz not null,
  primary key (acct, reference_id)
);
create function studio.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'studio.% is append-only', tg_table_name;
end $$;
create trigger references_append_only before update or delete on studio."references" for each row execute function studio.refuse_change();

create table studio.jobs (
  job_id text primary key check (job_id ~ '^job_[0-9a-f]{32}$'),
  acct text not null references studio.studios,
  reference_id text not null,
  kind text not null check (kind in ('item_classes', 'mints')),
  game_id text not null references catalogue.games,
  state text not null check (state in ('queued', 'running', 'paused', 'finished', 'failed', 'canceled')),
  reason text,
  total integer not null,
  created_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz,
  unique (acct, reference_id)
);

create table studio.job_rows (
  job_id text not null references studio.jobs,
  row_no integer not null,
  row_ref text not null,
  body jsonb not null,
  units integer not null check (units >= 0),
  state text not null check (state in ('waiting', 'sequenced', 'certified', 'same', 'refused')),
  code text,
  tx_id bytea,
  primary key (job_id, row_no)
);
create index job_rows_state on studio.job_rows (job_id, state, row_no);
create index job_rows_uncertified on studio.job_rows (tx_id) where state = 'sequenced';

create table studio.requests (
  trace_id text primary key,
  acct text not null,
  at timestamptz not null,
  method text not null,
  path text not null,
  status integer not null,
  code text
);
create index requests_recent on studio.requests (acct, at desc);
