-- A policy replay is run again by members (rulebook 6.8): what it was computed from is kept with it, and who came to the same body has signed it.
alter table compliance.replays add column inputs bytea;

create table compliance.replay_confirmations (
  replay_id text not null references compliance.replays,
  member integer not null check (member > 0),
  org text not null,
  -- Governance key of the member in the configuration in force then.
  public_key bytea not null check (length(public_key) = 64),
  -- SM2 over the very bytes that the operator has signed.
  signature bytea not null check (length(signature) = 64),
  -- Trades of the period that the member held against its own certified entries, and of them those whose sealed part it could open.
  trades integer not null,
  opened integer not null check (opened between 0 and trades),
  asked_by text not null,
  at timestamptz not null,
  primary key (replay_id, member)
);
create trigger replay_confirmations_append_only before update or delete on compliance.replay_confirmations
  for each row execute function journal.refuse_change();
