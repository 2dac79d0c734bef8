-- A ledger of several members (ledger.md 10, 21). What a member signs is recorded here before the signature leaves the process, and
-- the three safety rules (10.4) are checked in the database transaction that stores the record: by unique keys and by one trigger.

-- A role of the whole server, so another database of it may have made it already.
do $$
begin
  create role ledger_signer nologin;
exception
  when duplicate_object or unique_violation then null;
end $$;
do $$
begin
  if not pg_has_role(current_user, 'ledger_signer', 'member') then
    execute format('grant ledger_signer to %I', current_user);
  end if;
end $$;

create table ledger.endorsements (
  epoch bigint not null,
  height bigint not null,
  term bigint not null,
  header_hash bytea not null check (octet_length(header_hash) = 32),
  sig bytea not null check (octet_length(sig) = 64),
  -- S1: at most one Endorsement per term.
  primary key (epoch, height, term)
);

create table ledger.seals (
  new_epoch bigint primary key,
  tip_height bigint not null,
  -- PCE of the Seal, and of the EndorsementSet that it reports.
  body bytea not null,
  endorsed bytea,
  sig bytea not null check (octet_length(sig) = 64)
);

-- Recoveries that this member accepted: it never signs in an epoch below one of them again.
create table ledger.recoveries (
  new_epoch bigint primary key,
  -- The height that the new epoch begins at.
  height bigint not null,
  body bytea not null
);

-- Heights up to which a signer with a restored or new store does not sign (10.5).
create table ledger.abstentions (
  height bigint primary key
);

-- S1 to S3. The lock makes two processes with one key take turns; each statement after it sees what the other has committed.
create function ledger.guard_signature() returns trigger language plpgsql as $$
declare
  floor bigint;
begin
  if current_user <> 'ledger_signer' then
    raise exception 'only ledger_signer writes ledger.%', tg_table_name using errcode = 'insufficient_privilege';
  end if;
  perform pg_advisory_xact_lock(4719267);
  if tg_table_name = 'seals' then
    if exists (select 1 from ledger.seals where new_epoch >= new.new_epoch)
      or exists (select 1 from ledger.recoveries where new_epoch > new.new_epoch)
      or exists (select 1 from ledger.votes where epoch >= new.new_epoch)
      or exists (select 1 from ledger.endorsements where epoch >= new.new_epoch)
    then
      raise exception 'seal_low' using errcode = 'LS001';
    end if;
    return new;
  end if;
  select max(new_epoch) into floor from (select new_epoch from ledger.seals union all select new_epoch from ledger.recoveries) as floors;
  if new.epoch < floor then
    raise exception 'epoch_sealed' using errcode = 'LS001';
  end if;
  if exists (select 1 from ledger.abstentions where height >= new.height) then
    raise exception 'abstaining' using errcode = 'LS001';
  end if;
  if exists (select 1 from ledger.votes where epoch = new.epoch and height = new.height and header_hash <> new.header_hash) then
    raise exception 'locked' using errcode = 'LS001';
  end if;
  if tg_table_name = 'endorsements' then
    if exists (select 1 from ledger.endorsements where epoch = new.epoch and height = new.height and term >= new.term) then
      raise exception 'stale_term' using errcode = 'LS001';
    end if;
    return new;
  end if;
  if exists (select 1 from ledger.endorsements where epoch = new.epoch and height = new.height and term > new.term) then
    raise exception 'stale_term' using errcode = 'LS001';
  end if;
  return new;
end $$;

create trigger endorsements_guard before insert on ledger.endorsements for each row execute function ledger.guard_signature();
create trigger votes_guard before insert on ledger.votes for each row execute function ledger.guard_signature();
create trigger seals_guard before insert on ledger.seals for each row execute function ledger.guard_signature();
create trigger endorsements_insert_only before update or delete on ledger.endorsements for each row execute function ledger.refuse_change();
create trigger seals_insert_only before update or delete on ledger.seals for each row execute function ledger.refuse_change();
create trigger recoveries_insert_only before update or delete on ledger.recoveries for each row execute function ledger.refuse_change();
create trigger abstentions_insert_only before update or delete on ledger.abstentions for each row execute function ledger.refuse_change();
create trigger endorsements_no_truncate before truncate on ledger.endorsements execute function ledger.refuse_change();
create trigger seals_no_truncate before truncate on ledger.seals execute function ledger.refuse_change();
create trigger recoveries_no_truncate before truncate on ledger.recoveries execute function ledger.refuse_change();
create trigger abstentions_no_truncate before truncate on ledger.abstentions execute function ledger.refuse_change();

grant usage on schema ledger to ledger_signer;
grant select, insert on ledger.endorsements, ledger.votes, ledger.seals to ledger_signer;
grant select on ledger.recoveries, ledger.abstentions to ledger_signer;

-- Bodies of blocks that this member endorsed or was sent: on disk before the Endorsement, so that q of them outlive any leader.
create table ledger.proposals (
  header_hash bytea primary key check (octet_length(header_hash) = 32),
  height bigint not null,
  body bytea not null
);
alter table ledger.proposals alter column body set storage external;
create index proposals_height on ledger.proposals (height);

-- LedgerTx that this member took and promised; the entry replaces the row.
create table ledger.promises (
  tx_id bytea primary key check (octet_length(tx_id) = 32),
  env bytea not null,
  -- Milliseconds since 1970: by when a block must hold it, and when it came.
  due_at bigint not null,
  taken_at bigint not null,
  sig bytea not null check (octet_length(sig) = 64)
);

-- What other members said was certified; kept, so that a fork has two signed halves here.
create table ledger.peer_checkpoints (
  member integer not null,
  height bigint not null,
  header_hash bytea not null check (octet_length(header_hash) = 32),
  -- PCE of header and Finality.
  body bytea not null,
  seen_at bigint not null,
  primary key (member, height, header_hash)
);

-- Contradictions that this member has found: what op 19 carries.
create table ledger.evidence (
  hash bytea primary key check (octet_length(hash) = 32),
  kind smallint not null,
  member integer not null,
  a bytea not null,
  b bytea not null,
  found_at bigint not null
);

-- Who signed, who refused and why: for people, pruned after some thousand heights; no rule reads it.
create table ledger.observations (
  height bigint not null,
  term bigint not null,
  member integer not null,
  act text not null check (act in ('endorse', 'refuse', 'vote')),
  code text,
  pos integer,
  tx_id bytea,
  seen_at bigint not null,
  primary key (height, term, member, act)
);
