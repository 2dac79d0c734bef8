-- The statement of orders' money (rulebook 8.3) asks for all entries of the orders of a day, from the first pay-in on.
create index entries_order on journal.entries (order_id) where order_id is not null;
