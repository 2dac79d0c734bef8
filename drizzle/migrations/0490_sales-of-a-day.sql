-- A quote names the sales of the day that it would touch, 200 at most: in their order from the index, instead of sorting the whole day each time.
drop index compliance.assessments_seller_day;
create index assessments_seller_day on compliance.assessments (seller, day, trade_id, version desc);
