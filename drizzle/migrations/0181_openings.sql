-- Identities opened to officials (product V-13): who asked on which ground, who approved, what was read, when the person is told.
create table cases.openings (
  opening_id text primary key check (opening_id ~ '^opn_[0-9a-f]{32}$'),
  case_id text not null references cases.cases,
  -- The account.
  subject text not null,
  legal_ground text not null check (length(legal_ground) between 10 and 500),
  reason text not null check (length(reason) between 10 and 2000),
  -- Which fields of the person.
  scope jsonb not null,
  state text not null check (state in ('proposed', 'open')),
  asked_by text not null,
  asked_role text not null,
  asked_at timestamptz not null,
  approved_by text,
  approved_role text,
  approved_at timestamptz,
  tx_id bytea check (length(tx_id) = 32),
  -- Until then the person is not told.
  sealed_until timestamptz,
  told_at timestamptz,
  check (approved_by is null or approved_by <> asked_by),
  check ((state = 'open') = (approved_by is not null) and (state = 'open') = (approved_role is not null) and (state = 'open') = (approved_at is not null)
    and (state = 'open') = (tx_id is not null) and (state = 'open') = (sealed_until is not null)),
  check (told_at is null or told_at >= sealed_until)
);
create index openings_case on cases.openings (case_id);
create index openings_subject on cases.openings (subject);
create index openings_sealed on cases.openings (sealed_until) where told_at is null and sealed_until is not null;
create function cases.guard_opening() returns trigger language plpgsql as $$
begin
  if old.told_at is not null or new.subject <> old.subject or new.case_id <> old.case_id or new.scope <> old.scope
    or new.legal_ground <> old.legal_ground or new.reason <> old.reason or new.asked_by <> old.asked_by
    or (old.state = 'open' and (new.state <> 'open' or new.approved_by <> old.approved_by or new.tx_id <> old.tx_id))
    or new.sealed_until < old.sealed_until then
    raise exception 'opening % cannot be rewritten', old.opening_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger openings_guard before update on cases.openings for each row execute function cases.guard_opening();
create trigger openings_kept before delete on cases.openings for each row execute function journal.refuse_change();

-- Each time that somebody read it.
create table cases.opening_reads (
  opening_id text not null references cases.openings,
  read_no integer not null check (read_no >= 1),
  staff_id text not null,
  role text not null,
  at timestamptz not null,
  primary key (opening_id, read_no)
);
create trigger opening_reads_append_only before update or delete on cases.opening_reads for each row execute function journal.refuse_change();

-- Who acts as one person (rulebook 9.1): one settlement account, one device on three days.
alter table identity.cards add column card_hash bytea check (length(card_hash) = 32);
create index cards_hash on identity.cards (card_hash) where card_hash is not null;
-- SM3 of a random id that the browser keeps.
alter table identity.sessions add column device_hash bytea check (length(device_hash) = 32);
create index sessions_device on identity.sessions (device_hash) where device_hash is not null;
