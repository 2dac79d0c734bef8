-- Halts (product V-17): a kind, a game or the market stops; reason, end, what happens to open orders.
create table cases.halts (
  halt_id text primary key check (halt_id ~ '^hlt_[0-9a-f]{32}$'),
  case_id text not null references cases.cases,
  scope text not null check (scope in ('class', 'game', 'market')),
  -- Of the market: `market`.
  target_id text not null check ((scope = 'market') = (target_id = 'market')),
  reason_code text not null,
  reason text not null check (length(reason) between 10 and 2000),
  open_orders text not null check (open_orders in ('keep', 'cancel')),
  state text not null check (state in ('proposed', 'active', 'ended')),
  set_by text not null,
  approved_by text,
  proposed_at timestamptz not null,
  -- Of the first halt of the case on the target: one person's 48 hours count from here.
  since timestamptz not null,
  starts_at timestamptz,
  until timestamptz not null,
  ended_at timestamptz,
  ended_as text check (ended_as in ('over', 'lifted', 'replaced', 'withdrawn')),
  tx_id bytea check (length(tx_id) = 32),
  lifted_tx_id bytea check (length(lifted_tx_id) = 32),
  check ((state = 'ended') = (ended_at is not null) and (state = 'ended') = (ended_as is not null)),
  check (state <> 'active' or (starts_at is not null and tx_id is not null)),
  check (approved_by is null or approved_by <> set_by),
  check (until <= since + interval '90 days')
);
create unique index halts_active on cases.halts (scope, target_id) where state = 'active';
create index halts_case on cases.halts (case_id);
create function cases.guard_halt() returns trigger language plpgsql as $$
begin
  if old.state = 'ended' then
    raise exception 'halt % is over', old.halt_id using errcode = 'restrict_violation';
  end if;
  if (new.case_id, new.scope, new.target_id, new.reason_code, new.reason, new.open_orders, new.until) is distinct from
     (old.case_id, old.scope, old.target_id, old.reason_code, old.reason, old.open_orders, old.until) then
    raise exception 'halt % cannot be rewritten', old.halt_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger halts_guard before update on cases.halts for each row execute function cases.guard_halt();
create trigger halts_kept before delete on cases.halts for each row execute function journal.refuse_change();
