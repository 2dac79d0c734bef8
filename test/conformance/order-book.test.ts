/** One suite for every order book. Random streams hold the two implementations against each other and against the promises of
 *  price-time matching; the scenarios of exchange-core (test/vectors/exchange-core, Apache-2.0) are read from their own files. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createOrderBook } from '#server/matching/level-book.ts';
import { createNaiveBook } from '#server/matching/naive-book.ts';
import type { MatchCommand, MatchEvent, OrderBook, PlaceCommand, Side } from '#server/matching/order-book.ts';

const BOOKS = [
  { name: 'level book', create: createOrderBook },
  { name: 'naive book', create: createNaiveBook },
] as const;

/** `sell 1 amy 101 x5 gtc` */
function place(text: string): PlaceCommand {
  const [side, id, account, price, quantity, tif] = text.split(' ');
  if ((side !== 'buy' && side !== 'sell') || (tif !== 'gtc' && tif !== 'ioc' && tif !== 'fok')) throw new Error(`not an order: ${text}`);
  const size = BigInt(quantity?.replace('x', '') ?? '');
  return { type: 'place', id: id ?? '', account: account ?? '', side, price: BigInt(price ?? ''), quantity: size, tif };
}

function show(event: MatchEvent): string {
  switch (event.type) {
    case 'fill':
      return `${event.taker} takes ${event.quantity} of ${event.maker} at ${event.price}`;
    case 'canceled':
      return `${event.id} canceled, ${event.leavesQuantity} left`;
    case 'rejected':
      return `${event.id} rejected ${event.code}`;
  }
}

function run(book: OrderBook, lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => {
    const command: MatchCommand = line.startsWith('cancel ') ? { type: 'cancel', id: line.slice('cancel '.length) } : place(line);
    return book.apply(command).map(show);
  });
}

const CASES: readonly { readonly guarantee: string; readonly given: readonly string[]; readonly events: readonly string[] }[] = [
  {
    guarantee: 'a trade happens at the resting order’s price',
    given: ['sell 1 amy 101 x5 gtc', 'buy 2 bob 105 x3 gtc'],
    events: ['2 takes 3 of 1 at 101'],
  },
  {
    guarantee: 'the better price goes first, then the older order',
    given: ['sell 1 amy 102 x1 gtc', 'sell 2 cat 101 x1 gtc', 'sell 3 dan 101 x1 gtc', 'buy 4 bob 102 x3 gtc'],
    events: ['4 takes 1 of 2 at 101', '4 takes 1 of 3 at 101', '4 takes 1 of 1 at 102'],
  },
  {
    guarantee: 'a partly filled order keeps its place',
    given: ['buy 1 amy 100 x5 gtc', 'buy 2 cat 100 x5 gtc', 'sell 3 bob 100 x2 gtc', 'sell 4 bob 100 x4 gtc'],
    events: ['3 takes 2 of 1 at 100', '4 takes 3 of 1 at 100', '4 takes 1 of 2 at 100'],
  },
  {
    guarantee: 'what an ioc order cannot fill is canceled',
    given: ['sell 1 amy 101 x2 gtc', 'buy 2 bob 101 x5 ioc', 'buy 3 bob 100 x5 ioc'],
    events: ['2 takes 2 of 1 at 101', '2 canceled, 3 left', '3 canceled, 5 left'],
  },
  {
    guarantee: 'a fok order fills whole or not at all',
    given: ['sell 1 amy 101 x2 gtc', 'sell 2 amy 102 x2 gtc', 'buy 3 bob 101 x3 fok', 'buy 4 bob 102 x3 fok'],
    events: ['3 canceled, 3 left', '4 takes 2 of 1 at 101', '4 takes 1 of 2 at 102'],
  },
  {
    guarantee: 'a self-match refuses the incoming order whole, what others offer in front of it included',
    given: ['sell 1 cat 100 x1 gtc', 'sell 2 amy 101 x5 gtc', 'buy 3 amy 101 x2 gtc', 'buy 4 bob 101 x6 gtc'],
    events: ['3 rejected self_trade', '4 takes 1 of 1 at 100', '4 takes 5 of 2 at 101'],
  },
  {
    guarantee: 'an own order that would not be reached is no self-match',
    given: ['sell 1 cat 100 x2 gtc', 'sell 2 amy 100 x5 gtc', 'buy 3 amy 100 x2 gtc', 'buy 4 amy 99 x1 gtc'],
    events: ['3 takes 2 of 1 at 100'],
  },
  {
    guarantee: 'self_trade stands before a fok that could not fill',
    given: ['sell 1 amy 100 x1 gtc', 'buy 2 amy 100 x9 fok'],
    events: ['2 rejected self_trade'],
  },
  {
    guarantee: 'an id is taken for ever, but a refused order does not take it',
    given: [
      'sell 1 amy 100 x1 gtc',
      'buy 1 bob 100 x1 gtc',
      'buy 2 amy 100 x1 gtc',
      'buy 2 bob 100 x1 gtc',
      'sell 1 amy 100 x1 gtc',
      'buy 2 bob 90 x1 gtc',
    ],
    events: [
      '1 rejected duplicate_order',
      '2 rejected self_trade',
      '2 takes 1 of 1 at 100',
      '1 rejected duplicate_order',
      '2 rejected duplicate_order',
    ],
  },
  {
    guarantee: 'a cancel frees what is left; unknown, filled and canceled orders cannot be canceled',
    given: ['sell 1 amy 100 x5 gtc', 'buy 2 bob 100 x2 gtc', 'cancel 1', 'cancel 1', 'cancel 2', 'cancel 9', 'buy 3 bob 100 x1 ioc'],
    events: [
      '2 takes 2 of 1 at 100',
      '1 canceled, 3 left',
      '1 rejected unknown_order',
      '2 rejected unknown_order',
      '9 rejected unknown_order',
      '3 canceled, 1 left',
    ],
  },
  {
    guarantee: 'amounts beyond 2^64 keep every digit',
    given: [
      'sell 1 amy 99999999999999999999999999999999999998 x36893488147419103233 gtc',
      'buy 2 bob 99999999999999999999999999999999999999 x36893488147419103232 gtc',
    ],
    events: ['2 takes 36893488147419103232 of 1 at 99999999999999999999999999999999999998'],
  },
  {
    guarantee: 'quantity and price must be above zero',
    given: ['sell 1 amy 100 x0 gtc', 'sell 2 amy 0 x1 gtc', 'sell 3 amy -1 x1 gtc', 'sell 4 amy 1 x-1 gtc'],
    events: ['1 rejected quantity_invalid', '2 rejected price_invalid', '3 rejected price_invalid', '4 rejected quantity_invalid'],
  },
];

