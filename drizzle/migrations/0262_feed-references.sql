-- A correction names the message that it corrects (product V-04, V-25): the newest of its room about the same sale is found by this.
create index messages_of_sale on outbox.messages (room, (coalesce(body::jsonb ->> 'tradeId', body::jsonb ->> 'giftId')), seq)
  where type in ('tax.trade.assessed', 'tax.trade.corrected', 'mkt.trade', 'mkt.trade.corrected');
