/** Every decision is a row with what it was made from, and decides again to itself (rulebook 6.8). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import type { ItemId } from '#ledger/primitives/ids.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { decide } from '#sandbox/decisions/decide.ts';
import { experimentHash, type Participation } from '#sandbox/experiments/experiment.ts';
import { getPackByHash } from '#sandbox/packs/pack.ts';
import { type DecisionRecord, listDecisions } from '#server/exchange/decisions.repo.ts';
import { listExperiments } from '#server/exchange/experiments.repo.ts';
import { assertInvariants, codeOf, type Kind, openTestMarket, placed, type TestMarket, type Trader } from '#test/support/market.ts';

let m: TestMarket;
let sword: Kind;
const gems: Kind[] = [];
beforeAll(async () => {
  m = await openTestMarket();
  await m.fund(m.bob, 4_000_000n);
  sword = await m.kind('sword');
  for (let index = 0; index < 12; index++) gems.push(await m.kind(`gem-${String(index).padStart(2, '0')}`, { isInterchangeable: true }));
  await m.certify();
});
afterAll(() => m.stop());

const rows = async (): Promise<readonly DecisionRecord[]> => listDecisions(m.sql, { from: instant(0), to: instant(m.clock.now() + 1) });
/** What one act added. */
async function added(act: () => Promise<unknown>): Promise<readonly DecisionRecord[]> {
  const key = (row: DecisionRecord) => `${row.acct} ${row.stage} ${row.referenceId}`;
  const before = new Set((await rows()).map(key));
  await act();
  return (await rows()).filter((row) => !before.has(key(row)));
}
const listing = async (who: Trader, items: readonly ItemId[], price = 100_000n) =>
  m.place(who, await m.quote(who, { intent: 'listing', classId: sword.classId, itemIds: items, priceFen: fen(price) }));

test('an order and its decision are written together, with the person and the item as they were', async () => {
  const items = await m.mint(sword, m.amy, 1);
  const written = await added(async () => placed(await listing(m.amy, items)));
  const [order] = await m.sql<{ order_id: string; placed_at: Date; reference_id: string }[]>`
    select order_id, placed_at, reference_id from market.orders where acct = ${m.amy.acct}`;
  expect(written).toMatchObject([
    {
      stage: 'order',
      kind: 'allow',
      reasons: [],
      outcome: 'placed',
      acct: m.amy.acct,
      orderId: order?.order_id,
      referenceId: order?.reference_id,
      attempt: {
        at: order?.placed_at.getTime(),
        act: 'secondary',
        side: 'sell',
        mechanism: 'fixed_price',
        unitPriceFen: 100_000n,
        quantity: 1,
      },
      facts: {
        person: { secondaryDayFen: 0n },
        items: [{ itemId: items[0], acquiredBy: 'earned' }],
        itemClass: { classId: sword.classId },
      },
      place: 'CITY',
      vatStatus: 'SMALL_SCALE',
      experiment: null,
    },
  ]);
});

test('a denied placement leaves no order and one decision with its reason; sent again it adds nothing', async () => {
  const input = m.input(m.bob, await m.quote(m.bob, { intent: 'buy_order', classId: sword.classId, priceFen: fen(900n) }));
  const minor = { ...(await m.bob.player()), birthDate: '2010-01-01' };
  const written = await added(async () => {
    expect(codeOf(await m.market.place(minor, input))).toBe('minor_refused');
    expect(await m.market.place(minor, input)).toMatchObject({ code: 'minor_refused', replayed: true });
  });
  expect(written).toMatchObject([
    {
      kind: 'deny',
      outcome: 'minor_refused',
      reasons: [{ code: 'minor_refused', weight: 'deny', ruleId: expect.any(String), facts: { age: '16' } }],
    },
  ]);
  expect(await m.sql`select order_id from market.orders where order_id = ${written[0]?.orderId ?? ''}`).toEqual([]);
});

test('a denied quote is an attempt too, once a day for the same question', async () => {
  const ask = (price: bigint) =>
    expect(m.quote(m.kim, { intent: 'buy_order', classId: sword.classId, priceFen: fen(price) })).rejects.toThrow('minor_refused');
  const written = await added(async () => {
    await ask(700n);
    await ask(700n);
    m.clock.advance(86_400_000);
    await ask(700n);
  });
  expect(written.map(({ stage, kind, orderId, outcome }) => [stage, kind, orderId, outcome])).toEqual([
    ['quote', 'deny', null, 'minor_refused'],
    ['quote', 'deny', null, 'minor_refused'],
  ]);
});

