import { expect, test } from 'vitest';
import { parseAccountId } from '#ledger/primitives/ids.ts';
import { instant } from '#ledger/primitives/instant.ts';
import type { StatementLine } from '#server/payments/provider.ts';
import { amountsOf, findFormerLines, type PaidTrade } from './payment-lines.ts';

const acct = (digit: string) => parseAccountId(digit.repeat(64));
const [amy, bob, studio] = [acct('a'), acct('b'), acct('c')];
const sale: PaidTrade = { seller: amy, buyer: bob, studio, grossFen: 10_000n, feeFen: 500n, royaltyFen: 300n, netFen: 9_200n };

function paid(
  source: string,
  { seller, buyer, studio: issuer, grossFen, feeFen, royaltyFen, netFen }: PaidTrade,
  kind = 'trade',
): StatementLine[] {
  const line = (ref: string, pot: StatementLine['pot'], amountFen: bigint): StatementLine => ({
    ...{ number: 1n, at: instant(0), kind, source, ref, pot, amountFen },
  });
  return [
    line(buyer, 'held', -grossFen),
    line(seller, 'pending', netFen),
    line('operator', 'free', feeFen),
    line(issuer, 'free', royaltyFen),
  ];
}

test('a former operator’s instruction is found by whom it paid what', () => {
  const own = paid('instruction/7', sale);
  const statement = [
    ...paid('instruction/5', { ...sale, grossFen: 10_001n, netFen: 9_201n }),
    ...own,
    ...paid('instruction/8', { ...sale, buyer: acct('d') }),
    ...paid('instruction/9', sale, 'payout'),
  ];
  expect(findFormerLines(sale, statement)).toEqual(own);
  expect(amountsOf(sale, own)).toEqual({ grossFen: 10_000n, feeFen: 500n, royaltyFen: 300n });
});

test('two that fit, or none, prove nothing', () => {
  expect(findFormerLines(sale, [...paid('instruction/7', sale), ...paid('instruction/8', sale)])).toBeNull();
  expect(findFormerLines(sale, paid('instruction/7', { ...sale, feeFen: 400n, netFen: 9_300n }))).toBeNull();
  expect(findFormerLines(sale, [])).toBeNull();
});

test('a studio that sells its own item has net and royalty in one', () => {
  const own: PaidTrade = { ...sale, studio: amy };
  const lines = paid('instruction/7', own);
  expect(findFormerLines(own, lines)).toEqual(lines);
  expect(amountsOf(own, lines).royaltyFen).toBe(0n);
});
