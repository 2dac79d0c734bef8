/** Halts over HTTP (product V-17): a kind, a game, the market; refused before anything is held or matched, cancels go on, open orders kept or
 *  ended, and trading again by itself at the end. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { documentHash } from '#sandbox/cases/case-order.ts';
import { type HaltOrder, haltDocument, haltOp, resumeDocument } from '#sandbox/cases/halt-order.ts';
import { reconcile } from '#server/journal/reconcile.ts';
import { listBroken } from '#test/support/invariants.ts';
import { type Official, openOfficial } from '#test/support/officials.ts';
import { openVisitor, refusalOf } from '#test/support/server.ts';
import { type MarketWorld, openMarketWorld } from './public-refusals/market-cases.ts';
import { openRig, type Rig } from './public-refusals/rig.ts';

const HOUR = 3_600_000;
let rig: Rig;
let world: MarketWorld;
let market: Official;
let finance: Official;
let caseId: string;

beforeAll(async () => {
  rig = await openRig();
  world = await openMarketWorld(rig);
  [market, finance] = await Promise.all([openOfficial(rig.server, 'staff-market'), openOfficial(rig.server, 'staff-finance')]);
  ({ caseId } = await market.api.case.open.mutate({ topic: 'abuse', title: 'A price from nowhere', ground: 'Rulebook CN-SV-08' }));
  await market.api.case.step.mutate({ caseId, step: { act: 'shared', audience: 'finance' } });
});
afterEach(() => Promise.all([market.signIn(), finance.signIn(), rig.amy.client.signIn(), rig.bob.client.signIn()]));
afterAll(() => rig.server.stop());

const inHours = (hours: number) => new Date(rig.server.clock.now() + hours * HOUR).toISOString();
const visitor = () => openVisitor(rig.server.base).api.case.halts.query();
const messages = async () =>
  (await rig.server.services.outbox.list('public', 0, 1_000)).filter(({ type }) => type === 'mkt.halt').map(({ body }) => body);

async function input(by: Official, wish: Partial<HaltOrder> & Pick<HaltOrder, 'scope' | 'targetId' | 'until'>) {
  const order: HaltOrder = {
    ...{ actId: by.newActId(), caseId, reasonCode: 'market_abuse', reason: 'The price rose tenfold in an hour.', openOrders: 'keep' },
    ...wish,
  };
  const { cls } = await by.api.case.haltTarget.query({ scope: order.scope, targetId: order.targetId });
  const document = haltDocument(order);
  return { ...order, signature: by.sign(document), signedTx: await by.ledgerTx(haltOp(cls, documentHash(document))) };
}
async function resume(by: Official, haltId: string, cls: number | null): Promise<void> {
  const order = { actId: by.newActId(), haltId, reason: 'The reason has fallen away.' };
  const document = resumeDocument(order);
  await by.api.case.resume.mutate({
    ...order,
    signature: by.sign(document),
    signedTx: await by.ledgerTx(haltOp(cls, documentHash(document))),
  });
}
const statesOfListings = async () =>
  (await openVisitor(rig.server.base).api.itemClass.get.query({ classId: world.sword.classId })).listings.map(({ state }) => state);
const take = () => world.quote(rig.bob, { intent: 'take_listing', itemIds: [world.items[0] ?? ''], targetOrderId: world.listed.orderId });

test('a kind is halted: quotes and signed orders are refused before they are held, a cancel is not, everybody is told, and it ends by itself', async () => {
  const [quote, listing] = [await take(), await world.list(world.items[1] ?? '')];
  const halt = await input(market, { scope: 'class', targetId: world.sword.classId, until: inHours(1) });
  expect(await market.api.case.halt.mutate(halt)).toEqual({ haltId: `hlt_${halt.actId}`, state: 'active' });
  expect(await market.api.case.halt.mutate(halt)).toMatchObject({ state: 'active' });
  await rig.unchanged(async () => {
    // What was quoted and signed before is refused too, and nothing of it is held.
    expect(await world.place(rig.bob, world.input(rig.bob, quote))).toBe('market_halted');
    expect(await refusalOf(take())).toMatchObject({ code: 'market_halted', facts: { scope: 'class', until: halt.until } });
  });
  // Whoever looks sees that it stands still (P-20).
  expect(await statesOfListings()).toEqual(['suspended', 'suspended']);
  expect(await world.cancel(rig.amy, listing)).toBe('canceled');
  expect(await visitor()).toMatchObject([{ scope: 'class', targetId: world.sword.classId, openOrders: 'keep', until: halt.until }]);
  expect((await messages()).at(-1)).toMatchObject({ scope: 'class', reasonCode: 'market_abuse', to: 'set' });
  const { halts } = await market.api.case.get.query({ caseId });
  await rig.settled();
  const [entry] = await rig.server.database.sql`select status from ledger.ledger_txs where encode(tx_id, 'hex') = ${halts[0]?.txId ?? ''}`;
  expect(entry).toEqual({ status: 'certified' });
  rig.server.clock.set(halt.until);
  await rig.bob.client.signIn();
  // Nobody has turned anything: what is over is over, and the listing that was kept is sold.
  expect(await statesOfListings()).toEqual(['live']);
  expect(await world.place(rig.bob, world.input(rig.bob, await take()))).toBe('placed');
  await rig.server.services.cases.turn();
  expect((await messages()).at(-1)).toMatchObject({ to: 'over' });
});

test('beyond 48 hours two people sign; the game’s open orders end where the halt says so, and what they held is free', async () => {
  const listing = await world.list(world.items[2] ?? '');
  const before = await rig.bob.client.api.money.get.query();
  await world.place(rig.bob, world.input(rig.bob, await world.quote(rig.bob, { intent: 'buy_order', priceFen: '90000' })));
  const halt = await input(market, { scope: 'game', targetId: rig.gameId, until: inHours(72), openOrders: 'cancel' });
  expect(await market.api.case.halt.mutate({ ...halt, signedTx: null })).toMatchObject({ state: 'proposed' });
  expect(await visitor()).toEqual([]);
  const approval = { haltId: `hlt_${halt.actId}`, signature: '', signedTx: halt.signedTx };
  expect(await refusalOf(market.api.case.approveHalt.mutate({ ...approval, signature: halt.signature }))).toMatchObject({
    code: 'second_person_needed',
  });
  const { signature: _, signedTx: __, ...order } = halt;
  const signature = finance.sign(haltDocument(order));
  expect(await finance.api.case.approveHalt.mutate({ ...approval, signature })).toMatchObject({ state: 'active' });
  await rig.settled();
  const { rows } = await rig.amy.client.api.order.list.query({});
  expect(rows.find(({ orderId }) => orderId === listing.orderId)).toMatchObject({ state: 'canceled', reason: 'market_halted' });
  expect(await rig.bob.client.api.money.get.query()).toMatchObject({ availableFen: before.availableFen, heldFen: before.heldFen });
  const closing = market.api.case.step.mutate({ caseId, step: { act: 'closed', outcome: 'no_breach', text: 'Nothing was found.' } });
  expect(await refusalOf(closing)).toMatchObject({ code: 'case_open_acts' });
  await resume(finance, `hlt_${halt.actId}`, null);
  expect(await refusalOf(resume(finance, `hlt_${halt.actId}`, null))).toMatchObject({ code: 'halt_state' });
  expect(await refusalOf(resume(finance, `hlt_${'0'.repeat(32)}`, null))).toMatchObject({ code: 'halt_unknown' });
  rig.server.clock.advance(6 * 60_000);
  await rig.amy.client.signIn();
  await world.list(world.items[2] ?? '');
});

test('the whole market stands still after a restart of its memory too, and nothing is signed for another target', async () => {
  const halt = await input(market, { scope: 'market', targetId: 'market', until: inHours(2) });
  expect(await refusalOf(market.api.case.halt.mutate({ ...halt, openOrders: 'cancel' }))).toMatchObject({ code: 'sig_invalid' });
  expect(await refusalOf(market.api.case.halt.mutate({ ...halt, targetId: 'else' }))).toMatchObject({ code: 'target_unknown' });
  await market.api.case.halt.mutate(halt);
  expect(await refusalOf(market.api.case.halt.mutate({ ...halt, reason: 'Another reason than before.' }))).toMatchObject({
    code: 'act_reused',
  });
  expect((await refusalOf(world.quote(rig.bob, { intent: 'buy_order' }))).code).toBe('market_halted');
  const { createHalts } = await import('#server/exchange/halts.ts');
  const again = createHalts();
  await again.reload(rig.server.database.sql);
  expect(again.of({ classId: 'any', gameId: 'any' }, rig.server.clock.now())).toMatchObject({ scope: 'market' });
  await rig.server.services.market.turnClocks();
  const { services, database, clock } = rig.server;
  expect(await reconcile({ sql: database.sql, clock, random: services.random, ledger: services.ledger })).toEqual([]);
  expect(await listBroken(database.sql)).toEqual([]);
});
