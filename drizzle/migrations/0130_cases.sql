-- Interventions of supervisors (product V-14 to V-16): cases with their timeline, freezes with an end, signed acts, appeals.
create schema cases;

create table cases.cases (
  case_id text primary key check (case_id ~ '^cas_[0-9a-f]{32}$'),
  case_no bigint generated always as identity unique,
  source text not null check (source in ('alert', 'claim', 'own_motion')),
  source_id text,
  topic text not null check (topic in ('abuse', 'laundering', 'theft', 'dispute', 'tax', 'other')),
  title text not null check (length(title) between 3 and 200),
  -- The rule that permits to act.
  ground text not null check (length(ground) between 3 and 500),
  -- Whom it concerns (product V-02).
  audience jsonb not null,
  state text not null check (state in ('open', 'referred', 'closed')),
  owner_staff text not null,
  opened_by text not null,
  opened_at timestamptz not null,
  -- Until when it has to be decided.
  due_at timestamptz not null,
  closed_at timestamptz,
  outcome text check (outcome in ('no_breach', 'breach', 'referred', 'settled')),
  check ((state = 'closed') = (closed_at is not null) and (state = 'closed') = (outcome is not null))
);
create index cases_list on cases.cases (state, case_no desc);
create unique index cases_of_source on cases.cases (source, source_id) where source_id is not null;

create table cases.events (
  case_id text not null references cases.cases,
  step integer not null check (step >= 1),
  at timestamptz not null,
  by_staff text not null,
  role text not null,
  act text not null check (act in ('opened', 'note', 'evidence', 'owner', 'shared', 'referred', 'closed', 'freeze_proposed', 'freeze_set', 'freeze_lifted',
    'freeze_ended', 'appeal', 'appeal_answered', 'opening_asked', 'opening_approved', 'halt', 'claim')),
  body jsonb not null,
  primary key (case_id, step)
);
create trigger events_append_only before update or delete on cases.events for each row execute function journal.refuse_change();

create table cases.freezes (
  freeze_id text primary key check (freeze_id ~ '^frz_[0-9a-f]{32}$'),
  -- null: the operator's own, for a sworn claim or a dispute.
  case_id text references cases.cases,
  claim_id text,
  scope text not null check (scope in ('item', 'class', 'account', 'payout')),
  target_id text not null,
  -- Whom it restricts; null for a kind.
  holder text,
  reason_code text not null,
  reason text not null,
  -- Laundering: the person sees the restriction and nothing else (rulebook CN-AML-04).
  is_secret boolean not null,
  state text not null check (state in ('proposed', 'active', 'ended')),
  set_by text not null,
  approved_by text,
  proposed_at timestamptz not null,
  -- Start of the first freeze of the case on the target: the longest term counts from here.
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
create unique index freezes_active on cases.freezes (scope, target_id) where state = 'active';
create index freezes_case on cases.freezes (case_id);
create index freezes_holder on cases.freezes (holder) where holder is not null;
create function cases.guard_freeze() returns trigger language plpgsql as $$
begin
  if old.state = 'ended' then
    raise exception 'freeze % is over', old.freeze_id using errcode = 'restrict_violation';
  end if;
  if new.until <> old.until or new.target_id <> old.target_id or new.scope <> old.scope or new.reason <> old.reason then
    raise exception 'freeze % cannot be rewritten', old.freeze_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger freezes_guard before update on cases.freezes for each row execute function cases.guard_freeze();
create trigger freezes_kept before delete on cases.freezes for each row execute function journal.refuse_change();

-- Who signed what with the personal key of which certificate; one person signs one act once.
create table cases.signatures (
  subject_id text not null,
  act text not null,
  staff_id text not null,
  role text not null,
  organisation text not null,
  certificate_serial text not null,
  at timestamptz not null,
  document jsonb not null,
  signature bytea not null check (length(signature) = 64),
  primary key (subject_id, act, staff_id)
);
create trigger signatures_append_only before update or delete on cases.signatures for each row execute function journal.refuse_change();

create table cases.appeals (
  appeal_id text primary key check (appeal_id ~ '^apl_[0-9a-f]{32}$'),
  freeze_id text not null unique references cases.freezes,
  acct text not null,
  text text not null check (length(text) between 10 and 2000),
  opened_at timestamptz not null,
  due_at timestamptz not null,
  state text not null check (state in ('open', 'granted', 'rejected')),
  answered_by text,
  answered_at timestamptz,
  answer text,
  check ((state = 'open') = (answered_at is null) and (answered_at is null) = (answer is null))
);
create index appeals_open on cases.appeals (due_at) where state = 'open';
create function cases.guard_appeal() returns trigger language plpgsql as $$
begin
  if old.state <> 'open' then
    raise exception 'appeal % is answered', old.appeal_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger appeals_guard before update on cases.appeals for each row execute function cases.guard_appeal();
create trigger appeals_kept before delete on cases.appeals for each row execute function journal.refuse_change();
