-- A purchase of before a takeover whose price nobody here can open, and somebody else can: its item waits for a supervisor's hand-over.
alter table custody.lots drop constraint lots_source_check;
alter table custody.lots add constraint lots_source_check check (source in ('bought_here', 'assessed', 'gift', 'play', 'none', 'sealed'));
-- Supervisors whose hand-over was taken in: what they could open is open here.
create table takeover.hand_overs (
  member integer primary key,
  taken_at timestamptz not null
);
