-- People who sell are verified again (rulebook CN-MK-11, E-Commerce Law art. 27): one row for each check that fell due, from the reminder on. What
-- is set stays; a row without `checked_at` is open, and an account has one open row at most.
create table identity.seller_checks (
  acct text not null references identity.players (acct),
  due_at timestamptz not null,
  reminded_at timestamptz not null,
  -- Selling stopped then.
  overdue_at timestamptz,
  checked_at timestamptz,
  provider text,
  primary key (acct, due_at),
  check ((checked_at is null) = (provider is null))
);
create unique index seller_checks_open on identity.seller_checks (acct) where checked_at is null;
create index seller_checks_due on identity.seller_checks (due_at) where checked_at is null and overdue_at is null;
create function identity.keep_seller_check() returns trigger language plpgsql as $$
begin
  if old.checked_at is not null or (new.acct, new.due_at, new.reminded_at) is distinct from (old.acct, old.due_at, old.reminded_at)
     or (old.overdue_at is not null and new.overdue_at is distinct from old.overdue_at) then
    raise exception 'the check of % that was due at % stays as it is', old.acct, old.due_at using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger seller_checks_once before update on identity.seller_checks for each row execute function identity.keep_seller_check();
create trigger seller_checks_stay before delete on identity.seller_checks for each row execute function journal.refuse_change();

alter table identity.screenings drop constraint screenings_occasion_check;
alter table identity.screenings add constraint screenings_occasion_check check (occasion in ('card', 'enhanced', 'seller'));
