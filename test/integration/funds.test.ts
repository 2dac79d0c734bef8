/** Flow of funds over a real market: what the tables answer is what the whole journal in memory answers, and every node balances (V-10). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import { parseReferenceId } from '#ledger/primitives/ids.ts';
import { beijingDate } from '#ledger/primitives/instant.ts';
import { toGraph } from '#sandbox/funds/draw.ts';
import { movementsOf } from '#sandbox/funds/movements.ts';
import { positionsOf } from '#sandbox/funds/positions.ts';
import { setTaxAside } from '#sandbox/funds/tax-reserve.ts';
import { traceInMemory } from '#sandbox/funds/trace.ts';
import { listTaxDues, readFundsEntries } from '#server/journal/funds.repo.ts';
import { SIGHT } from '#server/market/audience.ts';
import { type FundsRequest, getFunds } from '#server/market/funds.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import type { FundsFlow } from '#server/trpc/views.ts';
import { openTestMarket, placed, type TestMarket } from '#test/support/market.ts';

let m: TestMarket;
let itemId: string;
let day: string;
let tradeIds: readonly string[];

/** An item from Amy to Bob to Cid, a buy order served from its hold, payouts, a withdrawal, an order taken back. */
beforeAll(async () => {
  m = await openTestMarket();
  day = beijingDate(m.clock.now());
  await m.fund(m.bob, 900_000n);
  await m.fund(m.bob, 300_000n);
  await m.fund(m.cid, 500_000n);
  const sword = await m.kind('sword');
  const items = await m.mint(sword, m.amy, 4);
  const [first] = items;
  if (first === undefined) throw new Error('an item');
  itemId = first;
  const sell = async (from: typeof m.amy, to: typeof m.amy, id: typeof first, price: bigint) => {
    const of = { classId: sword.classId, itemIds: [id] } as const;
    const listing = placed(await m.place(from, await m.quote(from, { ...of, intent: 'listing', priceFen: fen(price) })));
    placed(await m.place(to, await m.quote(to, { ...of, intent: 'take_listing', targetOrderId: listing.order.orderId })));
  };
  await sell(m.amy, m.bob, first, 120_000n);
  for (const id of items.slice(1, 3)) await sell(m.amy, m.bob, id, 40_000n);
  const wanted = placed(
    await m.place(m.bob, await m.quote(m.bob, { intent: 'buy_order', classId: sword.classId, priceFen: fen(9_000n), quantity: 2 })),
  );
  placed(
    await m.place(
      m.amy,
      await m.quote(m.amy, {
        intent: 'serve_buy_order',
        classId: sword.classId,
        itemIds: items.slice(3),
        targetOrderId: wanted.order.orderId,
      }),
    ),
  );
  expect((await m.cancel(m.bob, wanted.order)).kind).toBe('canceled');
  await m.certify();
  m.clock.advance(8 * 24 * 3_600_000);
  await m.certify();
  await sell(m.bob, m.cid, first, 150_000n);
  await m.certify();
  const out = await m.market.withdraw(await m.amy.player(), { referenceId: parseReferenceId('out'), amountFen: fen(100_000n) });
  expect(out.kind).toBe('requested');
  for (let turn = 0; turn < 4; turn++) {
    m.clock.advance(5_000);
    await m.market.turnClocks();
  }
  tradeIds = (await m.sql<{ trade_id: string }[]>`select trade_id from market.trades order by seq`).map((row) => row.trade_id);
});
afterAll(() => m.stop());

async function ask(request: FundsRequest): Promise<FundsFlow> {
  const flow = await readSnapshot(m, null, (snapshot) => getFunds(m, snapshot, SIGHT.sup_finance, request));
  if (flow === null) throw new Error('nothing found');
  for (const node of flow.nodes) {
    const [came, went] = [
      BigInt(node.inFen) + BigInt(node.earlierFen) + BigInt(node.againFen),
      BigInt(node.outFen) + BigInt(node.staysFen) + BigInt(node.furtherFen) + BigInt(node.onwardFen),
    ];
    expect(came, node.id).toBe(went);
  }
  return flow;
}

