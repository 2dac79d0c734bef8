/** Rules that a pack without a statute of its own on them takes from us (DESIGN): what the engine asks of every pack. */
import type { Parameter } from '../parameters/parameter.ts';
import type { Confidence, MechanismName, MechanismRule, MinorRules, Texts, TradingRules } from './rule-pack.ts';

const DESIGN: Confidence = 'DESIGN';
const OURS = { citation: 'terms of the market', confidence: DESIGN } as const;

export type ParameterDraft = {
  readonly name: readonly [zh: string, en: string];
  readonly unit: Parameter['unit'];
  readonly value: string;
  readonly ruleId: string;
  readonly citation: string;
  readonly confidence: Confidence;
  readonly from: string;
  readonly stricterIs?: Parameter['stricterIs'];
  readonly statutory?: boolean;
  readonly allowed?: readonly string[];
};

const AS_OF = '2026-11-22';

export function dated({ name: [zh, en], from, statutory, stricterIs, allowed, ...draft }: ParameterDraft): Parameter {
  const name: Texts = { zh, en };
  return {
    ...draft,
    name,
    asOf: AS_OF,
    effectiveFrom: from,
    effectiveTo: null,
    statutory: statutory ?? draft.confidence !== DESIGN,
    ...(stricterIs === undefined ? {} : { stricterIs }),
    ...(allowed === undefined ? {} : { allowed }),
  };
}

/** What `decide` and quotes read, with values that restrict nothing. */
export function marketConstants(ruleId: string, from: string): Readonly<Record<string, Parameter>> {
  const own = (unit: Parameter['unit'], value: string, stricterIs: Parameter['stricterIs'], name: readonly [string, string]) =>
    dated({ name, unit, value, ruleId, from, ...OURS, stricterIs, ...(unit === 'switch' ? { allowed: ['true', 'false'] } : {}) });
  return {
    unitPriceMin: own('fen', '1', 'HIGHER', ['单价下限', 'lowest unit price']),
    unitPriceMax: own('fen', '100000000000', 'LOWER', ['单价上限', 'highest unit price']),
    platformFeeBpsMax: own('count', '10000', 'LOWER', ['平台服务费上限（万分比）', 'highest platform fee in basis points']),
    enhancedLevelAboveDay: own('fen', '100000000000', 'LOWER', [
      '须更高实名等级的单日成交额',
      'day turnover above which a higher level is needed',
    ]),
    payoutHoursMin: own('count', '72', 'HIGHER', ['最短到账等待小时', 'shortest hours before payout']),
    tradeHoldDaysAfterPrimary: own('days', '0', 'HIGHER', ['首次购买后禁止转让天数', 'days held after a first sale']),
    resaleCooldownTradingDays: own('days', '0', 'HIGHER', ['转售等待交易日', 'trading days before resale']),
    offMarketFactor: own('rate', '2', 'LOWER', ['偏离参考价倍数', 'factor from the reference price']),
    offMarketMinDifference: own('fen', '50000', 'LOWER', ['偏离参考价最小差额', 'smallest difference from the reference price']),
    virtualCurrencyTradable: own('switch', 'false', 'FALSE', ['虚拟货币可交易', 'game currency may be traded']),
    drawnItemsResale: own('switch', 'true', 'FALSE', ['抽取所得道具可转售', 'drawn items may be resold']),
  };
}

export function openTrading(ruleId: string, open: readonly MechanismName[]): TradingRules {
  const rule = (name: MechanismName): MechanismRule => ({
    value: open.includes(name),
    statutory: false,
    stricterIs: 'FALSE',
    grantable: false,
    ruleId,
    ...OURS,
  });
  const sourced = { ruleId, ...OURS };
  return {
    matching: {
      FIXED_PRICE: rule('FIXED_PRICE'),
      NEGOTIATED: rule('NEGOTIATED'),
      PRICE_TIME_MATCH: rule('PRICE_TIME_MATCH'),
      CALL_AUCTION: rule('CALL_AUCTION'),
      MARKET_MAKER: rule('MARKET_MAKER'),
      STANDARD_CONTRACT: rule('STANDARD_CONTRACT'),
      AUCTION: rule('AUCTION'),
    },
    minAge: { secondary: 18, ...sourced },
    levels: {
      order: ['R0', 'R1', 'R2', 'R3'],
      primary: 'R1',
      secondary: 'R2',
      secondaryAboveDay: { level: 'R3', constant: 'enhancedLevelAboveDay' },
      ...sourced,
    },
    sources: { packDates: sourced, approval: sourced, issuer: sourced, gift: sourced },
    unitPrice: { minConstant: 'unitPriceMin', maxConstant: 'unitPriceMax', ...sourced },
  };
}

/** Nobody under 18 buys. */
export function adultsOnly(ruleId: string): MinorRules {
  return { ruleId, ...OURS, adultAge: 18, bands: [{ from: 0, to: 17, single: null, month: null }] };
}
