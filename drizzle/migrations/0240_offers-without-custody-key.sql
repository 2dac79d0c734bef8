-- Custody is a copy that one command writes anew from the entries: what only names an item holds no key into it.
alter table market.offers drop constraint offers_item_id_fkey;
