-- Attributes that a studio may change on an item after it was issued (T-05). A row for each ItemUpdate: all values that differ from the kind's
-- own from that version of the item on; the rows before it are the history.
alter table catalogue.attribute_definitions add column mutable boolean not null default false;
create table catalogue.item_attributes (
  item_id text not null,
  ver bigint not null check (ver >= 2),
  tx_id bytea not null unique,
  changed_at timestamptz not null,
  reference_id text not null,
  before jsonb not null,
  after jsonb not null,
  primary key (item_id, ver)
);
create trigger item_attributes_append_only before update or delete on catalogue.item_attributes for each row execute function journal.refuse_change();
