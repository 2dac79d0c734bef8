-- The members may decide the end of a game by a LedgerTx of their own, past the studio's interface and the market's clock of silence.
alter table catalogue.sunsets drop constraint sunsets_cause_check;
alter table catalogue.sunsets add constraint sunsets_cause_check check (cause in ('studio', 'silence', 'members'));
