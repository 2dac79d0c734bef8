-- Days as they were compared with the institution's statement, and what did not agree (product V-11).
create table journal.statement_days (
  day text not null check (day ~ '^\d{4}-\d{2}-\d{2}$'),
  -- A day is compared again; a row comes when its figures have changed.
  run integer not null check (run > 0),
  at timestamptz not null,
  figures jsonb not null,
  difference_fen bigint not null,
  primary key (day, run)
);
create trigger statement_days_append_only before update or delete on journal.statement_days for each row execute function journal.refuse_change();

create table journal.breaks (
  break_id text primary key check (break_id ~ '^brk_[0-9a-f]{32}$'),
  kind text not null,
  subject text not null,
  day text not null,
  expected text not null,
  reported text not null,
  difference_fen bigint not null,
  found_at timestamptz not null,
  seen_at timestamptz not null,
  -- Not found again by a later comparison.
  closed_at timestamptz
);
create index breaks_open on journal.breaks (found_at) where closed_at is null;
create function journal.guard_break() returns trigger language plpgsql as $$
begin
  if old.closed_at is not null or (new.break_id, new.kind, new.subject, new.day, new.found_at) is distinct from (old.break_id, old.kind, old.subject, old.day, old.found_at) then
    raise exception 'break % was closed, or may only be seen again or closed', old.break_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger breaks_only_close before update on journal.breaks for each row execute function journal.guard_break();
create trigger breaks_stay before delete on journal.breaks for each row execute function journal.refuse_change();
