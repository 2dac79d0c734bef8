-- Changes of the consortium as they are decided on (product O-11): who proposed, who voted how and when, each with a personal signature.
create schema governance;
create table governance.proposals (
  proposal_id text primary key check (proposal_id ~ '^prp_[0-9a-f]{32}$'),
  -- PCE of the configuration that would be in force.
  config bytea not null,
  epoch integer not null,
  kind text not null check (kind in ('admit', 'remove', 'promote', 'keys', 'policy')),
  reason text not null check (length(reason) between 1 and 400),
  member integer not null,
  staff_id text not null,
  name text not null,
  organisation text not null,
  certificate_serial text not null,
  signature bytea not null check (octet_length(signature) = 64),
  proposed_at timestamptz not null,
  -- The ConfigUpdate, once enough have voted for it.
  tx_id bytea check (octet_length(tx_id) = 32),
  submitted_at timestamptz,
  check ((tx_id is null) = (submitted_at is null))
);
create table governance.ballots (
  proposal_id text not null references governance.proposals,
  member integer not null,
  vote text not null check (vote in ('for', 'against')),
  reason text not null,
  staff_id text not null,
  name text not null,
  organisation text not null,
  certificate_serial text not null,
  signature bytea not null check (octet_length(signature) = 64),
  -- By the member's governance key, as the ledger wants it; only a vote for has one.
  approval bytea check (octet_length(approval) = 64),
  voted_at timestamptz not null,
  primary key (proposal_id, member),
  check ((vote = 'for') = (approval is not null))
);
create function governance.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'governance.% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger ballots_append_only before update or delete on governance.ballots for each row execute function governance.refuse_change();
create function governance.guard_proposal() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or old.tx_id is not null or new.config <> old.config or new.signature <> old.signature then
    raise exception 'proposal % cannot be rewritten', old.proposal_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger proposals_submitted_once before update or delete on governance.proposals for each row execute function governance.guard_proposal();
