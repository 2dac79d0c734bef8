-- A court's judgement is carried out (ledger.md op 13): one record for one act, and what the simulated court has in its own register.
create table cases.judgements (
  judgement_id text primary key check (judgement_id ~ '^jdg_[0-9a-f]{32}$'),
  case_id text not null references cases.cases,
  item_id text not null,
  from_acct text not null,
  to_acct text not null check (to_acct <> from_acct),
  court text not null,
  docket text not null,
  file_sm3 bytea not null check (length(file_sm3) = 32),
  tx_id bytea not null check (length(tx_id) = 32),
  at timestamptz not null,
  -- What a court has decided about an item is carried out once.
  unique (court, docket, item_id)
);
create trigger judgements_append_only before update or delete on cases.judgements for each row execute function journal.refuse_change();

-- The court's own (simulated): a number of a case stands for one file for ever.
create table cases.court_register (
  court text not null,
  docket text not null,
  file_sm3 bytea not null check (length(file_sm3) = 32),
  at timestamptz not null,
  primary key (court, docket)
);
create trigger court_register_append_only before update or delete on cases.court_register for each row execute function journal.refuse_change();

alter table cases.events drop constraint events_act_check,
  add constraint events_act_check check (act in ('opened', 'note', 'evidence', 'owner', 'shared', 'referred', 'closed', 'freeze_proposed', 'freeze_set',
    'freeze_lifted', 'freeze_ended', 'appeal', 'appeal_answered', 'opening_asked', 'opening_approved', 'halt', 'claim', 'item_returned', 'item_judged'));
