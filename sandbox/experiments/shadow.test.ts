/** What shadows compute: the other mode of an assessment, a reserve, the recall of seeded cases (rulebook 6.5, 6.6). */
import { expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import { parseInstant } from '#ledger/primitives/instant.ts';
import { PACK_CN_2026_1 as CN } from '../packs/cn/pack-2026-1.ts';
import { assess } from '../tax/assess.ts';
import type { AssessInput, Basis } from '../tax/assessment.ts';
import { reserveOf, seededRecall, taxInOtherMode } from './shadow.ts';

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

test('a lower day line finds more of the same seeded cases than the pack, and the answer is the same every time', () => {
  const experiment = { ruleOverrides: [{ arm: 'half', path: 'const.enhancedLevelAboveDay', value: 500_000 }] };
  const [control, half] = ['control', 'half'].map((arm) => seededRecall(experiment, arm, CN, AT));
  expect(control?.cases).toBe(half?.cases);
  expect(half?.found).toBeGreaterThan(control?.found ?? 0);
  expect(control?.found).toBeGreaterThan(0);
  expect(half?.found).toBeLessThan(half?.cases ?? 0);
  expect(seededRecall(experiment, 'half', CN, AT)).toEqual(half);
});