test('an allowed attempt that fails for another reason says what it failed for', async () => {
  const rich = await m.quote(m.cid, { intent: 'buy_order', classId: sword.classId, priceFen: fen(900n) });
  const written = await added(async () => expect(codeOf(await m.place(m.cid, rich))).toBe('insufficient_funds'));
  expect(written).toMatchObject([{ kind: 'allow', outcome: 'insufficient_funds' }]);
});

test('inside an experiment the row names its document, whether the person was in, and the arm', async () => {
  const [gem = sword] = gems;
  const matched = { intent: 'matched', classId: gem.classId, priceFen: fen(300n) } as const;
  const outside = await added(() => expect(m.quote(m.bob, matched)).rejects.toThrow('mechanism_not_granted'));
  await m.market.joinExperiment(await m.bob.player(), 'SBX-2026-0001', 'd1');
  const inside = await added(async () => placed(await m.place(m.bob, await m.quote(m.bob, matched))));
  const [experiment] = await listExperiments(m.sql);
  const hash = experiment === undefined ? '' : experimentHash(experiment);
  expect(outside).toMatchObject([{ kind: 'deny', experiment: { participation: 'SBX_NOT_JOINED', arm: null, hash } }]);
  expect(inside).toMatchObject([{ kind: 'allow', experiment: { participation: 'in', arm: 'match', hash } }]);
});

test('far from the reference price the order goes on and its decision asks for a review', async () => {
  const shield = await m.kind('shield');
  const sellers = [m.amy, m.cid, await m.trader('demo-01')];
  for (let n = 0; n < 6; n++) {
    const seller = sellers[n % sellers.length] ?? m.amy;
    const items = await m.mint(shield, seller, 1);
    const quote = await m.quote(seller, { intent: 'listing', classId: shield.classId, itemIds: items, priceFen: fen(20_000n) });
    const { order } = placed(await m.place(seller, quote));
    const take = { intent: 'take_listing', classId: shield.classId, itemIds: items, targetOrderId: order.orderId } as const;
    placed(await m.place(m.bob, await m.quote(m.bob, take)));
  }
  await m.certify();
  m.clock.advance(61_000);
  await m.certify();
  const far = { intent: 'buy_order', classId: shield.classId, priceFen: fen(120_000n) } as const;
  const written = await added(async () => placed(await m.place(m.bob, await m.quote(m.bob, far))));
  expect(written).toMatchObject([
    { kind: 'review', outcome: 'placed', reasons: [{ code: 'price_off_market' }], facts: { itemClass: { referencePriceFen: 20_000n } } },
  ]);
});

test('every stored decision decides again to itself, under the pack and the experiment that it names', async () => {
  const experiments = await listExperiments(m.sql);
  const stored = await rows();
  expect(new Set(stored.map(({ kind }) => kind))).toEqual(new Set(['allow', 'deny', 'review']));
  for (const row of stored) {
    const again = decide(row.attempt, row.facts, getPackByHash(row.packHash), participationOf(row, experiments));
    expect({ kind: again.kind, reasons: again.reasons, packHash: again.packHash }).toEqual({
      kind: row.kind,
      reasons: row.reasons,
      packHash: row.packHash,
    });
  }
});

function participationOf({ experiment }: DecisionRecord, all: Awaited<ReturnType<typeof listExperiments>>): Participation | undefined {
  if (experiment === null) return undefined;
  const { participation, arm } = experiment;
  const document = all.find((each) => experimentHash(each) === experiment.hash);
  if (document === undefined) throw new Error('the experiment of a decision is kept');
  if (participation !== 'in') return { kind: 'out', experimentId: experiment.id, code: participation };
  const overrides = document.ruleOverrides.filter((override) => override.arm === arm);
  return { kind: 'in', experimentId: experiment.id, arm: arm ?? '', isPinned: false, overrides, flags: [] };
}

test('a decision can be neither rewritten nor removed, and the books still agree', async () => {
  await expect(m.sql`update compliance.decisions set outcome = 'placed'`).rejects.toThrow('append-only');
  await expect(m.sql`delete from compliance.decisions`).rejects.toThrow('append-only');
  await assertInvariants(m);
});
