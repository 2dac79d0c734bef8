-- How far a demonstration's business time is ahead of the machine's (product O-25). Every process of the site keeps its own list.
create schema operations;
create table operations.clock_moves (
  -- Ahead of the machine's clock from then on.
  offset_ms bigint primary key check (offset_ms > 0),
  moved_by text not null,
  -- By the machine's clock.
  at timestamptz not null
);
create trigger clock_moves_append_only before update or delete on operations.clock_moves for each row execute function journal.refuse_change();
