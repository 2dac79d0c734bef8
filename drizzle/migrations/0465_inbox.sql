-- The inbox of a player (product P-40): what it shows are messages of the player's own room; here lies only what has been read and what is
-- not to be counted.
create table market.inboxes (
  acct text primary key,
  -- All up to this number are read.
  read_seq bigint not null check (read_seq >= 0),
  -- Kinds of notices that the player has switched off.
  muted text[] not null
);

-- Read one by one, above `read_seq`.
create table market.inbox_read (
  acct text not null,
  seq bigint not null check (seq >= 1),
  primary key (acct, seq)
);

-- A busy room is mostly orders and money that moved, of which the inbox shows nothing.
create index messages_notices on outbox.messages (room, seq)
  where type in ('notice', 'trade.updated', 'gift.updated', 'offer.updated', 'freeze.set', 'freeze.lifted');
