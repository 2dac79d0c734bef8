import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import { parseInstant } from '#ledger/primitives/instant.ts';
import { PACK_CN_2026_1 as CN } from '../packs/cn/pack-2026-1.ts';
import { PACK_KR_2026_1 as KR } from '../packs/kr/pack-2026-1.ts';
import { withConstants } from '../packs/pack.ts';
import type { RulePack } from '../packs/rule-pack.ts';
import { divide } from '../parameters/decimal.ts';
import { assess } from './assess.ts';
import type { AssessInput } from './assessment.ts';
import { compileAssessor, compileWindow, roundedQuotient } from './compile-assessor.ts';
import { isWindowTaxable } from './threshold.ts';

const PACKS: readonly (readonly [name: string, pack: RulePack, statuses: readonly string[]])[] = [
  ['CN', CN, ['SMALL_SCALE', 'GENERAL']],
  ['CN with every switch moved', moved(), ['SMALL_SCALE', 'GENERAL']],
  ['KR, rounded down', KR, ['GENERAL', 'SIMPLIFIED', 'EXEMPT']],
];

function moved(): RulePack {
  return withConstants(CN, {
    vatLevy: '3/100',
    deductRoyalty: 'true',
    deductPlatformFee: 'false',
    eduExemptForPerDay: 'true',
    thresholdInclusiveExempt: 'true',
    p2pThresholdMode: 'MONTH_100000',
    vatThresholdMonth: '150000',
  });
}

test.each(PACKS)('%s: the compiled pack gives the lines of assess, to the fen', (_name, pack, statuses) => {
  const program = compileAssessor(pack);
  const input = fc.record({
    txType: fc.constantFrom(...(['P2P', 'PRIMARY', ...(pack.id === 'CN' ? (['P2B', 'GIFT', 'ROYALTY', 'FEE'] as const) : [])] as const)),
    gross: fc.bigInt({ min: 0n, max: 50_000_000n }),
    before: fc.bigInt({ min: 0n, max: 300_000n }),
    cost: fc.bigInt({ min: 0n, max: 50_000_000n }),
    mode: fc.constantFrom('COST' as const, 'ZERO_COST' as const, 'PCT_OF_REVENUE' as const),
    feeBps: fc.integer({ min: 0, max: 1000 }),
    royaltyBps: fc.integer({ min: 0, max: 1000 }),
    place: fc.constantFrom('CITY', 'COUNTY', 'OTHER'),
    vatStatus: fc.constantFrom(...statuses),
  });
  fc.assert(
    fc.property(input, ({ gross, before, cost, mode, txType, ...rest }) => {
      const costFen = mode === 'PCT_OF_REVENUE' ? null : mode === 'COST' ? fen(cost) : fen(0n);
      const given: AssessInput = {
        ...rest,
        txType,
        paidAt: parseInstant('2026-11-22T02:00:00.000Z'),
        grossFen: fen(gross),
        feeFen: null,
        royaltyFen: null,
        basis: txType === 'P2P' || txType === 'P2B' ? { mode, costFen, source: 'STATED', flags: [] } : null,
        window: { kind: 'total', totalFen: fen(before + gross) },
        flags: [],
      };
      const answer = assess(given, pack);
      if (answer.kind === 'rejected') throw new Error(answer.code);
      const { assessment } = answer;
      const compiled = program({
        txType,
        place: rest.place,
        vatStatus: rest.vatStatus,
        isAssessed: given.basis?.mode === 'PCT_OF_REVENUE',
        isTaxable: compileWindow(pack)?.isTaxable(before + gross) ?? true,
      });
      const lines = compiled.run({
        grossFen: gross,
        costFen: given.basis?.costFen ?? 0n,
        feeFen: assessment.feeFen,
        royaltyFen: assessment.royaltyFen,
      });
      expect(compiled.lines.map(({ id }, index) => [id, lines.amounts[index], lines.bases[index]])).toEqual(
        assessment.lines.map(({ id, amountFen, baseFen }) => [id, amountFen, baseFen]),
      );
      expect([lines.salesFen, lines.gainFen, lines.taxTotalFen]).toEqual([assessment.salesFen, assessment.gainFen, assessment.taxTotalFen]);
    }),
    { numRuns: 1500 },
  );
});

test.each(PACKS.slice(0, 2))('%s: a compiled window answers as the pack does, at its line too', (_name, pack) => {
  const window = compileWindow(pack);
  const lines = [100_999n, 101_000n, 101_001n, 154_499n, 154_500n, 154_501n];
  for (const total of [0n, ...lines, 10_000_000n])
    expect(window?.isTaxable(total), `${total}`).toBe(isWindowTaxable(pack, '2026-11-22', total));
});

test.each(['HALF_UP', 'FLOOR', 'HALF_EVEN'] as const)('whole division rounds %s like the decimals', (mode) => {
  const round = roundedQuotient(mode);
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), fc.constantFrom(2n, 40n, 100n, 101n, 200n, 10_000n), (n, d) => {
      expect(round(n, d)).toBe(divide(n, d, mode));
    }),
    { numRuns: 2000 },
  );
});
