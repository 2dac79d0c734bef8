/** CN-AML-03 to the fen: which payments add up, and from where on they are large. */
import { expect, test } from 'vitest';
import { parseInstant } from '#ledger/primitives/instant.ts';
import { getPack, withConstants } from '../packs/pack.ts';
import { dayCounters, type MoneyFlow } from './large-value.ts';

const pack = getPack('CN');
const at = (text: string) => parseInstant(`2026-11-${text}:00Z`);
const flow = (when: string, yuan: bigint, changes: Partial<MoneyFlow> = {}): MoneyFlow => ({
  ref: 'amy',
  isEntity: false,
  at: at(when),
  amountFen: yuan * 100n,
  isAbroad: false,
  ...changes,
});
const told = (...flows: readonly MoneyFlow[]) =>
  dayCounters(pack, flows).map(
    ({ day, ref, scope, direction, sumFen, count, reachedAt }) =>
      `${day} ${ref} ${scope} ${direction} ${sumFen / 100n}.${sumFen % 100n} of ${count}${reachedAt === null ? '' : ` at ${new Date(reachedAt).toISOString().slice(11, 16)}`}`,
  );

test('single or added up, the line itself included, dated with the payment that reached it', () => {
  expect(told(flow('22T01:00', 500_000n))).toEqual(['2026-11-22 amy natural in 500000.0 of 1 at 01:00']);
  expect(told(flow('22T01:00', 300_000n), flow('22T02:00', 200_000n), flow('22T03:00', 1n))).toEqual([
    '2026-11-22 amy natural in 500001.0 of 3 at 02:00',
  ]);
  expect(told({ ...flow('22T01:00', 0n), amountFen: 49_999_999n })).toEqual(['2026-11-22 amy natural in 499999.99 of 1']);
});

test('each direction for itself: nothing is netted', () => {
  expect(told(flow('22T01:00', 400_000n), flow('22T02:00', -400_000n))).toEqual([
    '2026-11-22 amy natural in 400000.0 of 1',
    '2026-11-22 amy natural out 400000.0 of 1',
  ]);
});

test('days are those of Beijing, and people are not added up with each other', () => {
  const late = flow('22T15:59', 300_000n);
  const next = flow('22T16:00', 300_000n);
  expect(told(late, next).map((text) => text.slice(0, 10))).toEqual(['2026-11-22', '2026-11-23']);
  expect(told(late, flow('22T15:00', 300_000n, { ref: 'bob' })).every((text) => !text.includes(' at '))).toBe(true);
});

test('an organisation has its own line of 2,000,000.00', () => {
  const studio = { ref: 'studio', isEntity: true };
  expect(told(flow('22T01:00', 1_999_999n, studio))).toEqual(['2026-11-22 studio entity in 1999999.0 of 1']);
  expect(told(flow('22T01:00', 2_000_000n, studio))).toEqual(['2026-11-22 studio entity in 2000000.0 of 1 at 01:00']);
});

test('across the border a person’s line is 200,000.00, and the same money counts for the day as well', () => {
  expect(told(flow('22T01:00', 150_000n), flow('22T02:00', 200_000n, { isAbroad: true }))).toEqual([
    '2026-11-22 amy cross_border in 200000.0 of 1 at 02:00',
    '2026-11-22 amy natural in 350000.0 of 2',
  ]);
});

test('the lines are the pack’s: another figure reaches earlier', () => {
  const lower = withConstants(pack, { amlNaturalDay: '10000' });
  expect(dayCounters(lower, [flow('22T01:00', 100n)])).toMatchObject([{ lineFen: 10_000n, reachedAt: at('22T01:00') }]);
});
