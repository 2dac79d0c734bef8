-- Who stands on a list of persons (rulebook CN-AML-02): asked from the real name on and again before money leaves; a hit holds withdrawals until
-- a person has decided in a case, and while the list names the person.
alter table identity.screenings drop constraint screenings_occasion_check;
alter table identity.screenings add constraint screenings_occasion_check
  check (occasion in ('registration', 'card', 'enhanced', 'seller', 'withdrawal'));
-- What the lists said when the real name was checked; null: before they were asked then.
alter table identity.registrations add column screened text check (screened in ('clear', 'listed'));

create table identity.list_reviews (
  review_no bigint generated always as identity primary key,
  acct text not null references identity.players (acct),
  at timestamptz not null,
  occasion text not null,
  provider text not null,
  -- Until when the hold is told to last; moved on while nobody has decided, and while the person stays reported.
  due_at timestamptz not null,
  -- Opened by the clock of cases right after the hit.
  case_id text unique references cases.cases,
  state text not null default 'held' check (state in ('held', 'released', 'reported')),
  decided_at timestamptz,
  check ((state = 'held') = (decided_at is null))
);
create unique index list_reviews_standing on identity.list_reviews (acct) where state <> 'released';
create index list_reviews_due on identity.list_reviews (due_at) where state <> 'released';
create trigger list_reviews_stay before delete on identity.list_reviews for each row execute function journal.refuse_change();

alter table cases.cases drop constraint cases_source_check;
alter table cases.cases add constraint cases_source_check check (source in ('alert', 'claim', 'own_motion', 'list'));
