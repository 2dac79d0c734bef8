/** Refusals of the exchange: code, whether the same request may pass later, and the sentence that says what to do next. The order is the
 *  precedence: malformed, replay, unknown, forbidden, insufficient (style 2.12). */

import type { Reason } from '#sandbox/decisions/decision.ts';

export const EXCHANGE_REFUSALS = {
  order_malformed: { isTransient: false, message: 'The order could not be read. Load the page again.' },
  terms_mismatch: { isTransient: false, message: 'The signed terms are not those of the quote. Ask for a new quote and sign again.' },
  reference_conflict: { isTransient: false, message: 'This reference was used for another request. Use a new one.' },
  wrong_chain: { isTransient: false, message: 'The order was signed for another market. Load the page again.' },
  quote_invalid: { isTransient: false, message: 'The quote was not made by this market. Ask for a new one.' },
  quote_expired: { isTransient: false, message: 'The quote is older than a minute. Look at the fresh one and sign again.' },
  quote_changed: { isTransient: false, message: 'The terms have changed. Look at the fresh quote and sign again if you agree.' },
  order_early: { isTransient: true, message: 'The order is not valid yet. Check the clock of this device.' },
  order_expired: { isTransient: false, message: 'The order has run out. Ask for a new quote.' },
  account_unknown: { isTransient: false, message: 'There is no such account. Join first.' },
  key_epoch_stale: { isTransient: false, message: 'Your key was replaced since. Sign with the present one.' },
  key_unknown: { isTransient: false, message: 'This key does not belong to your account.' },
  sig_invalid: { isTransient: false, message: 'The signature does not fit the order. Unlock your key and sign again.' },
  class_unknown: { isTransient: false, message: 'There is no such kind of item.' },
  item_unknown: { isTransient: false, message: 'There is no such item.' },
  order_unknown: { isTransient: false, message: 'There is no such order.' },
  experiment_unknown: { isTransient: false, message: 'There is no such experiment.' },
  expression_malformed: {
    isTransient: false,
    message: 'This condition cannot be read from the marked place on. It takes at most 16 comparisons and 512 characters.',
  },
  expression_unknown_attribute: { isTransient: false, message: 'There is no attribute of this name. Choose one from the list.' },
  expression_type: { isTransient: false, message: 'This attribute takes another sort of value, or another comparison.' },
  expression_fits_nothing: { isTransient: false, message: 'No kind of this game fits the condition. Widen it.' },
  order_item_mismatch: { isTransient: false, message: 'The buyer asks for something else: this item does not fit the order.' },
  fill_too_small: { isTransient: false, message: 'The buyer takes more units at once, or what is left of the order.' },
  life_out_of_range: { isTransient: false, message: 'An order stands between 1 and 90 days.' },
  listing_gone: { isTransient: false, message: 'Somebody was faster, or it was taken back. Choose another one.' },
  buy_order_gone: { isTransient: false, message: 'The buy order is filled or was taken back. Choose another one.' },
  listing_reserved: {
    isTransient: true,
    message: 'Somebody has reserved it and is paying from outside. If no payment arrives it can be bought again.',
  },
  listing_ends_soon: { isTransient: false, message: 'The listing ends before a payment from outside could arrive. Pay from the balance.' },
  finality_late: {
    isTransient: true,
    message: 'The members have not certified earlier trades for more than 30 seconds. Nothing was traded; try again in a moment.',
  },
  listing_in_publicity: { isTransient: true, message: 'The publicity period still runs. You can buy when it is over.' },
  named_buyer_only: { isTransient: false, message: 'The seller offers this to one person, and you are not the one.' },
  buyer_unknown: { isTransient: false, message: 'Nobody here has this name or account id. Ask the buyer for the exact one.' },
  offer_life_out_of_range: { isTransient: false, message: 'An offer stands between 1 and 72 hours.' },
  smallest_offer_out_of_range: { isTransient: false, message: 'The smallest offer lies between 0.01 yuan and the price of the listing.' },
  offer_gone: { isTransient: false, message: 'The offer has ended or was answered already. Look at the thread and make a new one.' },
  offer_not_yours: { isTransient: false, message: 'This offer is between two other people.' },
  offer_not_your_turn: {
    isTransient: true,
    message: 'The last step is your own. Wait for the answer, or withdraw it half an hour after you made it.',
  },
  offer_rounds_used: { isTransient: false, message: 'Five prices have been named. Accept the last one, or let it run out.' },
  offer_withdraw_early: {
    isTransient: true,
    message: 'An offer stands for half an hour at least, so that the other side can think. Withdraw it then.',
  },
  offer_exists: { isTransient: false, message: 'You have an open offer for this item already. Its thread is among your orders.' },
  offer_too_low: { isTransient: false, message: 'The seller takes no offer this low. Offer at least the smallest one shown.' },
  offers_closed: { isTransient: false, message: 'The item is not listed, and its holder takes offers on listings only.' },
  too_many_offers: { isTransient: true, message: 'You have 50 open offers. Withdraw one first, or wait until one ends.' },
  order_closed: { isTransient: false, message: 'The order is already over.' },
  not_your_order: { isTransient: false, message: 'Only its owner can cancel an order.' },
  not_owner: { isTransient: false, message: 'The item is not yours any more.' },
  version_conflict: { isTransient: false, message: 'The item has changed since the quote. Ask for a new one.' },
  self_trade: { isTransient: false, message: 'You cannot trade with yourself.' },
  linked_account: {
    isTransient: false,
    message: 'You and the other side count as one person here: one bank card, or one device on several days. Choose another counterparty.',
  },
  recovery_required: { isTransient: false, message: 'Save the recovery file and open it once again before the first order.' },
  minor_refused: { isTransient: false, message: 'Trading between players starts at 18 years.' },
  minor_limit_single: { isTransient: false, message: 'This is above what may be spent at once at your age.' },
  minor_limit_month: { isTransient: false, message: 'This is above what may be spent in a month at your age.' },
  level_required: { isTransient: false, message: 'Complete the next step of identification first, then come back.' },
  cap_exceeded: { isTransient: true, message: 'This would exceed what one person may trade in the period. Try again in the next.' },
  sale_on_hold: { isTransient: true, message: 'Sales of this account are on hold. Your page says why and until when.' },
  withdrawal_on_hold: { isTransient: true, message: 'Withdrawals of this account are on hold. Your page says why and until when.' },
  cool_down: {
    isTransient: true,
    message: 'The price of this kind rose by your purchases, so you trade none of it for a while. Your items page says until when.',
  },
  issuer_refused: { isTransient: false, message: 'A studio does not trade in its own items here.' },
  approval_missing: { isTransient: false, message: 'The game has no publication number, so its items cannot be traded.' },
  virtual_currency_refused: { isTransient: false, message: 'Virtual currency is not traded here.' },
  mechanism_not_granted: {
    isTransient: false,
    message: 'Orders are matched by machine only inside a registered experiment that you have joined.',
  },
  experiment_inactive: { isTransient: false, message: 'The experiment does not run at the moment. The fixed-price way is open.' },
  disclosure_outdated: { isTransient: false, message: 'Read the present disclosure of the experiment and accept it.' },
  gift_malformed: { isTransient: false, message: 'The gift could not be read. Load the page again.' },
  gift_unknown: { isTransient: false, message: 'There is no such gift.' },
  gift_over: { isTransient: false, message: 'The gift is already over. The list shows how it ended.' },
  gift_window: { isTransient: true, message: 'The signature does not cover this moment. Load the page again and sign once more.' },
  gift_wait: { isTransient: true, message: 'An item can be given away seven days after it came to you.' },
  gift_on_hold: { isTransient: true, message: 'Gifts of this account are on hold. Your page says why and until when.' },
  not_your_gift: { isTransient: false, message: 'This gift is between other people.' },
  recipient_unknown: { isTransient: false, message: 'Nobody here has this name or account id. Ask for the exact one.' },
  recipient_unfit: {
    isTransient: false,
    message: 'This person cannot receive gifts at the moment: it takes an adult with a bound bank card.',
  },
  self_gift: { isTransient: false, message: 'You cannot give something to yourself.' },
  too_many_gifts: { isTransient: true, message: 'Too many gifts are still open, yours or theirs. Wait for an answer or take one back.' },
  not_giftable: { isTransient: false, message: 'Items of this kind cannot be given away.' },
  not_resalable: { isTransient: false, message: 'The studio has closed resale of this kind. What you have stays yours.' },
  drawn_item_refused: { isTransient: false, message: 'Items from a draw cannot be resold.' },
  resale_wait: { isTransient: true, message: 'The waiting time after buying is not over yet.' },
  price_out_of_range: { isTransient: false, message: 'The price must lie between 0.01 and 1,000,000.00 yuan.' },
  price_off_market: { isTransient: false, message: 'The price is too far from the reference price.' },
  not_interchangeable: { isTransient: false, message: 'Only interchangeable kinds are matched by machine.' },
  item_protected: { isTransient: true, message: 'The item is in its protection period and cannot be passed on yet.' },
  item_frozen: { isTransient: true, message: 'The item is frozen. Its page says why and until when.' },
  purchase_sealed: {
    isTransient: true,
    message:
      'You bought this item before the operator changed, and what you paid is still sealed here. It can be sold once a supervisor has handed it over; giving it away is open.',
  },
  item_locked: { isTransient: true, message: 'The item is locked.' },
  item_burned: { isTransient: false, message: 'The item does not exist any more.' },
  studio_sunset: {
    isTransient: false,
    message: 'The game has announced its end: nothing of it is sold any more. The item stays yours and can be given away.',
  },
  market_halted: {
    isTransient: true,
    message: 'Trading in this is halted by a supervisor. The banner says why and until when; you can cancel at any time.',
  },
  books_differ: {
    isTransient: true,
    message: 'Our books contradict each other about this item or account. It stands still until that is settled; nothing is lost.',
  },
  class_frozen: { isTransient: true, message: 'This kind of item is frozen.' },
  account_frozen: { isTransient: true, message: 'An account is frozen.' },
  item_held: { isTransient: true, message: 'The item is already listed or promised. Cancel that order first.' },
  not_transferable: { isTransient: false, message: 'Items of this kind are bound to their holder.' },
  not_certified: { isTransient: true, message: 'The members have not certified this yet. Try again in a few seconds.' },
  price_change_too_soon: { isTransient: true, message: 'A listing may change its price once in five minutes.' },
  too_many_orders: { isTransient: true, message: 'You have 300 open orders. Cancel one first.' },
  quantity_out_of_range: { isTransient: false, message: 'The quantity is outside what is allowed.' },
  fill_or_kill: { isTransient: true, message: 'The whole quantity was not there at once, so nothing was traded.' },
  insufficient_funds: { isTransient: true, message: 'Your available balance is too low. Pay in or choose a smaller amount.' },
  amount_out_of_range: { isTransient: false, message: 'One transfer may be between 1.00 and 50,000.00 yuan.' },
  day_limit_reached: { isTransient: true, message: 'The day limit for transfers is reached. Try again tomorrow.' },
  payout_account_missing: { isTransient: false, message: 'Bind a bank card in your own name first.' },
  SBX_CAP_PARTICIPANTS: { isTransient: false, message: 'The experiment is full.' },
  SBX_CAP_PER_TRADE: { isTransient: false, message: 'The experiment caps a single trade. The fixed-price way has no such cap.' },
  SBX_CAP_PER_PERSON_DAY: { isTransient: true, message: 'Your day cap in the experiment is used up. The fixed-price way is open.' },
  SBX_CAP_PER_PERSON_MONTH: { isTransient: true, message: 'Your month cap in the experiment is used up. The fixed-price way is open.' },
  SBX_CAP_EXPERIMENT_OPEN_EXPOSURE: {
    isTransient: true,
    message: 'The experiment holds as much open money as it may. The fixed-price way is open.',
  },
  SBX_CAP_EXPERIMENT_TOTAL_TURNOVER: {
    isTransient: false,
    message: 'The experiment has reached its total turnover. The fixed-price way is open.',
  },
  pack_inactive: { isTransient: true, message: 'No rules are in force at the moment, so nothing can be traded.' },
  PACK_EXPIRED: { isTransient: false, message: 'The rules in force have reached their end date; trading waits for the next version.' },
  PACK_NOT_YET_EFFECTIVE: { isTransient: true, message: 'The rules are not in force yet.' },
  ledger_refused: { isTransient: false, message: 'The ledger refused this; nothing was done.' },
  unavailable: { isTransient: true, message: 'The market is stopping. Try again in a minute; nothing was done.' },
} as const satisfies Record<string, { readonly isTransient: boolean; readonly message: string }>;

export type ExchangeCode = keyof typeof EXCHANGE_REFUSALS;

export function isExchangeCode(code: string): code is ExchangeCode {
  return Object.hasOwn(EXCHANGE_REFUSALS, code);
}

/** Codes of the ledger and the sandbox are ours too; one that is not has no place in an answer of the exchange. */
export function exchangeCode(code: string): ExchangeCode {
  return isExchangeCode(code) ? code : 'ledger_refused';
}

/** What the rules refuse, with the rule and its place in the law: whoever is refused may read it. */
export const ruleFacts = ({ facts, ruleId, citation }: Pick<Reason, 'facts' | 'ruleId' | 'citation'>) => ({ ...facts, ruleId, citation });
