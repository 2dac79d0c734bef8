/** A refusal of the exchange as the error of a procedure whose answer has no place for it. */
import { EXCHANGE_REFUSALS } from '#server/exchange/codes.ts';
import type { Refused } from '#server/exchange/market.ts';
import { refusal } from './errors.ts';

export function exchangeRefusal({ code, facts }: Refused) {
  return refusal(kindOf(code), code, EXCHANGE_REFUSALS[code].message, facts);
}

function kindOf(code: Refused['code']) {
  if (code.endsWith('_unknown')) return 'not_found';
  if (code === 'order_malformed' || code === 'gift_malformed' || (code.startsWith('expression_') && code !== 'expression_fits_nothing'))
    return 'malformed';
  if (code === 'reference_conflict') return 'conflict';
  if (
    code === 'offer_not_yours' ||
    code === 'minor_refused' ||
    code === 'level_required' ||
    code === 'recovery_required' ||
    code === 'not_your_order' ||
    code === 'not_your_gift'
  )
    return 'forbidden';
  return code === 'unavailable' || code === 'pack_inactive' ? 'unavailable' : 'unprocessable';
}
