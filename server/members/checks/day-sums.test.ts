import { describe, expect, test } from 'vitest';
import type { Op } from '#ledger/codec/op-types.ts';
import type { Entry } from '#ledger/codec/tx.ts';
import { toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { instant, parseInstant } from '#ledger/primitives/instant.ts';
import { PACK_CN_2026_1 as CN } from '#sandbox/packs/cn/pack-2026-1.ts';
import { type BlockSums, DaySums, type SeenEntry, sumsFor } from './day-sums.ts';
import type { SealedSale } from './sealed-sale.ts';

const NOON = parseInstant('2026-11-22T04:00:00.000Z');
const AMY = new Uint8Array(32).fill(1);
const BOB = new Uint8Array(32).fill(2);
const TRIAL = 'ee';

let number = 0;
function sale(grossFen: bigint, facts: Partial<SealedSale> = {}): SealedSale {
  return {
    tradeId: String(number++),
    ...{ seller: toHex(AMY), buyer: toHex(BOB), paidAt: NOON, grossFen },
    waitsUntil: instant(NOON + 72 * 3_600_000),
    ...{ experiment: null, sellerDay: '2026-11-22', buyerDay: '2026-11-22' },
    ...facts,
  };
}
const envOf = (op: Op, signer = AMY): Entry['env'] => ({
  body: { chain: ZERO_32, salt: new Uint8Array(16), notBefore: 0n, notAfter: 1n, op },
  sigs: [{ acct: signer, keyIdx: 0, keyEpoch: 0, sig: new Uint8Array(64), batchSize: 1, batchIndex: 0, path: [] }],
});
const seen = (op: Op, { index = null, at = NOON }: { index?: bigint | null; at?: number } = {}): SeenEntry => ({
  index,
  sealedAt: BigInt(at),
  entry: { height: 1n, pos: 0, env: envOf(op), effects: [] },
});
const order = {
  chain: ZERO_32,
  salt: new Uint8Array(16),
  acct: AMY,
  side: 0,
  cls: 0,
  items: [],
  quantity: 1,
  counterparty: null,
} as const;
const signed = { order: { ...order, notBefore: 0n, notAfter: 1n, terms: ZERO_32 }, sigs: [] };
const TRADE: Op = {
  ...{ kind: 'trade', tradeId: new Uint8Array(16), sell: signed, buy: signed, items: [1n], pay: ZERO_32, env: ZERO_32 },
  ...{ rulePack: ZERO_32, protectMs: 0, experiment: null },
};
const GIFT: Op = { kind: 'transfer', serial: 1n, ver: 1n, to: BOB, pay: ZERO_32, env: ZERO_32 };
const reversalOf = (entry: bigint): Op => ({
  ...{ kind: 'trade_reverse', entry, items: [], doc: ZERO_32, pay: ZERO_32, env: ZERO_32, rulePack: ZERO_32 },
});

/** Sums of the sale that stands last in the block. */
function boundsOf(last: SealedSale, given: Partial<BlockSums> & { readonly block?: DaySums } = {}) {
  const block = given.block ?? new DaySums();
  block.add(seen(TRADE), last);
  return sumsFor(last, CN, { certified: new DaySums(), before: new DaySums(), shown: [], isWhole: true, ...given, block });
}

describe("a seller's day", () => {
  test('holds what was certified on it and what stands before in the block; another day and another seller count nothing', () => {
    const [certified, before, block] = [new DaySums(), new DaySums(), new DaySums()];
    certified.add(seen(TRADE, { index: 7n }), sale(100n));
    certified.add(seen(TRADE, { index: 8n }), sale(7n, { paidAt: instant(NOON - 86_400_000) }));
    certified.add(seen(TRADE, { index: 9n }), sale(9n, { seller: toHex(BOB) }));
    const earlier = sale(30n);
    before.add(seen(TRADE), earlier);
    block.add(seen(TRADE), earlier);
    expect(boundsOf(sale(5n), { certified, before, block }).window).toEqual({ leastFen: 130n, mostFen: 130n });
  });

  test('may hold what follows in the block and what was shown and is in none', () => {
    const block = new DaySums();
    block.add(seen(TRADE), sale(30n));
    const shown = [sale(4n), sale(50n, { seller: toHex(BOB) })];
    expect(boundsOf(sale(5n), { block, shown }).window).toEqual({ leastFen: 0n, mostFen: 34n });
  });

  test('holds no more what was reversed, as soon as the reversal stands in a block', () => {
    const [certified, block] = [new DaySums(), new DaySums()];
    certified.add(seen(TRADE, { index: 7n }), sale(100n));
    block.add(seen(reversalOf(7n)), null, (index) => certified.saleAt(index));
    expect(boundsOf(sale(5n), { certified, block }).window).toEqual({ leastFen: 0n, mostFen: 100n });
    certified.add(seen(reversalOf(7n)), null);
    expect(boundsOf(sale(5n), { certified }).window).toEqual({ leastFen: 0n, mostFen: 100n });
  });

  test.each<[string, (sums: DaySums) => void]>([
    ['a gift', (sums) => sums.add(seen(GIFT), null)],
    ['a gift just before midnight', (sums) => sums.add(seen(GIFT, { at: parseInstant('2026-11-22T16:00:05.000Z') }), null)],
    ['a sale that cannot be read', (sums) => sums.add(seen(TRADE), null)],
  ])('has no upper end after %s', (_, happens) => {
    const certified = new DaySums();
    certified.add(seen(TRADE), sale(100n));
    happens(certified);
    expect(boundsOf(sale(5n), { certified }).window).toEqual({ leastFen: 100n, mostFen: null });
  });

  test('has none either where the store begins later', () => {
    expect(boundsOf(sale(5n), { isWhole: false }).window).toEqual({ leastFen: 0n, mostFen: null });
  });

  test('is forgotten when its time is over', () => {
    const certified = new DaySums();
    certified.add(seen(TRADE, { index: 7n }), sale(100n, { experiment: TRIAL }));
    certified.forgetBefore('2026-11-22');
    expect(certified.window(toHex(AMY), '2026-11').soldFen).toBe(100n);
    certified.forgetBefore('2026-11-23');
    expect(certified.window(toHex(AMY), '2026-11').soldFen).toBe(0n);
    expect([certified.saleAt(7n), certified.tradedOn(TRIAL, toHex(AMY), '2026-11-22')]).toEqual([null, 0n]);
  });
});

test("an experiment's day counts both sides of a person together, by the day of each order", () => {
  const certified = new DaySums();
  certified.add(seen(TRADE, { index: 7n }), sale(100n, { experiment: TRIAL, buyerDay: '2026-11-21' }));
  certified.add(seen(TRADE, { index: 8n }), sale(20n, { experiment: TRIAL, seller: toHex(BOB), buyer: toHex(AMY) }));
  certified.add(seen(TRADE, { index: 9n }), sale(3n));
  expect(boundsOf(sale(5n, { experiment: TRIAL }), { certified })).toMatchObject({ sellerDayFen: 120n, buyerDayFen: 20n });
  expect(boundsOf(sale(5n, { experiment: TRIAL, buyerDay: null }), { certified })).toMatchObject({ sellerDayFen: 120n, buyerDayFen: null });
  expect(boundsOf(sale(5n), { certified })).toMatchObject({ sellerDayFen: null, buyerDayFen: null });
  certified.add(seen(reversalOf(7n)), null);
  expect(boundsOf(sale(5n, { experiment: TRIAL }), { certified })).toMatchObject({ sellerDayFen: 20n });
});

test("an experiment's month and turnover hold all that was read of it, a trade once in the turnover, and nothing that was reversed", () => {
  const [certified, before] = [new DaySums(), new DaySums()];
  certified.add(seen(TRADE, { index: 7n }), sale(100n, { experiment: TRIAL, sellerDay: '2026-11-02', buyerDay: '2026-10-31' }));
  certified.add(seen(TRADE, { index: 8n }), sale(20n, { experiment: TRIAL }));
  before.add(seen(TRADE), sale(4n, { experiment: TRIAL }));
  const inside = sale(5n, { experiment: TRIAL });
  expect(boundsOf(inside, { certified, before })).toMatchObject({ sellerMonthFen: 124n, buyerMonthFen: 24n, turnoverFen: 124n });
  // Its reversal stands before it in the same block: what was free again is free.
  before.add(seen(reversalOf(7n)), null, (index) => certified.saleAt(index));
  expect(boundsOf(inside, { certified, before })).toMatchObject({ sellerMonthFen: 24n, buyerMonthFen: 24n, turnoverFen: 24n });
  expect(boundsOf(sale(5n), { certified })).toMatchObject({ sellerMonthFen: null, turnoverFen: 0n });
});

test('what an experiment has open is what was settled by then, is protected still and was not reversed', () => {
  const [certified, before] = [new DaySums(), new DaySums()];
  certified.add(seen(TRADE, { index: 7n }), sale(100n, { experiment: TRIAL }));
  certified.add(seen(TRADE, { index: 8n }), sale(20n, { experiment: TRIAL, waitsUntil: instant(NOON + 1) }));
  certified.add(seen(TRADE, { index: 9n }), sale(3n, { experiment: TRIAL, waitsUntil: NOON }));
  certified.add(seen(TRADE, { index: 10n }), sale(7n, { experiment: TRIAL, paidAt: instant(NOON + 1) }));
  certified.add(seen(TRADE, { index: 11n }), sale(9n, { experiment: 'other' }));
  before.add(seen(TRADE), sale(4n, { experiment: TRIAL }));
  const inside = sale(5n, { experiment: TRIAL });
  expect(boundsOf(inside, { certified, before })).toMatchObject({ exposureFen: 124n });
  before.add(seen(reversalOf(7n)), null, (index) => certified.saleAt(index));
  expect(boundsOf(inside, { certified, before })).toMatchObject({ exposureFen: 24n });
  certified.add(seen(reversalOf(7n)), null);
  expect(boundsOf(inside, { certified })).toMatchObject({ exposureFen: 20n });
  expect(boundsOf(sale(5n), { certified })).toMatchObject({ exposureFen: 0n });
});