describe.each(BOOKS)('$name', ({ create }) => {
  test.each(CASES)('$guarantee', ({ given, events }) => {
    expect(run(create(), given)).toEqual(events);
  });

  test('levels, best prices and single orders show what rests', () => {
    const book = create();
    run(book, ['buy 1 amy 99 x2 gtc', 'buy 2 cat 100 x3 gtc', 'buy 3 dan 100 x1 gtc', 'sell 4 bob 103 x7 gtc']);
    expect(book.bestPrice('buy')).toBe(100n);
    expect(book.bestPrice('sell')).toBe(103n);
    expect(book.levels('buy')).toEqual([
      { price: 100n, quantity: 4n, orders: 2 },
      { price: 99n, quantity: 2n, orders: 1 },
    ]);
    expect(book.find('3')).toEqual({ id: '3', account: 'dan', side: 'buy', price: 100n, leavesQuantity: 1n });
    expect(book.find('9')).toBeNull();
  });

  test('resting orders placed again in the order given rebuild the book', () => {
    const book = create();
    run(book, ['buy 1 amy 99 x2 gtc', 'buy 2 cat 100 x3 gtc', 'sell 3 dan 100 x1 gtc', 'buy 5 eve 100 x1 gtc', 'sell 4 bob 103 x7 gtc']);
    const again = create();
    for (const side of ['buy', 'sell'] as const) {
      for (const { leavesQuantity, ...order } of book.orders(side))
        again.apply({ type: 'place', ...order, quantity: leavesQuantity, tif: 'gtc' });
    }
    for (const side of ['buy', 'sell'] as const) expect(again.orders(side)).toEqual(book.orders(side));
  });
});

const arbitraryCommand: fc.Arbitrary<MatchCommand> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('place' as const),
      id: fc.integer({ min: 0, max: 200 }).map(String),
      account: fc.constantFrom('amy', 'bob', 'cat', 'dan', 'eve'),
      side: fc.constantFrom<Side>('buy', 'sell'),
      price: fc.bigInt({ min: 0n, max: 12n }),
      quantity: fc.bigInt({ min: 0n, max: 9n }),
      tif: fc.constantFrom('gtc' as const, 'gtc' as const, 'ioc' as const, 'fok' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('cancel' as const), id: fc.integer({ min: 0, max: 200 }).map(String) }) },
);

test('both books answer any stream of commands alike, event for event, and keep the promises', () => {
  fc.assert(
    fc.property(fc.array(arbitraryCommand, { maxLength: 150 }), (commands) => {
      const book = createOrderBook();
      const twin = createNaiveBook();
      for (const command of commands) {
        const events = book.apply(command);
        expect(twin.apply(command)).toEqual(events);
        assertPromises(command, events);
        for (const side of ['buy', 'sell'] as const) {
          expect(twin.orders(side)).toEqual(book.orders(side));
          expect(twin.levels(side)).toEqual(book.levels(side));
        }
        const [bid, ask] = [book.bestPrice('buy'), book.bestPrice('sell')];
        if (bid !== null && ask !== null && bid >= ask) {
          throw new Error(`the book stands crossed: ${bid} over ${ask}`); // self-trades are refused, so nothing crossed may rest
        }
      }
    }),
    { numRuns: 150 },
  );
});

