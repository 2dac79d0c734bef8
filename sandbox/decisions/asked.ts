/** The rules of a pack that an order or a gift is decided by: an experiment on live orders changes nothing but these. */
import type { RulePack } from '../packs/rule-pack.ts';

export function constantsOfOrders({ trading, caps = [] }: Pick<RulePack, 'trading' | 'caps'>): ReadonlySet<string> {
  return new Set([
    trading.unitPrice.minConstant,
    trading.unitPrice.maxConstant,
    trading.levels.secondaryAboveDay.constant,
    ...caps.map(({ max }) => max),
    'virtualCurrencyTradable',
    'drawnItemsResale',
    'tradeHoldDaysAfterPrimary',
    'resaleCooldownTradingDays',
    'offMarketFactor',
    'offMarketMinDifference',
  ]);
}
