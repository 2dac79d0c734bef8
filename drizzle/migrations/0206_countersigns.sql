-- Evidence packages that a party put before the notary (rulebook CN-EV-06, CN-EV-09), and what the notary said.
create table evidence.countersigns (
  export_id text primary key references evidence.exports,
  asked_at timestamptz not null,
  state text not null check (state in ('asked', 'signed', 'declined')),
  decided_at timestamptz,
  staff_id text,
  name text,
  organisation text,
  certificate_serial text,
  -- What was signed: flat and canonical, with the SM3 of the package.
  document jsonb,
  signature bytea check (length(signature) = 64),
  -- Of the notary's own Attest; a refusal has none.
  tx_id bytea unique check (length(tx_id) = 32),
  check ((state = 'asked') = (decided_at is null) and (state = 'asked') = (staff_id is null) and (state = 'asked') = (name is null)
    and (state = 'asked') = (organisation is null) and (state = 'asked') = (certificate_serial is null)
    and (state = 'asked') = (document is null) and (state = 'asked') = (signature is null)),
  check ((state = 'signed') = (tx_id is not null))
);
create index countersigns_open on evidence.countersigns (asked_at) where state = 'asked';
create function evidence.guard_countersign() returns trigger language plpgsql as $$
begin
  if old.state <> 'asked' or new.export_id <> old.export_id or new.asked_at <> old.asked_at then
    raise exception 'the notary has spoken about %', old.export_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger countersigns_guard before update on evidence.countersigns for each row execute function evidence.guard_countersign();
create trigger countersigns_kept before delete on evidence.countersigns for each row execute function journal.refuse_change();
