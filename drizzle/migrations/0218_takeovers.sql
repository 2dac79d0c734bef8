-- An account that somebody else used (product P-33): one declaration ends its open orders, claims its trades of seven days and cools it for thirty.
create table cases.takeovers (
  takeover_id text primary key check (takeover_id ~ '^tko_[0-9a-f]{32}$'),
  acct text not null references identity.players (acct),
  text text not null check (length(text) between 10 and 2000),
  at timestamptz not null,
  -- End of the cool-down.
  until timestamptz not null,
  document jsonb not null,
  signature bytea not null check (length(signature) = 64),
  proof jsonb not null,
  canceled integer not null default 0,
  -- When nothing of it was left to be done: the last of its trades had been certified.
  done_at timestamptz
);
create index takeovers_open on cases.takeovers (at) where done_at is null;
create index takeovers_acct on cases.takeovers (acct, at desc);
create function cases.guard_takeover() returns trigger language plpgsql as $$
begin
  if old.done_at is not null or new.acct <> old.acct or new.at <> old.at or new.until <> old.until or new.document <> old.document
     or new.signature <> old.signature or new.canceled < old.canceled then
    raise exception 'takeover % cannot be rewritten', old.takeover_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger takeovers_guard before update on cases.takeovers for each row execute function cases.guard_takeover();
create trigger takeovers_kept before delete on cases.takeovers for each row execute function journal.refuse_change();
alter table cases.claims add column takeover_id text references cases.takeovers;
create index claims_takeover on cases.claims (takeover_id) where takeover_id is not null;
