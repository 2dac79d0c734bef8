-- Who pushed the price of a kind up buys and sells none of it for a while (rulebook CN-SV-06): by itself, with an end, and an objection.
create table compliance.cool_downs (
  cool_down_id text primary key check (cool_down_id ~ '^cld_[0-9a-f]{32}$'),
  alert_id text not null references surveillance.alerts,
  acct text not null,
  class_id text not null,
  since timestamptz not null,
  until timestamptz not null check (until > since),
  objection text check (length(objection) between 10 and 2000),
  objected_at timestamptz,
  -- A supervisor ended it before its time.
  lifted_at timestamptz,
  lifted_by text,
  answer text,
  unique (alert_id, acct, class_id),
  check ((objection is null) = (objected_at is null)),
  check ((lifted_at is null) = (lifted_by is null) and (lifted_at is null) = (answer is null))
);
create index cool_downs_running on compliance.cool_downs (acct, until) where lifted_at is null;
create index cool_downs_until on compliance.cool_downs (until) where lifted_at is null;
