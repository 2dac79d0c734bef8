-- Double entry. A player's money lies at the payment institution; these books say whose it is and what it waits for.
create schema journal;

create function journal.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '%.% is append-only', tg_table_schema, tg_table_name using errcode = 'restrict_violation';
end $$;

create table journal.accounts (
  -- `available:{acct}`, `held:{acct}`, `coming:{acct}`, `withdrawing:{acct}`, `royalty:{acct}`, `fee`, `provider`
  account_id text primary key check (account_id ~ '^(provider|fee|(available|held|coming|withdrawing|royalty):[0-9a-f]{64})$'),
  -- Only the institution's own account runs below zero: it mirrors what it holds for everybody else.
  balance_fen bigint not null default 0,
  check (account_id = 'provider' or balance_fen >= 0)
);

create table journal.entries (
  entry_id bigint primary key,
  kind text not null,
  at timestamptz not null,
  trade_id text,
  order_id text,
  transfer_id text,
  -- The entry that this one corrects: nothing is ever deleted.
  corrects bigint references journal.entries
);
create index entries_trade on journal.entries (trade_id) where trade_id is not null;
create trigger entries_append_only before update or delete on journal.entries for each row execute function journal.refuse_change();

-- Numbers without a gap: the next one is the only one accepted.
create table journal.heads (name text primary key check (name = 'entries'), next_id bigint not null);
insert into journal.heads values ('entries', 1);
create function journal.number_entries() returns trigger language plpgsql as $$
declare
  first_id bigint; last_id bigint; total bigint; expected bigint;
begin
  select min(entry_id), max(entry_id), count(*) into first_id, last_id, total from added;
  if total = 0 then return null; end if;
  select next_id into expected from journal.heads where name = 'entries' for update;
  if first_id <> expected or last_id <> expected + total - 1 then
    raise exception 'journal entries % to % leave a gap after %', first_id, last_id, expected - 1 using errcode = 'check_violation';
  end if;
  update journal.heads set next_id = last_id + 1 where name = 'entries';
  return null;
end $$;
create trigger entries_without_gap after insert on journal.entries
  referencing new table as added for each statement execute function journal.number_entries();

create table journal.postings (
  entry_id bigint not null references journal.entries,
  line smallint not null,
  account_id text not null references journal.accounts,
  amount_fen bigint not null check (amount_fen <> 0),
  primary key (entry_id, line)
);
create index postings_account on journal.postings (account_id, entry_id desc);
create trigger postings_append_only before update or delete on journal.postings for each row execute function journal.refuse_change();

-- An entry's postings arrive in one statement, balance to zero, and move the balances themselves: no balance can say anything
-- else than its postings, and the check above refuses an overdrawn player.
create function journal.apply_postings() returns trigger language plpgsql as $$
declare
  unbalanced bigint;
begin
  select p.entry_id into unbalanced from journal.postings p
    where p.entry_id in (select entry_id from added) group by p.entry_id having sum(p.amount_fen) <> 0 limit 1;
  if unbalanced is not null then
    raise exception 'journal entry % does not balance', unbalanced using errcode = 'check_violation';
  end if;
  update journal.accounts a set balance_fen = a.balance_fen + d.amount_fen
    from (select account_id, sum(amount_fen) as amount_fen from added group by account_id) d where a.account_id = d.account_id;
  return null;
end $$;
create trigger postings_balance after insert on journal.postings
  referencing new table as added for each statement execute function journal.apply_postings();
create function journal.require_postings() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from journal.postings where entry_id = new.entry_id) then
    raise exception 'journal entry % has no postings', new.entry_id using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger entries_have_postings after insert on journal.entries deferrable initially deferred
  for each row execute function journal.require_postings();
create function journal.guard_balance() returns trigger language plpgsql as $$
begin
  -- Depth 1 is a statement of a client; the postings' trigger runs deeper.
  if pg_trigger_depth() < 2 then
    raise exception 'balances move by postings alone' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger accounts_by_postings before update on journal.accounts for each row execute function journal.guard_balance();
create function journal.open_at_zero() returns trigger language plpgsql as $$
begin
  new.balance_fen := 0;
  return new;
end $$;
create trigger accounts_open_at_zero before insert on journal.accounts for each row execute function journal.open_at_zero();

-- Money set aside for an order. What is spent or released never comes back: an order that changes gets a new hold.
create table journal.holds (
  order_id text primary key,
  acct text not null,
  amount_fen bigint not null check (amount_fen > 0),
  left_fen bigint not null,
  state text not null check (state in ('open', 'spent', 'released')),
  check (left_fen between 0 and amount_fen),
  check ((state = 'open') = (left_fen > 0))
);
create index holds_open on journal.holds (acct) where state = 'open';
create function journal.guard_hold() returns trigger language plpgsql as $$
begin
  if old.state <> 'open' or new.left_fen > old.left_fen or new.amount_fen <> old.amount_fen or new.acct <> old.acct or new.order_id <> old.order_id then
    raise exception 'hold of % is spent or may only shrink', old.order_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger holds_only_shrink before update on journal.holds for each row execute function journal.guard_hold();
create trigger holds_stay before delete on journal.holds for each row execute function journal.refuse_change();
