-- Objections to what is in publicity (product P-30), and false claims that bar who makes them (P-34).
create table cases.objections (
  objection_id text primary key check (objection_id ~ '^obj_[0-9a-f]{32}$'),
  -- A trade, or the order of a listing.
  subject_id text not null,
  objector text not null,
  text text not null check (length(text) between 10 and 2000),
  at timestamptz not null,
  -- End of the publicity: the desk decides before it.
  due_at timestamptz not null,
  closed_at timestamptz,
  outcome text check (outcome in ('upheld', 'refused', 'false', 'lapsed')),
  check ((closed_at is null) = (outcome is null)),
  unique (subject_id, objector)
);
create index objections_open on cases.objections (due_at) where closed_at is null;
create function cases.guard_objection() returns trigger language plpgsql as $$
begin
  if old.closed_at is not null or new.text <> old.text or new.subject_id <> old.subject_id or new.objector <> old.objector then
    raise exception 'objection % may only be closed', old.objection_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger objections_only_close before update on cases.objections for each row execute function cases.guard_objection();
create trigger objections_kept before delete on cases.objections for each row execute function journal.refuse_change();
alter table cases.desk_steps drop constraint desk_steps_queue_check,
  add constraint desk_steps_queue_check check (queue in ('theft', 'objection', 'report', 'payout', 'break'));
alter table cases.desk_steps drop constraint desk_steps_act_check,
  add constraint desk_steps_act_check check (act in ('noted', 'closed', 'frozen', 'upheld', 'false'));

-- Each finding that a sworn claim or an objection was false: the ladder counts them.
create table cases.false_claims (
  subject_id text primary key,
  acct text not null references identity.players (acct),
  at timestamptz not null,
  until timestamptz not null
);
create index false_claims_acct on cases.false_claims (acct, until desc);
create trigger false_claims_append_only before update or delete on cases.false_claims for each row execute function journal.refuse_change();
