-- The last two of a kind's terms (T-06): whether players may sell it on, and how many may have been issued by when.
alter table catalogue.item_classes
  add column resalable boolean not null default true,
  -- [{ "from", "total" }]: from that moment on at most so many units in all, ascending; empty: as many as the cap allows, at any time.
  add column mint_schedule jsonb not null default '[]' check (jsonb_typeof(mint_schedule) = 'array');
