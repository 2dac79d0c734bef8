-- Supervisor and notary may end a silent studio at once (`ledger.md` 13.3): the block that says so is then sealed after the end that it names,
-- and the market has to know of it all the same.
alter table catalogue.sunsets drop constraint sunsets_check;
