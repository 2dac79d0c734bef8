/** Market rules of pack CN: how trading may work, ages and levels, minors, the calendar of trading days. */
import type { Calendar, MechanismRule, MinorRules, TradingRules } from '../rule-pack.ts';

const ART_46 = 'E-Commerce Law art. 46, 75';

function mechanism(value: boolean, statutory: boolean, grantable: boolean): MechanismRule {
  return { value, statutory, stricterIs: 'FALSE', grantable, ruleId: 'CN-MK-01', citation: ART_46, confidence: 'VERIFIED' };
}

export const CN_TRADING: TradingRules = {
  matching: {
    FIXED_PRICE: mechanism(true, false, false),
    NEGOTIATED: mechanism(true, false, false),
    PRICE_TIME_MATCH: mechanism(false, true, true),
    CALL_AUCTION: mechanism(false, true, false),
    MARKET_MAKER: mechanism(false, true, false),
    STANDARD_CONTRACT: mechanism(false, true, false),
    AUCTION: {
      value: false,
      statutory: true,
      stricterIs: 'FALSE',
      grantable: false,
      ruleId: 'CN-MK-03',
      citation: 'Auction Law',
      confidence: 'KNOWN',
    },
  },
  minAge: { secondary: 18, ruleId: 'CN-MIN-04', citation: 'Wen Shi Fa [2009] 20; extension to items', confidence: 'DESIGN' },
  levels: {
    order: ['R0', 'R1', 'R2', 'R3'],
    primary: 'R1',
    secondary: 'R2',
    secondaryAboveDay: { level: 'R3', constant: 'enhancedLevelAboveDay' },
    ruleId: 'CN-ID-01',
    citation: 'Blockchain information service rules (CAC); rulebook 4.3',
    confidence: 'DESIGN',
  },
  sources: {
    packDates: { ruleId: 'CN-ALG-10', citation: 'rulebook D5: no computing with expired relief', confidence: 'DESIGN' },
    approval: { ruleId: 'CN-MK-09', citation: 'Minors Protection Law art. 75 para 1', confidence: 'VERIFIED' },
    issuer: { ruleId: 'CN-SV-13', citation: 'E-Commerce Law art. 17; draft Measures for Online Games', confidence: 'DESIGN' },
    gift: { ruleId: 'CN-VAT-13', citation: 'terms of the item class', confidence: 'DESIGN' },
  },
  unitPrice: {
    minConstant: 'unitPriceMin',
    maxConstant: 'unitPriceMax',
    ruleId: 'CN-MK-02',
    citation: 'product 1.6',
    confidence: 'DESIGN',
  },
};

export const CN_MINORS: MinorRules = {
  ruleId: 'CN-MIN-01',
  citation: 'NPPA notice 2019',
  confidence: 'VERIFIED',
  adultAge: 18,
  bands: [
    { from: 0, to: 7, single: null, month: null },
    { from: 8, to: 15, single: 'minor8Single', month: 'minor8Month' },
    { from: 16, to: 17, single: 'minor16Single', month: 'minor16Month' },
  ],
};

/** The State Council's holiday notice for 2026. Later years are announced each November; until a pack carries them only weekends
 *  and the fixed days count, which can make a wait end earlier than the official calendar would. */
export const CN_CALENDAR: Calendar = {
  citation: 'General Office of the State Council, holiday arrangements for 2026',
  confidence: 'KNOWN',
  years: {
    '2026': {
      closed: [
        ...['2026-01-01', '2026-01-02'],
        ...['2026-02-16', '2026-02-17', '2026-02-18', '2026-02-19', '2026-02-20', '2026-02-23'],
        '2026-04-06',
        ...['2026-05-01', '2026-05-04', '2026-05-05'],
        '2026-06-19',
        '2026-09-25',
        ...['2026-10-01', '2026-10-02', '2026-10-05', '2026-10-06', '2026-10-07'],
      ],
      open: ['2026-01-04', '2026-02-14', '2026-02-28', '2026-05-09', '2026-09-20', '2026-10-10'],
    },
  },
  fixed: ['01-01', '05-01', '05-02', '10-01', '10-02', '10-03'],
};
