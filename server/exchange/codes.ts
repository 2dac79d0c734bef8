/** Refusals of the exchange: code, whether the same request may pass later, and the sentence that says what to do next. The order is the
 *  precedence: malformed, replay, unknown, forbidden, insufficient (style 2.12). */

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
  order_closed: { isTransient: false, message: 'The order is already over.' },
  not_your_order: { isTransient: false, message: 'Only its owner can cancel an order.' },
  not_owner: { isTransient: false, message: 'The item is not yours any more.' },
  version_conflict: { isTransient: false, message: 'The item has changed since the quote. Ask for a new one.' },
  self_trade: { isTransient: false, message: 'You cannot trade with yourself.' },
  recovery_required: { isTransient: false, message: 'Save the recovery file and open it once again before the first order.' },
  minor_refused: { isTransient: false, message: 'Trading between players starts at 18 years.' },
  minor_limit_single: { isTransient: false, message: 'This is above what may be spent at once at your age.' },
  minor_limit_month: { isTransient: false, message: 'This is above what may be spent in a month at your age.' },
  level_required: { isTransient: false, message: 'Complete the next step of identification first, then come back.' },
  cap_exceeded: { isTransient: true, message: 'This would exceed what one person may trade in the period. Try again in the next.' },
  sale_on_hold: { isTransient: true, message: 'Sales of this account are on hold. Your page says why and until when.' },
  withdrawal_on_hold: { isTransient: true, message: 'Withdrawals of this account are on hold. Your page says why and until when.' },
  issuer_refused: { isTransient: false, message: 'A studio does not trade in its own items here.' },
  approval_missing: { isTransient: false, message: 'The game has no publication number, so its items cannot be traded.' },
  virtual_currency_refused: { isTransient: false, message: 'Virtual currency is not traded here.' },
  mechanism_not_granted: {
    isTransient: false,
    message: 'Orders are matched by machine only inside a registered experiment that you have joined.',
  },
  experiment_inactive: { isTransient: false, message: 'The experiment does not run at the moment. The fixed-price way is open.' },
  disclosure_outdated: { isTransient: false, message: 'Read the present disclosure of the experiment and accept it.' },
  not_giftable: { isTransient: false, message: 'Items of this kind cannot be given away.' },
  drawn_item_refused: { isTransient: false, message: 'Items from a draw cannot be resold.' },
  resale_wait: { isTransient: true, message: 'The waiting time after buying is not over yet.' },
  price_out_of_range: { isTransient: false, message: 'The price must lie between 0.01 and 1,000,000.00 yuan.' },
  price_off_market: { isTransient: false, message: 'The price is too far from the reference price.' },
  not_interchangeable: { isTransient: false, message: 'Only interchangeable kinds are matched by machine.' },
  item_protected: { isTransient: true, message: 'The item is in its protection period and cannot be passed on yet.' },
  item_frozen: { isTransient: true, message: 'The item is frozen. Its page says why and until when.' },
  item_locked: { isTransient: true, message: 'The item is locked.' },
  item_burned: { isTransient: false, message: 'The item does not exist any more.' },
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
