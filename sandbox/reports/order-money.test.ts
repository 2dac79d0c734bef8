/** Orders of a day at the institution, to the fen: what is set aside comes in once, and what leaves adds up to it (rulebook 8.3). */
import { describe, expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import { parseInstant } from '#ledger/primitives/instant.ts';
import { moneyOfOrders, type OrderBooking, orderEntries, orderFaults } from './order-money.ts';

const [AMY, BOB, STUDIO] = ['a'.repeat(64), 'b'.repeat(64), 'c'.repeat(64)];
const at = parseInstant('2026-11-22T03:00:00Z');
type Line = readonly [ref: string, pot: string, amountFen: bigint];

let number = 0;
function booking(kind: string, orderId: string | null, lines: readonly Line[], tradeId: string | null = null): OrderBooking {
  number += 1;
  const people = tradeId === null ? { buyer: null, seller: null } : { buyer: BOB ?? '', seller: AMY ?? '' };
  return {
    source: `instruction/${number}`,
    kind,
    at,
    orderId,
    tradeId,
    ...people,
    lines: lines.map(([ref, pot, amountFen]) => ({ ref, pot, amountFen: fen(amountFen) })),
  };
}
const hold = (order: string, amount: bigint) =>
  booking('hold', order, [
    [BOB ?? '', 'free', -amount],
    [BOB ?? '', 'held', amount],
  ]);
/** CN-P2P-05: 5,000.00, fee 250.00, royalty 100.00, and 4,650.00 for the seller. */
const captured = (order: string) =>
  booking(
    'trade',
    order,
    [
      [BOB ?? '', 'held', -500_000n],
      [AMY ?? '', 'pending', 465_000n],
      ['operator', 'free', 25_000n],
      [STUDIO ?? '', 'free', 10_000n],
    ],
    'trd_1',
  );
const paidOut = (order: string, amount = 465_000n) =>
  booking(
    'payout',
    order,
    [
      [AMY ?? '', 'pending', -amount],
      [AMY ?? '', 'free', amount],
    ],
    'trd_1',
  );
const told = (bookings: readonly OrderBooking[]) =>
  orderEntries(bookings).map(({ kind, isCredit, amountFen, orderId }) => `${orderId} ${kind} ${isCredit ? '+' : '-'}${amountFen}`);
type Amounts = Readonly<Record<string, bigint>>;
const amounts = (given: Amounts) => new Map(Object.entries(given).map(([id, amount]) => [id, fen(amount)]));
const faults = (bookings: readonly OrderBooking[], held: Amounts = {}, byFill: readonly string[] = [], opened: Amounts = {}) =>
  orderFaults(moneyOfOrders(orderEntries(bookings)), amounts(held), new Set(byFill), amounts(opened)).map(
    ({ orderId, fault }) => `${orderId} ${fault}`,
  );

describe('entries', () => {
  test('CN-P2P-05: one credit, and a debit each for the platform, the studio and the seller, all under the order', () => {
    expect(told([hold('one', 500_000n), captured('one'), paidOut('one')])).toEqual([
      'one hold +500000',
      'one fee -25000',
      'one royalty -10000',
      'one payout -465000',
    ]);
  });

  test('paid at once, the credit stands in the trade itself', () => {
    const [line] = hold('one', 500_000n).lines;
    const trade = captured('one');
    expect(told([{ ...trade, lines: [...(line === undefined ? [] : [line]), ...trade.lines.slice(1)] }])).toEqual([
      'one hold +500000',
      'one fee -25000',
      'one royalty -10000',
    ]);
  });

  test('the tax that a seller has kept is the fourth debit; money that is set free goes back to the buyer', () => {
    const reserve = booking(
      'reserve',
      'one',
      [
        [AMY ?? '', 'pending', -5_000n],
        [AMY ?? '', 'tax', 5_000n],
      ],
      'trd_1',
    );
    const release = booking('release', 'two', [
      [BOB ?? '', 'held', -700n],
      [BOB ?? '', 'free', 700n],
    ]);
    expect(told([reserve, release])).toEqual(['one tax_reserve -5000', 'two release -700']);
  });

  test('taken back, the buyer has everything again, and fee and royalty come back marked as reversals', () => {
    const reversal = booking(
      'reversal',
      'one',
      [
        [BOB ?? '', 'free', 500_000n],
        [AMY ?? '', 'pending', -465_000n],
        ['operator', 'free', -25_000n],
        [STUDIO ?? '', 'free', -10_000n],
      ],
      'trd_1',
    );
    const all = [hold('one', 500_000n), captured('one'), reversal];
    expect(told(all).slice(3)).toEqual(['one refund -500000', 'one fee +25000', 'one royalty +10000']);
    expect(orderEntries([reversal]).every(({ isReversal }) => isReversal)).toBe(true);
    expect(moneyOfOrders(orderEntries(all))).toEqual([{ orderId: 'one', credits: 1, leftFen: 0n }]);
  });

  test('behind a split stands the buyer, behind a pay-in the seller; nobody stands behind himself', () => {
    const [fee, , payout] = orderEntries([captured('one'), paidOut('one')]);
    expect(fee).toMatchObject({ from: null, to: 'operator', ultimateFrom: BOB, ultimateTo: null });
    expect(payout).toMatchObject({ to: AMY, ultimateFrom: BOB });
  });

  test('books that do not balance are no statement', () => {
    const broken = hold('one', 100n);
    expect(() => orderEntries([{ ...broken, lines: broken.lines.slice(1) }])).toThrow(/balances/);
  });
});

describe('checks of an order', () => {
  test('held, half paid out and over: what is left is what our own books hold, to the fen', () => {
    expect(faults([hold('one', 500_000n)], { one: 500_000n })).toEqual([]);
    expect(faults([hold('one', 500_000n), captured('one')], { one: 465_000n })).toEqual([]);
    expect(faults([hold('one', 500_000n), captured('one'), paidOut('one')])).toEqual([]);
    expect(faults([hold('one', 500_000n), captured('one'), paidOut('one', 464_999n)])).toEqual(['one left']);
    expect(faults([hold('one', 500_000n)])).toEqual(['one left']);
  });

  test('of an order that a former operator settled only what was taken over is paid out, to the fen; its own lines name no order', () => {
    const former = [hold('one', 500_000n), captured('one')].map((line) => ({ ...line, orderId: null, tradeId: null }));
    expect(moneyOfOrders(orderEntries(former))).toEqual([]);
    const opened = { one: 465_000n };
    expect(faults(former, opened, [], opened)).toEqual([]);
    expect(faults([...former, paidOut('one')], {}, [], opened)).toEqual([]);
    expect(faults([...former, paidOut('one', 464_999n)], {}, [], opened)).toEqual(['one left']);
    expect(faults([...former, paidOut('one'), paidOut('one')], {}, [], opened)).toEqual(['one left']);
    // Money for it comes in no more; and what was not taken over is an order like every other.
    expect(faults([hold('one', 465_000n), paidOut('one')], opened, [], opened)).toEqual(['one credits']);
    expect(faults([...former, paidOut('one')])).toEqual(['one credits', 'one left']);
  });

  test('an order is paid in exactly once, unless it pays with each fill', () => {
    const twice = [hold('one', 100n), hold('one', 200n)];
    expect(faults(twice, { one: 300n })).toEqual(['one credits']);
    expect(faults(twice, { one: 300n }, ['one'])).toEqual([]);
    expect(faults([captured('one')], { one: -35_000n })).toEqual(['one credits']);
  });
});
