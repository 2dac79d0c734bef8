-- A settled trade and its certification looked up fifteen foreign keys one by one, some 10 µs each. Here each is asked once for a whole statement, as 0092 does it for the
-- feed. What is named stays: no order, trade, entry or account is ever removed or renamed, which the keys had only refused where something
-- pointed at it.
-- The settings hold the look-ups to the primary keys: a plan that was made while a table was small would read all of it later.

create function market.refuse_removal() returns trigger language plpgsql as $$
begin
  raise exception '%.% stays as it was named', tg_table_schema, tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger orders_stay before delete or truncate on market.orders for each statement execute function market.refuse_removal();
create trigger orders_keep_their_name before update of order_id on market.orders for each statement execute function market.refuse_removal();
create trigger trades_stay before delete or truncate on market.trades for each statement execute function market.refuse_removal();
create trigger trades_keep_their_orders before update of trade_id, sell_order_id, buy_order_id on market.trades
  for each statement execute function market.refuse_removal();
create trigger trade_items_keep_their_trade before update of trade_id on market.trade_items
  for each statement execute function market.refuse_removal();

alter table market.trades drop constraint trades_sell_order_id_fkey, drop constraint trades_buy_order_id_fkey;
create function market.name_orders() returns trigger language plpgsql
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
begin
  if exists (
    select from (select sell_order_id as order_id from fresh union all select buy_order_id from fresh) f
    where not exists (select from market.orders o where o.order_id = f.order_id)
  ) then
    raise exception 'market.trades: a trade of an order that does not exist' using errcode = 'foreign_key_violation';
  end if;
  return null;
end $$;
create trigger trades_name_orders after insert on market.trades
  referencing new table as fresh for each statement execute function market.name_orders();

alter table market.trade_items drop constraint trade_items_trade_id_fkey;
alter table market.trade_states drop constraint trade_states_trade_id_fkey;
create function market.belong_to_trade() returns trigger language plpgsql
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
begin
  if exists (select from fresh f where not exists (select from market.trades t where t.trade_id = f.trade_id)) then
    raise exception '%.%: a row of a trade that does not exist', tg_table_schema, tg_table_name using errcode = 'foreign_key_violation';
  end if;
  return null;
end $$;
create trigger trade_items_belong_to_trade after insert on market.trade_items
  referencing new table as fresh for each statement execute function market.belong_to_trade();
create trigger trade_states_belong_to_trade after insert on market.trade_states
  referencing new table as fresh for each statement execute function market.belong_to_trade();

-- Updates of both are refused already: entries are append-only, balances and names move by postings alone.
create trigger entries_stay before truncate on journal.entries for each statement execute function journal.refuse_change();
create trigger accounts_stay before delete or truncate on journal.accounts for each statement execute function journal.refuse_change();
alter table journal.postings drop constraint postings_entry_id_fkey, drop constraint postings_account_id_fkey;
create or replace function journal.apply_postings() returns trigger language plpgsql
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  unbalanced bigint; named bigint; moved bigint;
begin
  if exists (select from added p where not exists (select from journal.entries e where e.entry_id = p.entry_id)) then
    raise exception 'journal.postings: a posting of an entry that does not exist' using errcode = 'foreign_key_violation';
  end if;
  -- Of all postings that an entry has by now, not of these alone.
  select d.entry_id into unbalanced from (select distinct entry_id from added) d
    cross join lateral (select sum(p.amount_fen) as amount_fen from journal.postings p where p.entry_id = d.entry_id) p
    where p.amount_fen <> 0 limit 1;
  if unbalanced is not null then
    raise exception 'journal entry % does not balance', unbalanced using errcode = 'check_violation';
  end if;
  update journal.accounts a set balance_fen = a.balance_fen + d.amount_fen
    from (select account_id, sum(amount_fen) as amount_fen from added group by account_id) d where a.account_id = d.account_id;
  get diagnostics moved = row_count;
  select count(distinct account_id) into named from added;
  if moved <> named then
    raise exception 'journal.postings: a posting on an account that does not exist' using errcode = 'foreign_key_violation';
  end if;
  return null;
end $$;

-- The same in the books of the institution.
create trigger entries_stay before truncate on psp.entries for each statement execute function psp.refuse_change();
create trigger accounts_stay before delete or truncate on psp.accounts for each statement execute function psp.refuse_change();
create trigger accounts_keep_their_name before update of ref, pot on psp.accounts for each statement execute function psp.refuse_change();
alter table psp.postings drop constraint postings_source_fkey, drop constraint postings_ref_pot_fkey;
create or replace function psp.apply_postings() returns trigger language plpgsql
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  unbalanced text;
begin
  if exists (select from added p where not exists (select from psp.entries e where e.source = p.source)) then
    raise exception 'psp.postings: a posting of an entry that does not exist' using errcode = 'foreign_key_violation';
  end if;
  if exists (
    select from (select distinct ref, pot from added) p where not exists (select from psp.accounts a where a.ref = p.ref and a.pot = p.pot)
  ) then
    raise exception 'psp.postings: a posting on an account that does not exist' using errcode = 'foreign_key_violation';
  end if;
  select source into unbalanced from added group by source having sum(amount_fen) <> 0 limit 1;
  if unbalanced is not null then
    raise exception 'entry % of the institution does not balance', unbalanced using errcode = 'check_violation';
  end if;
  update psp.accounts a set balance_fen = a.balance_fen + d.amount_fen
    from (select ref, pot, sum(amount_fen) as amount_fen from added group by ref, pot having sum(amount_fen) <> 0) d
    where a.ref = d.ref and a.pot = d.pot;
  return null;
end $$;
