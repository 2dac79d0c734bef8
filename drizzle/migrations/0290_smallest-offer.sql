-- A kind's own share for the smallest offer (product 1.6), in basis points of the listing's price; half where its studio says nothing.
alter table catalogue.item_classes
  add column smallest_offer_bps integer not null default 5000 check (smallest_offer_bps between 0 and 10000);
