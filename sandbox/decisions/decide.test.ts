import { describe, expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import { type Instant, instant, parseInstant, toIso } from '#ledger/primitives/instant.ts';
import { type Candidate, participate } from '../experiments/experiment.ts';
import { priceTimePilot } from '../experiments/sbx-2026-0001.ts';
import { PACK_CN_2026_1 as CN } from '../packs/cn/pack-2026-1.ts';
import { packHash, withConstants } from '../packs/pack.ts';
import { transferableFrom } from './calendar.ts';
import { decide } from './decide.ts';
import type { Attempt, ClassFacts, DecisionFacts, ItemFacts, PersonFacts } from './decision.ts';

const NOW = parseInstant('2026-11-22T04:00:00.000Z');
const BUY: Attempt = { at: NOW, act: 'secondary', side: 'buy', mechanism: 'fixed_price', unitPriceFen: fen(5000n), quantity: 1 };
const AMY: PersonFacts = {
  personRef: 'amy',
  birthDate: '1990-01-01',
  realNameLevel: 'R2',
  secondaryDayFen: fen(0n),
  primaryMonthFen: fen(0n),
  isIssuer: false,
  hasOpenAmlCase: false,
};
const SWORD: ClassFacts = {
  classId: 'cls_1',
  gameId: 'demo',
  approvalNo: 'ISBN 978-7-0000-0000-0',
  isVirtualCurrency: false,
  isCollectible: false,
  isInterchangeable: true,
  isGiftable: true,
  resaleWaitTradingDays: 0,
  referencePriceFen: null,
};
const ITEM: ItemFacts = { itemId: 'itm_1', acquiredAt: parseInstant('2026-11-02T04:00:00.000Z'), acquiredBy: 'secondary', oddsHash: null };

type Change = { attempt?: Partial<Attempt>; person?: Partial<PersonFacts>; itemClass?: Partial<ClassFacts>; items?: readonly ItemFacts[] };
function ask({ attempt, person, itemClass, items = [] }: Change, pack = CN) {
  const facts: DecisionFacts = { person: { ...AMY, ...person }, itemClass: { ...SWORD, ...itemClass }, items };
  return decide({ ...BUY, ...attempt }, facts, pack);
}

test('an ordinary purchase is allowed and carries the pack hash', () => {
  expect(ask({})).toEqual({ kind: 'allow', reasons: [], packHash: packHash(CN), experiment: null });
});

const at = (text: string): Instant => parseInstant(text);
test.each<{ what: string; change: Change; code: string }>([
  { what: 'after the pack’s end', change: { attempt: { at: at('2027-12-31T16:00:00.000Z') } }, code: 'PACK_EXPIRED' },
  { what: 'before its start', change: { attempt: { at: at('2025-12-31T15:59:59.999Z') } }, code: 'PACK_NOT_YET_EFFECTIVE' },
  { what: 'a price of 0.00', change: { attempt: { unitPriceFen: fen(0n) } }, code: 'price_out_of_range' },
  {
    what: 'a price of 1,000,000.01',
    change: { attempt: { unitPriceFen: fen(100_000_001n) }, person: { realNameLevel: 'R3' } },
    code: 'price_out_of_range',
  },
  { what: 'a game without approval number', change: { itemClass: { approvalNo: null } }, code: 'approval_missing' },
  { what: 'game currency', change: { itemClass: { isVirtualCurrency: true } }, code: 'virtual_currency_refused' },
  { what: 'a minor on the secondary market', change: { person: { birthDate: '2008-11-23' } }, code: 'minor_refused' },
  { what: 'level R1 on the secondary market', change: { person: { realNameLevel: 'R1' } }, code: 'level_required' },
  { what: 'an unknown level', change: { person: { realNameLevel: 'gold' } }, code: 'level_required' },
  { what: 'R2 above 10,000.00 a day', change: { person: { secondaryDayFen: fen(995_001n) } }, code: 'level_required' },
  { what: 'a studio buying its own game back', change: { person: { isIssuer: true } }, code: 'issuer_refused' },
  { what: 'machine matching outside an experiment', change: { attempt: { mechanism: 'price_time' } }, code: 'mechanism_not_granted' },
  {
    what: 'a gift of a kind that forbids gifts',
    change: { attempt: { act: 'gift', side: 'sell' }, itemClass: { isGiftable: false }, items: [ITEM] },
    code: 'not_giftable',
  },
  { what: 'a kind that may not be sold on', change: { itemClass: { isResalable: false } }, code: 'not_resalable' },
  {
    what: 'a drawn item without published odds',
    change: { attempt: { side: 'sell' }, items: [{ ...ITEM, acquiredBy: 'drawn' }] },
    code: 'drawn_item_refused',
  },
  {
    what: 'resale six days after a primary purchase',
    change: { attempt: { side: 'sell' }, items: [{ ...ITEM, acquiredBy: 'primary', acquiredAt: at('2026-11-16T04:00:00.000Z') }] },
    code: 'resale_wait',
  },
  {
    what: 'a collectible bought on Monday, sold on Friday',
    change: {
      attempt: { side: 'sell', at: at('2026-11-20T04:00:00.000Z') },
      itemClass: { isCollectible: true },
      items: [{ ...ITEM, acquiredAt: at('2026-11-16T04:00:00.000Z') }],
    },
    code: 'resale_wait',
  },
])('$what is refused with $code', ({ change, code }) => {
  const decision = ask(change);
  expect(decision.kind).toBe('deny');
  expect(decision.reasons[0]?.code).toBe(code);
});

describe('age (CN-MIN)', () => {
  const primary = (price: bigint, birthDate: string, month = 0n) =>
    ask({ attempt: { act: 'primary', unitPriceFen: fen(price) }, person: { birthDate, realNameLevel: 'R1', primaryMonthFen: fen(month) } });

  test('CN-MIN-E1 to the fen', () => {
    expect(primary(5000n, '2011-05-01').kind).toBe('allow');
    expect(primary(5001n, '2011-05-01').reasons[0]?.code).toBe('minor_limit_single');
    expect(primary(4500n, '2011-05-01', 16_000n).reasons[0]).toMatchObject({ code: 'minor_limit_month', facts: { totalFen: '20500' } });
    expect(primary(4000n, '2011-05-01', 16_000n).kind).toBe('allow');
  });

  test('a child under 8 buys nothing', () => {
    expect(primary(1n, '2018-11-23').reasons[0]?.code).toBe('minor_refused');
    expect(primary(1n, '2018-11-22').kind).toBe('allow');
  });

  test('the 18th birthday begins at midnight in Beijing', () => {
    const midnight = at('2026-11-21T16:00:00.000Z');
    const before = ask({ attempt: { at: instant(midnight - 1) }, person: { birthDate: '2008-11-22' } });
    expect(before.reasons[0]?.code).toBe('minor_refused');
    expect(ask({ attempt: { at: midnight }, person: { birthDate: '2008-11-22' } }).kind).toBe('allow');
  });
});

describe('waits', () => {
  test('five trading days skip weekends and the National Day holiday', () => {
    const from = transferableFrom(
      CN,
      { acquiredAt: at('2026-09-30T04:00:00.000Z'), acquiredBy: 'secondary' },
      { isCollectible: true, resaleWaitTradingDays: 0 },
    );
    expect(toIso(from)).toBe('2026-10-12T16:00:00.000Z'); // 8, 9, 10 (a working Saturday), 12, 13 October
  });

  test('an earned item may be sold at once', () => {
    expect(ask({ attempt: { side: 'sell' }, items: [{ ...ITEM, acquiredBy: 'earned', acquiredAt: NOW }] }).kind).toBe('allow');
  });
});

test('a price far from the reference goes on and is put before a supervisor', () => {
  const far = ask({ attempt: { unitPriceFen: fen(100_000n) }, itemClass: { referencePriceFen: fen(20_000n) } });
  expect(far.kind).toBe('review');
  expect(far.reasons.map(({ code }) => code)).toEqual(['price_off_market']);
  expect(ask({ attempt: { unitPriceFen: fen(40_000n) }, itemClass: { referencePriceFen: fen(20_000n) } }).kind).toBe('allow');
});

test('a switch of the pack changes the decision', () => {
  expect(ask({ itemClass: { isVirtualCurrency: true } }, withConstants(CN, { virtualCurrencyTradable: 'true' })).kind).toBe('allow');
});

test('buying back for cash is CN-MK-07 and its switch alone; selling stays refused (CN-SV-13)', () => {
  const issuer = { person: { isIssuer: true } };
  expect(ask(issuer).reasons).toMatchObject([{ code: 'issuer_refused', ruleId: 'CN-MK-07', confidence: 'UNSURE' }]);
  const open = withConstants(CN, { buyback: 'true' });
  expect(ask(issuer, open).kind).toBe('allow');
  expect(ask({ ...issuer, attempt: { side: 'sell' }, items: [ITEM] }, open).reasons).toMatchObject([
    { code: 'issuer_refused', ruleId: 'CN-SV-13' },
  ]);
});

describe('inside SBX-2026-0001', () => {
  const pilot = priceTimePilot({ seededAt: NOW, classIds: ['cls_1'], gameIds: ['demo'], pinnedPersonRefs: ['amy'] });
  const candidate: Candidate = { ...AMY, acceptedDisclosure: 'd1', classId: 'cls_1', gameId: 'demo', at: NOW };
  const matched: Attempt = { ...BUY, mechanism: 'price_time' };
  const facts: DecisionFacts = { person: AMY, itemClass: SWORD, items: [] };

  test('arm match may use the matched book, marked as simulated', () => {
    expect(decide(matched, facts, CN, participate(pilot, candidate, CN))).toEqual({
      kind: 'allow',
      reasons: [],
      packHash: packHash(CN),
      experiment: { id: 'SBX-2026-0001', arm: 'match', flags: ['SIMULATED_AUTHORIZATION'] },
    });
  });

  test('arm manual may not', () => {
    const manual = { ...pilot, assignment: { ...pilot.assignment, pinned: { amy: 'manual' } } };
    expect(decide(matched, facts, CN, participate(manual, candidate, CN)).reasons[0]?.code).toBe('mechanism_not_granted');
  });

  test('who stands outside learns why', () => {
    const decision = decide(matched, facts, CN, participate(pilot, { ...candidate, acceptedDisclosure: null }, CN));
    expect(decision.reasons[0]).toMatchObject({ code: 'mechanism_not_granted', facts: { experimentCode: 'SBX_NOT_JOINED' } });
  });
});
