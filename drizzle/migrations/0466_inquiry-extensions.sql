-- More time for a question (product V-14): granted once, by an order with its own date, to who has asked for it.
create table cases.inquiry_extensions (
  inquiry_id text primary key references cases.inquiries,
  due_at timestamptz not null,
  granted_by text not null,
  at timestamptz not null,
  document jsonb not null,
  tx_id bytea not null check (length(tx_id) = 32),
  check (due_at > at and due_at <= at + interval '90 days')
);
create trigger inquiry_extensions_append_only before update or delete on cases.inquiry_extensions for each row execute function journal.refuse_change();

alter table cases.events drop constraint events_act_check,
  add constraint events_act_check check (act in ('opened', 'note', 'evidence', 'owner', 'shared', 'referred', 'closed', 'freeze_proposed', 'freeze_set',
    'freeze_lifted', 'freeze_ended', 'appeal', 'appeal_answered', 'opening_asked', 'opening_approved', 'halt', 'claim', 'item_returned', 'item_judged',
    'asked', 'replied', 'extended'));
