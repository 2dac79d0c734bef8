-- A signer that may have forgotten what it signed abstains (ledger.md 10.5), and a restart does not end that: whether it still waits for the
-- others' answers, and the height up to which it signs nothing afterwards.
create table ledger.standing (
  id smallint primary key default 1 check (id = 1),
  is_asking boolean not null,
  quiet_until bigint not null check (quiet_until >= 0)
);
