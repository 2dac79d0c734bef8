-- The real name of a closed account is destroyed after the term of the law (product P-46): what was asked of the ledger, and when it was done here.
alter table identity.players add column erased_at timestamptz check (erased_at is null or closed_at is not null);
create index players_to_erase on identity.players (closed_at) where closed_at is not null and erased_at is null;

create table identity.erasures (
  acct text primary key references identity.players (acct),
  tx_id bytea not null check (length(tx_id) = 32),
  env_hash bytea not null check (length(env_hash) = 32),
  -- SM3 of the document, which the ledger names.
  basis_sm3 text not null unique check (basis_sm3 ~ '^[0-9a-f]{64}$'),
  basis text not null,
  asked_at timestamptz not null
);

-- That somebody was looked up stays; what they declared about themselves goes with the name, and by nothing else.
alter table identity.screenings drop constraint screenings_check;
alter table identity.screenings add constraint screenings_declared check (nonce is null or occasion = 'enhanced');
create function identity.keep_screening() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and new.nonce is null and new.sealed is null
    and (new.screening_no, new.acct, new.at, new.occasion, new.provider, new.answer) is not distinct from
        (old.screening_no, old.acct, old.at, old.occasion, old.provider, old.answer)
    and exists (select from identity.players p where p.acct = new.acct and p.erased_at is not null) then
    return new;
  end if;
  raise exception 'identity.screenings is append-only' using errcode = 'restrict_violation';
end $$;
drop trigger screenings_append_only on identity.screenings;
create trigger screenings_append_only before update or delete on identity.screenings for each row execute function identity.keep_screening();
