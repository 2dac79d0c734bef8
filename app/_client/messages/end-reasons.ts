/** Why an order or a trade ended, of itself rather than by a refusal. A file of its own, since a trade's page looks only these up. */
import type { Shape } from './shape.ts';

export const endReasonsZh = {
  canceled_by_buyer: '买方取消了付款',
  ioc_remainder: '未能立即成交的部分已取消',
  order_expired: '到期',
  item_moved: '道具已不在卖方手里',
  listing_ended: '所针对的挂单已结束',
  sold_by_offer: '已通过还价成交',
  countered: '对方已还价',
  version_conflict: '道具在此期间变动过',
  key_epoch_stale: '密钥已更换，旧密钥签的订单随之结束',
  studio_sunset: '厂商宣布停运',
  market_halted: '市场暂停交易',
  experiment_ended: '沙盒实验已结束',
  experiment_left: '您已退出沙盒实验',
  account_taken_over: '账户申报被盗，挂单已全部撤回',
  item_frozen: '道具被冻结',
  payment_missing: '未在期限内付款',
  claim_upheld: '争议裁定成立',
  replaced: '已被新订单替换',
} as const;

export const endReasonsEn: Shape<typeof endReasonsZh> = {
  canceled_by_buyer: 'the buyer canceled the payment',
  ioc_remainder: 'the part that could not be filled at once',
  order_expired: 'its time ran out',
  item_moved: 'the seller no longer holds the item',
  listing_ended: 'the listing it was made for has ended',
  sold_by_offer: 'sold by an offer',
  countered: 'answered with another price',
  version_conflict: 'the item has changed meanwhile',
  key_epoch_stale: 'the key was replaced; orders signed with the old one ended',
  studio_sunset: 'the studio announced its end',
  market_halted: 'trading was halted',
  experiment_ended: 'the experiment has ended',
  experiment_left: 'you have left the experiment',
  account_taken_over: 'the account was reported as taken over; its orders were ended',
  item_frozen: 'the item was frozen',
  payment_missing: 'not paid in time',
  claim_upheld: 'a dispute was upheld',
  replaced: 'replaced by another order',
};
