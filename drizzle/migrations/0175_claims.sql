-- Disputes about a trade (product P-32): claims with their clocks, what each side said, files, and how it ended.
create table cases.claims (
  claim_id text primary key check (claim_id ~ '^clm_[0-9a-f]{32}$'),
  claim_no bigint generated always as identity unique,
  trade_id text not null references market.trades,
  kind text not null check (kind in ('not_authorized', 'deceived', 'studio_refuses', 'payment_disputed', 'minor_purchase')),
  claimant text not null,
  respondent text not null,
  reason text not null check (length(reason) between 10 and 2000),
  state text not null check (state in ('open', 'deciding', 'decided', 'appealed', 'upheld', 'closed')),
  opened_at timestamptz not null,
  -- End of the clock of this state.
  due_at timestamptz,
  decision text check (decision in ('upheld', 'refused')),
  outcome text check (outcome in ('reversed', 'refused', 'withdrawn', 'lapsed')),
  closed_at timestamptz,
  -- The supervisors' case, once they are needed.
  case_id text references cases.cases,
  -- Opened fields of `pay` of the reversal, and their root (`ledger.md` 15.1).
  pay jsonb not null,
  pay_root bytea not null check (length(pay_root) = 32),
  reversal_tx_id bytea check (length(reversal_tx_id) = 32),
  -- When the operator's freeze is lifted after a claim that was not upheld.
  release_at timestamptz,
  check (claimant <> respondent),
  check ((state = 'closed') = (closed_at is not null) and (state = 'closed') = (outcome is not null) and (state = 'closed') = (due_at is null)),
  check ((outcome is not distinct from 'reversed') = (reversal_tx_id is not null)),
  unique (trade_id, claimant)
);
-- One dispute about a trade at a time.
create unique index claims_open_trade on cases.claims (trade_id) where state <> 'closed';
create index claims_due on cases.claims (due_at) where due_at is not null;
create index claims_release on cases.claims (release_at) where release_at is not null;
create index claims_claimant on cases.claims (claimant, claim_no desc);
create index claims_respondent on cases.claims (respondent, claim_no desc);
create function cases.guard_claim() returns trigger language plpgsql as $$
begin
  if old.state = 'closed' and (new.state <> 'closed' or new.outcome <> old.outcome) then
    raise exception 'claim % is closed', old.claim_id using errcode = 'restrict_violation';
  end if;
  if new.trade_id <> old.trade_id or new.kind <> old.kind or new.claimant <> old.claimant or new.respondent <> old.respondent
     or new.reason <> old.reason or new.pay <> old.pay or new.pay_root <> old.pay_root then
    raise exception 'claim % cannot be rewritten', old.claim_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger claims_guard before update on cases.claims for each row execute function cases.guard_claim();
create trigger claims_kept before delete on cases.claims for each row execute function journal.refuse_change();

-- What was said and done. `document` is what `signature` and, where there is one, the entry on the ledger stand for.
create table cases.claim_steps (
  claim_id text not null references cases.claims,
  step integer not null check (step >= 1),
  at timestamptz not null,
  role text not null check (role in ('claimant', 'respondent', 'desk', 'supervisor', 'clock')),
  by_ref text not null,
  act text not null check (act in ('opened', 'answered', 'answer_missed', 'decided', 'desk_silent', 'appealed', 'accepted', 'final', 'stands',
    'reviewed', 'reversed', 'withdrawn', 'lapsed', 'held', 'freed', 'case_opened')),
  document jsonb,
  signature bytea check (length(signature) = 64),
  -- What else the signature covers: the challenge of a player, the certificate of an official.
  proof jsonb,
  tx_id bytea check (length(tx_id) = 32),
  primary key (claim_id, step)
);
create trigger claim_steps_append_only before update or delete on cases.claim_steps for each row execute function journal.refuse_change();

create table cases.claim_files (
  claim_id text not null references cases.claims,
  sm3 bytea not null check (length(sm3) = 32),
  role text not null check (role in ('claimant', 'respondent')),
  name text not null check (length(name) between 1 and 120),
  mime text not null check (mime in ('image/png', 'image/jpeg', 'image/webp', 'application/pdf', 'text/plain')),
  at timestamptz not null,
  bytes bytea not null check (length(bytes) between 1 and 400000),
  primary key (claim_id, sm3)
);
create trigger claim_files_append_only before update or delete on cases.claim_files for each row execute function journal.refuse_change();
