-- The institution's books as double entry of its own, in place of the plain balances of 0023, and what we keep of our talk with it.
drop schema psp cascade;
create schema psp;

-- `reserve/bank` is the money itself: minus everything that the institution owes to its customers.
create table psp.accounts (
  ref text not null,
  pot text not null check (pot in ('free', 'held', 'pending', 'leaving', 'bank')),
  balance_fen bigint not null default 0,
  primary key (ref, pot),
  check (pot = 'bank' or balance_fen >= 0),
  check ((pot = 'bank') = (ref = 'reserve'))
);
insert into psp.accounts (ref, pot) values ('reserve', 'bank');

create function psp.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '%.% is append-only', tg_table_schema, tg_table_name using errcode = 'restrict_violation';
end $$;

-- `instruction/17` or `pay_in/pay_…`: what was asked for is booked once, however often it is asked for.
create table psp.entries (
  source text primary key,
  number bigint generated always as identity unique,
  kind text not null,
  at timestamptz not null
);
create index entries_at on psp.entries (at);
create table psp.postings (
  source text not null references psp.entries,
  line smallint not null,
  ref text not null,
  pot text not null,
  amount_fen bigint not null check (amount_fen <> 0),
  primary key (source, line),
  foreign key (ref, pot) references psp.accounts
);
create trigger entries_append_only before update or delete on psp.entries for each row execute function psp.refuse_change();
create trigger postings_append_only before update or delete on psp.postings for each row execute function psp.refuse_change();
create function psp.apply_postings() returns trigger language plpgsql as $$
declare
  unbalanced text;
begin
  select source into unbalanced from added group by source having sum(amount_fen) <> 0 limit 1;
  if unbalanced is not null then
    raise exception 'entry % of the institution does not balance', unbalanced using errcode = 'check_violation';
  end if;
  update psp.accounts a set balance_fen = a.balance_fen + d.amount_fen
    from (select ref, pot, sum(amount_fen) as amount_fen from added group by ref, pot having sum(amount_fen) <> 0) d
    where a.ref = d.ref and a.pot = d.pot;
  return null;
end $$;
create trigger postings_balance after insert on psp.postings
  referencing new table as added for each statement execute function psp.apply_postings();

create table psp.cursor (name text primary key check (name = 'instructions'), last_id bigint not null);
insert into psp.cursor values ('instructions', 0);

create table psp.requests (
  client_ref text primary key,
  kind text not null check (kind in ('pay_in', 'pay_out', 'refund')),
  ref text not null,
  amount_fen bigint not null check (amount_fen > 0),
  state text not null check (state in ('accepted', 'done', 'failed')),
  reason text,
  due_at timestamptz not null
);
create index requests_due on psp.requests (due_at) where state = 'accepted';

create table psp.callbacks (
  callback_id bigint generated always as identity primary key,
  -- The same on every repetition.
  event_id text not null,
  client_ref text not null references psp.requests,
  outcome text not null check (outcome in ('processing', 'paid', 'failed', 'refunded')),
  reason text,
  due_at timestamptz not null,
  delivered_at timestamptz
);
create index callbacks_due on psp.callbacks (due_at) where delivered_at is null;

-- Ours: handed over or not. The institution answers a repetition as it answered the first time, so a crash in between does no harm.
alter table payments.transfers add column submitted_at timestamptz;
create index transfers_unsubmitted on payments.transfers (requested_at) where submitted_at is null and ended_at is null;
create table payments.deliveries (name text primary key check (name = 'instructions'), last_id bigint not null);
insert into payments.deliveries values ('instructions', 0);

-- Money that came after we had given up on it (product P-21): it never enters the journal and goes back by itself.
create table payments.refunds (
  transfer_id text primary key references payments.transfers,
  requested_at timestamptz not null,
  submitted_at timestamptz,
  ended_at timestamptz
);
create index refunds_open on payments.refunds (requested_at) where ended_at is null;
