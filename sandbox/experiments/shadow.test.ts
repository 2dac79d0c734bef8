/** What shadows compute: the other mode of an assessment, a reserve, the recall of seeded cases (rulebook 6.5, 6.6). */
import { expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import { parseInstant } from '#ledger/primitives/instant.ts';
import { PACK_CN_2026_1 as CN } from '../packs/cn/pack-2026-1.ts';
import { assess } from '../tax/assess.ts';
import type { AssessInput, Basis } from '../tax/assessment.ts';
import { splitMoney } from '../tax/split.ts';
import { applyOverrides, type Experiment, refuseRegistration } from './experiment.ts';
import { promotionOf } from './promotion.ts';
import { reserveOf, seededRecall, taxInOtherMode } from './shadow.ts';
import { filingDueOn, keepsReserve, reserveParts, TAX_RESERVE_PATH } from './tax-reserve.ts';
import { fillTemplate, TEMPLATES } from './templates.ts';

const AT = parseInstant('2026-11-22T04:00:00.000Z');
const PROVEN: Basis = { mode: 'COST', costFen: fen(400_000n), source: 'PLATFORM_RECORD', flags: [] };
const UNPROVEN: Basis = { mode: 'PCT_OF_REVENUE', costFen: null, source: 'NONE', flags: [] };
const inputOf = (basis: Basis | null): AssessInput => ({
  txType: 'P2P',
  paidAt: AT,
  grossFen: fen(500_000n),
  feeBps: 500,
  royaltyBps: 200,
  feeFen: null,
  royaltyFen: null,
  basis,
  window: { kind: 'total', totalFen: fen(500_000n) },
  place: 'CITY',
  vatStatus: 'SMALL_SCALE',
  flags: [],
});
const taxed = (basis: Basis | null) => {
  const answer = assess(inputOf(basis), CN);
  if (answer.kind !== 'assessed') throw new Error(answer.code);
  return answer.assessment;
};

test('a sale is assessed in the other mode from its own input: proven cost by its revenue, and the reverse without a proof', () => {
  expect(taxInOtherMode(inputOf(PROVEN), CN)).toBe(taxed(UNPROVEN).taxTotalFen);
  expect(taxInOtherMode(inputOf(UNPROVEN), CN)).toBe(taxed({ ...UNPROVEN, mode: 'ZERO_COST', costFen: fen(0n) }).taxTotalFen);
  expect(taxInOtherMode(inputOf(PROVEN), CN)).not.toBe(taxed(PROVEN).taxTotalFen);
  expect(taxInOtherMode(inputOf(null), CN)).toBeNull();
});

test('a reserve keeps what the seller bears and nothing of other payers', () => {
  const own = CN.lines.find(({ payer }) => payer === 'SELLER');
  const other = CN.lines.find(({ payer }) => payer !== 'SELLER');
  const lines = [own, other].flatMap((line) => (line === undefined ? [] : [{ id: line.id, amountFen: 7n }]));
  expect([lines.length, reserveOf(lines, CN)]).toEqual([2, 7n]);
});

const SOLD = { lines: taxed(PROVEN).lines, payoutFen: 465_000n, paidAt: AT };

test('CN-X1-01: what a sale keeps, by return, with its last day of filing and the day on which it comes free by itself', () => {
  const parts = reserveParts(SOLD, CN);
  expect(parts.map(({ tax, amountFen, dueOn, freeAt }) => [tax, amountFen, dueOn, new Date(freeAt).toISOString()])).toEqual([
    ['vat', 5_247n, '2027-06-30', '2027-07-14T16:00:00.000Z'],
    ['income', 13_951n, '2026-12-15', '2026-12-29T16:00:00.000Z'],
  ]);
  // The same sum as the split at the institution says.
  const total = parts.reduce((sum, part) => sum + part.amountFen, 0n);
  expect(total).toBe(splitMoney(taxed(PROVEN), CN, true).sellerTaxReserveFen);
  expect(['vat', 'income'].map((tax) => filingDueOn(CN, tax as 'vat', '2026-11'))).toEqual(['2027-06-30', '2026-12-15']);
});

test('a reserve never exceeds the payout, nor keeps what somebody has withheld', () => {
  const sums = (more: Partial<typeof SOLD> & { readonly withheld?: typeof SOLD.lines }) =>
    reserveParts({ ...SOLD, ...more }, CN).map(({ tax, amountFen }) => [tax, amountFen]);
  expect(sums({ payoutFen: 6_000n })).toEqual([
    ['vat', 5_247n],
    ['income', 753n],
  ]);
  expect(sums({ payoutFen: 5_000n })).toEqual([['vat', 5_000n]]);
  expect(sums({ payoutFen: 0n })).toEqual([]);
  expect(sums({ payoutFen: -5n })).toEqual([]);
  expect(sums({ withheld: SOLD.lines.filter(({ type }) => type === 'INCOME') })).toEqual([['vat', 5_247n]]);
});

test('a reserve is kept in its arm alone, live alone, changes no rule of a pack and is never proposed as one', () => {
  const template = TEMPLATES.find(({ id }) => id === 'X1');
  if (template === undefined) throw new Error('X1');
  const fill = {
    id: 'SBX-2026-0011',
    declarationNo: '9144DEMO-2026-0011',
    pack: CN,
    today: '2026-11-20',
    gameIds: ['demo'],
    classIds: ['cls_1'],
  };
  const x1: Experiment = fillTemplate(template, fill);
  expect([x1.mode, x1.exit.success, keepsReserve(x1, 'reserve'), keepsReserve(x1, 'none')]).toEqual([
    'LIVE_STRICTER',
    'KEEP_PACK',
    true,
    false,
  ]);
  expect(keepsReserve({ ...x1, mode: 'SHADOW' }, 'reserve')).toBe(false);
  expect(applyOverrides(CN, x1.ruleOverrides)).toBe(CN);
  expect(refuseRegistration(x1, CN, false)).toBeNull();
  const number = { ...x1, ruleOverrides: [{ arm: 'reserve', path: TAX_RESERVE_PATH, value: 1 }] };
  expect(refuseRegistration(number, CN, false)).toBe('override_path_unknown');
  const promoting = { ...x1, status: 'EXITED_SUCCESS' as const, exit: { ...x1.exit, success: 'PROMOTE_TO_PACK_PROPOSAL' } };
  expect(promotionOf(promoting, [], CN)).toBeNull();
});

test('a lower day line finds more of the same seeded cases than the pack, and the answer is the same every time', () => {
  const experiment = { ruleOverrides: [{ arm: 'half', path: 'const.enhancedLevelAboveDay', value: 500_000 }] };
  const [control, half] = ['control', 'half'].map((arm) => seededRecall(experiment, arm, CN, AT));
  expect(control?.cases).toBe(half?.cases);
  expect(half?.found).toBeGreaterThan(control?.found ?? 0);
  expect(control?.found).toBeGreaterThan(0);
  expect(half?.found).toBeLessThan(half?.cases ?? 0);
  expect(seededRecall(experiment, 'half', CN, AT)).toEqual(half);
});
