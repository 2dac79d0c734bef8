-- A signer of its own (ledger.md 20): the database that holds its table of signatures says for which chain and key it was begun, so that an
-- old key over a new database is noticed and abstains (10.5).
create table ledger.signer_stores (
  id smallint primary key default 1 check (id = 1),
  chain bytea not null check (octet_length(chain) = 32),
  public_key bytea not null check (octet_length(public_key) = 64)
);
create trigger signer_stores_insert_only before update or delete on ledger.signer_stores for each row execute function ledger.refuse_change();