function assertPromises(command: MatchCommand, events: readonly MatchEvent[]): void {
  if (command.type !== 'place') return;
  let filled = 0n;
  for (const event of events) {
    if (event.type !== 'fill') continue;
    filled += event.quantity;
    expect(event.taker).toBe(command.id);
    expect(command.side === 'buy' ? event.price <= command.price : event.price >= command.price).toBe(true);
  }
  expect(filled <= command.quantity || events.length === 0).toBe(true);
  if (command.tif === 'fok') expect(filled === 0n || filled === command.quantity).toBe(true);
}

/** The feature files say ASK and BID, "price@size"; orders carry risk limits and balances that belong to custody, not to the book. */
describe.each(BOOKS)('exchange-core scenarios on the $name', ({ create }) => {
  const PLACED = /client (\w+) places an (ASK|BID) order (\d+) at (\d+)@(\d+) \(type: (GTC|IOC)/;
  const MOVED = /client (\w+) moves a price to (\d+) of the order (\d+)/;
  const CANCELED = /client (\w+) cancels the remaining size (\d+) of the order (\d+)/;
  const MATCHED = /The order (\d+) is (?:partially|fully) matched\. LastPx: (\d+), LastQty: (\d+)/;
  const LEVEL = /^\|\s*(\d*)\s*\|\s*(\d+)\s*\|\s*(\d*)\s*\|$/;

  test.each(['basic.feature', 'risk.feature'])('%s', (file) => {
    const lines = readFileSync(new URL(`../vectors/exchange-core/${file}`, import.meta.url), 'utf8')
      .split('\n')
      .map((line) => line.trim());
    let book = create();
    let moves = 0;
    let checked = 0;
    let last: readonly MatchEvent[] = [];
    const names = new Map<string, string>();
    const original = new Map<string, PlaceCommand>();
    const placeAs = (order: PlaceCommand) => {
      original.set(names.get(order.id) ?? order.id, order);
      last = book.apply(order);
    };
    for (const [index, line] of lines.entries()) {
      if (line.startsWith('Scenario')) {
        book = create();
        names.clear();
        original.clear();
      }
      const placed = PLACED.exec(line);
      if (placed !== null) {
        const [, account = '', side, id = '', price = '', size = '', tif] = placed;
        placeAs({
          type: 'place',
          id,
          account,
          side: side === 'ASK' ? 'sell' : 'buy',
          price: BigInt(price),
          quantity: BigInt(size),
          tif: tif === 'GTC' ? 'gtc' : 'ioc',
        });
      }
      const moved = MOVED.exec(line);
      if (moved !== null && !line.includes('could not')) {
        // A moved order is canceled and placed anew under a new id: it loses its place, as there.
        const [, , price = '', id = ''] = moved;
        const current = original.get(id);
        if (current === undefined) throw new Error(`no order ${id}`);
        const [canceled] = book.apply({ type: 'cancel', id: current.id });
        if (canceled?.type !== 'canceled') throw new Error(`order ${id} does not rest`);
        moves += 1;
        const next = `${id}.${moves}`;
        names.set(next, id);
        placeAs({ ...current, id: next, price: BigInt(price), quantity: canceled.leavesQuantity });
      }
      const canceled = CANCELED.exec(line);
      if (canceled !== null) {
        const [, , size = '', id = ''] = canceled;
        const current = original.get(id)?.id ?? id;
        expect(book.apply({ type: 'cancel', id: current }).map(show)).toEqual([`${current} canceled, ${size} left`]);
        checked += 1;
      }
      const matched = MATCHED.exec(line);
      if (matched !== null) {
        const [, maker = '', price = '', size = ''] = matched;
        const fills = last.filter((event) => event.type === 'fill');
        expect(fills.map((fill) => [names.get(fill.maker) ?? fill.maker, fill.price, fill.quantity])).toEqual([
          [maker, BigInt(price), BigInt(size)],
        ]);
        checked += 1;
      }
      if (line.includes('No trade events')) {
        expect(last.filter((event) => event.type === 'fill')).toEqual([]);
        checked += 1;
      }
      if (line.includes('order book is:')) {
        const sell: (readonly [bigint, bigint])[] = [];
        const buy: (readonly [bigint, bigint])[] = [];
        for (const row of lines.slice(index + 1)) {
          if (!row.startsWith('|')) break;
          const [, bid, price = '', ask] = LEVEL.exec(row) ?? [];
          if (bid !== undefined && bid !== '') buy.push([BigInt(price), BigInt(bid)]);
          if (ask !== undefined && ask !== '') sell.push([BigInt(price), BigInt(ask)]);
        }
        expect(book.levels('buy').map(({ price, quantity }) => [price, quantity])).toEqual(buy);
        expect(book.levels('sell').map(({ price, quantity }) => [price, quantity])).toEqual(sell.toReversed());
        checked += 1;
      }
    }
    expect(checked).toBeGreaterThan(4);
  });
});