test('for each trade, at each depth, the tables answer what the whole journal does', async () => {
  const entries = await m.sql.begin(async (tx) => {
    const rows = await tx<{ entry_id: string }[]>`select entry_id::text from journal.entries`;
    return {
      all: await readFundsEntries(
        tx,
        rows.map((row) => row.entry_id),
      ),
      dues: await listTaxDues(tx, tradeIds),
    };
  });
  const positions = positionsOf(entries.all);
  for (const id of tradeIds) {
    const seeds = entries.all.filter(({ kind, tradeId }) => kind === 'trade' && tradeId === id).flatMap(movementsOf);
    for (const [back, forth] of [
      [0, 0],
      [1, 2],
      [3, 3],
      [8, 8],
    ] as const) {
      const flow = await ask({ kind: 'trade', id, back, forth });
      const canvas = traceInMemory({ seeds, back, forth, person: null }, positions);
      const shown = new Set([...canvas.edges.values()].flatMap((edge) => edge.entries.flatMap(({ tradeId }) => tradeId ?? [])));
      setTaxAside(
        canvas,
        entries.dues.filter(({ tradeId }) => shown.has(tradeId)),
      );
      const expected = toGraph(canvas);
      const plain = (edges: readonly { from: string; to: string; kind: string; amountFen: bigint | string }[]) =>
        edges.map(({ from, to, kind, amountFen }) => `${from} ${to} ${kind} ${amountFen}`).sort();
      expect(plain(flow.edges)).toEqual(plain(expected.edges));
      expect(flow.nodes.map(({ id: node, staysFen, furtherFen }) => `${node} ${staysFen} ${furtherFen}`).sort()).toEqual(
        expected.nodes.map(({ id: node, staysFen, furtherFen }) => `${node} ${staysFen} ${furtherFen}`).sort(),
      );
    }
  }
});

test('a sale is traced from the buyer’s payment in to the seller’s withdrawal, and each step names the institution’s own booking', async () => {
  const flow = await ask({ kind: 'trade', id: tradeIds[0] ?? '', back: 8, forth: 8 });
  expect(flow.seedFen).toBe('120000');
  const roles = (level: number) =>
    flow.nodes
      .filter((node) => node.level === level)
      .map(({ role }) => role)
      .sort();
  expect(roles(-1)).toEqual(['bank']);
  expect(roles(1)).toEqual(['coming', 'operator', 'studio']);
  expect(flow.edges.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['deposit', 'trade', 'payout', 'withdrawal', 'withdrawal_paid']),
  );
  for (const { entries, kind } of flow.edges)
    if (kind !== 'tax_reserve') for (const entry of entries) expect(entry.providerNo).toMatch(/^\d+$/);
  const [bank] = flow.nodes.filter(({ level }) => level === -1);
  expect(bank).toMatchObject({ earlierFen: '120000', outFen: '120000' });
});

test('an item shows all its sales, a day all of its trades, a person what they have', async () => {
  const item = await ask({ kind: 'item', id: itemId, back: 1, forth: 3 });
  expect(item.seedFen).toBe('270000');
  const ofDay = await ask({ kind: 'day', id: day, back: 2, forth: 2 });
  expect(ofDay.seedFen).toBe('209000');
  const person = await ask({ kind: 'person', id: m.bob.acct, back: 1, forth: 1 });
  const [balance] = await m.sql<
    { fen: string }[]
  >`select sum(balance_fen)::text as fen from journal.accounts where account_id like ${`%:${m.bob.acct}`}`;
  expect(person.nodes.find(({ role }) => role === 'person')?.staysFen).toBe(balance?.fen);
});

test('finance sees references, tax sees names', async () => {
  const names = async (sight: (typeof SIGHT)['sup_tax']) =>
    (
      await readSnapshot(m, null, (snapshot) => getFunds(m, snapshot, sight, { kind: 'trade', id: tradeIds[0] ?? '', back: 0, forth: 0 }))
    )?.nodes.map(({ name }) => name);
  expect(await names(SIGHT.sup_finance)).toContain(`${m.bob.acct.slice(0, 8)}…`);
  expect(await names(SIGHT.sup_tax)).not.toContain(`${m.bob.acct.slice(0, 8)}…`);
});

test('what does not exist has no flow', async () => {
  for (const kind of ['trade', 'item', 'person'] as const) {
    const request = { kind, id: 'f'.repeat(64), back: 1, forth: 1 };
    expect(await readSnapshot(m, null, (snapshot) => getFunds(m, snapshot, SIGHT.sup_finance, request))).toBeNull();
  }
});
