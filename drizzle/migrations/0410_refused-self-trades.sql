-- An order that was refused because both sides are one person is a fact for the detectors (rulebook CN-SV-01).
alter table surveillance.facts drop constraint facts_kind_check;
alter table surveillance.facts add constraint facts_kind_check
  check (kind in ('trade', 'payment', 'gift', 'order', 'attempt', 'link', 'account', 'instrument', 'dispute', 'signal'));
