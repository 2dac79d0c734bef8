-- A supervisor asks for information in a case (product V-14): what was asked of whom until when, what came back, and the files with it.
create table cases.inquiries (
  inquiry_id text primary key check (inquiry_id ~ '^inq_[0-9a-f]{32}$'),
  case_id text not null references cases.cases,
  party text not null check (party in ('player', 'studio', 'operator')),
  -- The account; of the operator the word.
  party_id text not null,
  reason_code text not null,
  question text not null check (length(question) between 10 and 2000),
  asked_by text not null,
  asked_role text not null check (asked_role like 'sup\_%'),
  asked_at timestamptz not null,
  due_at timestamptz not null,
  tx_id bytea not null check (length(tx_id) = 32),
  check (due_at > asked_at and due_at <= asked_at + interval '90 days'),
  check ((party = 'operator') = (party_id = 'operator'))
);
create index inquiries_case on cases.inquiries (case_id, asked_at);
create index inquiries_party on cases.inquiries (party, party_id, asked_at desc);
create trigger inquiries_append_only before update or delete on cases.inquiries for each row execute function journal.refuse_change();

create table cases.inquiry_replies (
  inquiry_id text not null references cases.inquiries,
  kind text not null check (kind in ('answered', 'more_time', 'objected')),
  by_ref text not null,
  at timestamptz not null,
  document jsonb not null,
  tx_id bytea not null check (length(tx_id) = 32),
  primary key (inquiry_id, kind)
);
create trigger inquiry_replies_append_only before update or delete on cases.inquiry_replies for each row execute function journal.refuse_change();

create table cases.inquiry_files (
  inquiry_id text not null references cases.inquiries,
  sm3 bytea not null check (length(sm3) = 32),
  name text not null check (length(name) between 1 and 120),
  mime text not null check (mime in ('image/png', 'image/jpeg', 'image/webp', 'application/pdf', 'text/plain')),
  at timestamptz not null,
  bytes bytea not null check (length(bytes) between 1 and 400000),
  primary key (inquiry_id, sm3)
);
create trigger inquiry_files_append_only before update or delete on cases.inquiry_files for each row execute function journal.refuse_change();

alter table cases.events drop constraint events_act_check,
  add constraint events_act_check check (act in ('opened', 'note', 'evidence', 'owner', 'shared', 'referred', 'closed', 'freeze_proposed', 'freeze_set',
    'freeze_lifted', 'freeze_ended', 'appeal', 'appeal_answered', 'opening_asked', 'opening_approved', 'halt', 'claim', 'item_returned', 'item_judged',
    'asked', 'replied'));
