-- What AccountOpen names as `env` (`ledger.md` 15.2): sealed when the person was verified, so that the browser can sign its hash; it joins
-- the ledger's envelopes with the account and ends with the registration otherwise. Registrations live 30 minutes: none is carried over.
delete from identity.registrations;
alter table identity.registrations
  add column env_hash bytea not null check (length(env_hash) = 32),
  add column env_ref bytea not null check (length(env_ref) = 16),
  add column envelope bytea not null;
