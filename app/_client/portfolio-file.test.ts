import { expect, test } from 'vitest';
import { parseClassId, parseItemId } from '#ledger/primitives/ids.ts';
import type { PortfolioRow } from '#server/trpc/views.ts';
import { portfolioCsv } from './portfolio-file.ts';

const classId = parseClassId(`cls_${'1'.repeat(32)}`);
const row = (en: string, more: Partial<PortfolioRow> = {}): PortfolioRow => ({
  itemId: parseItemId(`itm_${'2'.repeat(32)}`),
  serialNo: 7,
  card: {
    classId,
    names: { zh: '剑', en },
    gameId: 'g',
    category: 'c',
    type: 't',
    typeZh: null,
    rarity: null,
    refinement: null,
    icon: 'sword',
    issued: 1,
    listings: 0,
    lowestListingFen: null,
    highestBuyFen: null,
    referenceFen: null,
    trades7d: 0,
    interchangeable: false,
    experimentId: null,
  },
  state: 'free',
  stateUntil: null,
  acquiredAt: '2026-11-22T02:04:00.000Z',
  costBasisFen: '100000000',
  costSource: 'bought_here',
  referenceFen: '5',
  unrealisedFen: '-99999995',
  orderId: null,
  ...more,
});
const words = { head: ['a', 'b'], state: (state: string) => state, source: (source: string) => source };
const linesOf = (...rows: readonly PortfolioRow[]) => portfolioCsv(rows, words).slice(1).split('\r\n').slice(1, -1);

test('amounts are exact to the fen, and what is not known is blank, not zero', () => {
  expect(linesOf(row('Sword'))).toEqual([
    `剑,Sword,7,itm_${'2'.repeat(32)},free,2026-11-22T02:04:00.000Z,1000000.00,bought_here,0.05,-999999.95`,
  ]);
  expect(linesOf(row('Sword', { costBasisFen: null, costSource: 'none', referenceFen: null, unrealisedFen: null }))[0]).toMatch(
    /,,none,,$/,
  );
});

test('a name with commas or quotes stays one cell, and one that looks like a formula is text', () => {
  expect(linesOf(row('Axe, "old"'))[0]).toContain('剑,"Axe, ""old""",7');
  for (const name of ['=HYPERLINK("x")', '+1', '@a', '-cmd']) expect(linesOf(row(name))[0]).toMatch(/^剑,"?'[=+@-]/);
});
