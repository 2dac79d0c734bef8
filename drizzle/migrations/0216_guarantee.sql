-- The guarantee fund (product P-35): an account of its own in the books and at the institution, what it owes to whom, what it has paid.
alter table journal.accounts drop constraint accounts_account_id_check,
  add constraint accounts_account_id_check check (
    account_id in ('provider', 'fee', 'guarantee')
    or (split_part(account_id, ':', 1) in ('available', 'held', 'coming', 'withdrawing', 'royalty')
      and length(account_id) = length(split_part(account_id, ':', 1)) + 65 and account_id ~ '^[a-z]+:[0-9a-f]+$')
  );
-- A trade gives its share once.
create unique index entries_fund_share on journal.entries (trade_id) where kind = 'fund_share';

-- One for one item of one trade, however often it is asked for. Paid in the order of awards, as far as the fund goes.
create table cases.guarantee_awards (
  award_id text primary key check (award_id ~ '^gua_[0-9a-f]{32}$'),
  award_no bigint generated always as identity unique,
  trade_id text not null references market.trades,
  item_id text not null,
  acct text not null,
  case_id text not null references cases.cases,
  lost_fen bigint not null check (lost_fen > 0),
  award_fen bigint not null check (award_fen between 1 and 5000000 and award_fen <= lost_fen),
  at timestamptz not null,
  unique (trade_id, item_id)
);
create trigger guarantee_awards_append_only before update or delete on cases.guarantee_awards for each row execute function journal.refuse_change();

create table cases.guarantee_payments (
  entry_id bigint primary key references journal.entries,
  award_id text not null references cases.guarantee_awards,
  fen bigint not null check (fen > 0),
  at timestamptz not null
);
create index guarantee_payments_award on cases.guarantee_payments (award_id);
create trigger guarantee_payments_append_only before update or delete on cases.guarantee_payments for each row execute function journal.refuse_change();
create function cases.guard_guarantee() returns trigger language plpgsql as $$
begin
  if (select sum(p.fen) from cases.guarantee_payments p where p.award_id = new.award_id)
     > (select a.award_fen from cases.guarantee_awards a where a.award_id = new.award_id) then
    raise exception 'award % would be paid more than once', new.award_id using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger guarantee_paid_once after insert on cases.guarantee_payments for each row execute function cases.guard_guarantee();

-- An item given back by decision, and what an experiment pays to who took part.
alter table cases.events drop constraint events_act_check,
  add constraint events_act_check check (act in ('opened', 'note', 'evidence', 'owner', 'shared', 'referred', 'closed', 'freeze_proposed', 'freeze_set',
    'freeze_lifted', 'freeze_ended', 'appeal', 'appeal_answered', 'opening_asked', 'opening_approved', 'halt', 'claim', 'item_returned'));
