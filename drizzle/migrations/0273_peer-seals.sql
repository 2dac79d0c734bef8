-- Seals of other members (ledger.md 13.1), verified. A member whose store is set back to a copy may have forgotten its own, and asks
-- those who heard it (10.5): so they must not forget it with their process.
create table ledger.peer_seals (
  new_epoch bigint not null,
  member integer not null,
  -- PCE of the Seal, and of the EndorsementSet that it reports.
  body bytea not null,
  endorsed bytea,
  sig bytea not null check (octet_length(sig) = 64),
  primary key (new_epoch, member)
);
create trigger peer_seals_insert_only before update or delete on ledger.peer_seals for each row execute function ledger.refuse_change();
create trigger peer_seals_no_truncate before truncate on ledger.peer_seals execute function ledger.refuse_change();
