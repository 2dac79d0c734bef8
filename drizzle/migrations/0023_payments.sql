-- What we ask of the payment institution, and the simulated institution with its own books.
create schema payments;

create table payments.transfers (
  transfer_id text primary key check (transfer_id ~ '^pay_[0-9a-f]{32}$'),
  acct text not null,
  reference_id text not null,
  kind text not null check (kind in ('deposit', 'withdrawal')),
  state text not null check (state in ('requested', 'processing', 'paid', 'failed')),
  amount_fen bigint not null check (amount_fen > 0),
  reason text,
  requested_at timestamptz not null,
  ended_at timestamptz,
  provider_ref text unique,
  unique (acct, reference_id),
  check ((state in ('paid', 'failed')) = (ended_at is not null))
);
create index transfers_acct on payments.transfers (acct, requested_at desc);
create index transfers_open on payments.transfers (transfer_id) where ended_at is null;
create function payments.guard_transfer() returns trigger language plpgsql as $$
begin
  if old.ended_at is not null then
    raise exception 'transfer % is over', old.transfer_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger transfers_end_once before update on payments.transfers for each row execute function payments.guard_transfer();

-- Callbacks come late, twice and out of order: each event counts once.
create table payments.provider_events (
  event_id text primary key,
  transfer_ref text not null,
  outcome text not null,
  received_at timestamptz not null,
  was_late boolean not null
);

-- Split instructions: written with the journal entry, followed by the institution. The platform never holds the money.
create table payments.instructions (
  instruction_id bigint primary key,
  kind text not null,
  at timestamptz not null,
  trade_id text,
  order_id text,
  -- [{ "ref", "pot", "amount" }]: sums to zero
  movements jsonb not null
);

create schema psp;
create table psp.accounts (
  ref text not null,
  pot text not null check (pot in ('free', 'held', 'pending', 'leaving')),
  balance_fen bigint not null check (balance_fen >= 0),
  primary key (ref, pot)
);
create table psp.cursor (name text primary key check (name = 'instructions'), last_id bigint not null);
insert into psp.cursor values ('instructions', 0);
create table psp.requests (
  request_ref text primary key,
  client_ref text not null unique,
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
  event_id text not null,
  client_ref text not null,
  provider_ref text not null,
  outcome text not null check (outcome in ('processing', 'paid', 'failed')),
  reason text,
  due_at timestamptz not null,
  delivered_at timestamptz
);
create index callbacks_due on psp.callbacks (due_at) where delivered_at is null;
