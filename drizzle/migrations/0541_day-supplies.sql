-- What the platform and the studios took on a day that is over, less what was given back on it: returns add up twelve months of it (CN-VAT-03).
-- Derived from trades like the other figures of 0473, with the same cursor.
create table market.day_supplies (
  day text not null check (day ~ '^\d{4}-\d\d-\d\d$'),
  -- '': the platform; else a studio's account.
  payer text not null,
  gross_fen bigint not null,
  primary key (day, payer)
);
-- Days that are kept already have their other figures; these are added to them once.
insert into market.day_supplies (day, payer, gross_fen)
select to_char(m.at at time zone 'Asia/Shanghai', 'YYYY-MM-DD') as day, s.payer, sum(s.amount * m.sign)::bigint from (
  select trade_id, 1 as sign, settled_at as at from market.trades where settled_at is not null
  union all
  select r.trade_id, -1, r.at from market.trade_states r where r.state in ('reversed', 'failed')
    and not exists (select from market.trade_states e where e.trade_id = r.trade_id and e.state in ('reversed', 'failed') and (e.at, e.step) < (r.at, r.step))
) m
join market.trades t using (trade_id)
join catalogue.item_classes c using (class_id)
cross join lateral (values
  ('', t.fee_fen), (c.studio_acct, t.royalty_fen), (case when t.seller = c.studio_acct then t.seller end, case when t.seller = c.studio_acct then t.gross_fen else 0 end)
) s(payer, amount)
where t.settled_at is not null and s.amount > 0
  and to_char(m.at at time zone 'Asia/Shanghai', 'YYYY-MM-DD') < (select closed_before from market.figures_cursor)
group by 1, 2;
