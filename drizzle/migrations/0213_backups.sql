-- Which backups were written (product O-07, O-14): the age of the newest is a metric. Of a restored installation: the one it came from too.
create table operations.backups (
  -- The moment it is of, by the machine's clock.
  at timestamptz primary key,
  tables integer not null check (tables > 0),
  rows bigint not null check (rows >= 0),
  sm3 text not null check (length(sm3) = 64 and sm3 ~ '^[0-9a-f]+$')
);
create trigger backups_append_only before update or delete on operations.backups for each row execute function journal.refuse_change();
