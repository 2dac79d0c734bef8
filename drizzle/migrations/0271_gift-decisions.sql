-- What the sandbox said of gifts is kept beside orders (rulebook 6.8). A gift that was sent has its own id as reference; it is no order.
alter table compliance.decisions
  drop constraint decisions_intent_check, add constraint decisions_intent_check check (intent in
    ('listing', 'buy_order', 'take_listing', 'serve_buy_order', 'matched', 'offer', 'counter', 'accept_offer', 'accept_counter', 'gift')),
  drop constraint decisions_stage_check, add constraint decisions_stage_check check (stage in ('order', 'quote', 'gift')),
  drop constraint decisions_check, add constraint decisions_stage_order_check
    check ((stage = 'order' or order_id is null) and (stage <> 'quote' or kind = 'deny')),
  add constraint decisions_gift_check check ((intent = 'gift') = (act = 'gift') and (stage <> 'gift' or intent = 'gift'));
