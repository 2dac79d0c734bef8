/** Refusals of the exchange that need people, kinds and days of their own, over HTTP: code, sentence, trace id, nothing changed. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { EXPERIMENT_CLASS_REFS } from '#drizzle/seed/demonstration-catalogue.ts';
import { parseAccountId, parseClassId } from '#ledger/primitives/ids.ts';
import { beijingDate, instant } from '#ledger/primitives/instant.ts';
import { priceTimePilot } from '#sandbox/experiments/sbx-2026-0001.ts';
import type { ExchangeCode } from '#server/exchange/codes.ts';
import { approveStep, takeStep } from '#test/support/approvals.ts';
import { DECLARATION } from '#test/support/declaration.ts';
import { refusalOf, type Visitor } from '#test/support/server.ts';
import { openStaff } from '#test/support/staff.ts';
import { type MarketWorld, openMarketWorld, type QuoteWish } from './public-refusals/market-cases.ts';
import { type Actor, type Kind, newReference, openRig, type Rig } from './public-refusals/rig.ts';

const DAY_MS = 86_400_000;
const EXPERIMENT = 'SBX-2026-0001';
let rig: Rig;
let market: MarketWorld;
let gem: Kind;
beforeAll(async () => {
  rig = await openRig();
  market = await openMarketWorld(rig);
  const kinds: Kind[] = [];
  for (const ref of EXPERIMENT_CLASS_REFS) kinds.push(await rig.kind(ref, { is_interchangeable: true }));
  gem = kinds[0] ?? { classRef: '', classId: '' };
  await rig.settled();
});
afterAll(() => rig.server.stop());

/** An order whose quote is sound is answered with a refusal. */
async function refusesOrder(who: Actor, wish: QuoteWish, code: ExchangeCode): Promise<void> {
  const input = market.input(who, await market.quote(who, wish));
  const answer = await rig.unchanged(() => who.client.api.order.place.mutate(input));
  expect(answer).toMatchObject({ kind: 'rejected', code, message: expect.stringMatching(/.{15}/), replayed: false });
  // It stays refused by its reference, and nothing comes of it later.
  expect(await rig.unchanged(() => who.client.api.order.place.mutate(input))).toMatchObject({ code, replayed: true });
}

async function refuses(call: () => Promise<unknown>, code: ExchangeCode): Promise<void> {
  const refusal = await rig.unchanged(() => refusalOf(call()));
  expect(refusal).toMatchObject({ code, message: expect.stringMatching(/.{15}/), traceId: expect.stringMatching(/^[0-9a-f]{32}$/) });
}

async function placeSound(who: Actor, wish: QuoteWish): Promise<string> {
  const answer = await who.client.api.order.place.mutate(market.input(who, await market.quote(who, wish)));
  if (answer.kind !== 'placed') throw new Error(`refused: ${answer.code}`);
  return answer.order.orderId;
}

/** Pays in and lets the institution answer. */
async function fund(who: Actor, amountFen: string): Promise<void> {
  await who.client.deposit({ referenceId: newReference(), amountFen });
  for (let turn = 0; turn < 4; turn++) {
    rig.server.clock.advance(5_000);
    await rig.settled();
  }
}

/** Sessions end after twelve hours. */
async function nextDay(days: number, ...people: readonly Actor[]): Promise<void> {
  rig.server.clock.advance(days * DAY_MS);
  await rig.settled();
  for (const { client } of people) await client.signIn();
}

/** What a passed window sets off is over: the market pays out by its own clock, whatever is asked of it meanwhile. */
async function paidOut(): Promise<void> {
  const waiting = async () => {
    await rig.settled();
    const [row] = await rig.server.database.sql<{ open: number }[]>`
      select count(*)::int as open from market.trades where state in ('settled', 'certified', 'protected')`;
    return row?.open;
  };
  await expect.poll(waiting, { timeout: 20_000, interval: 50 }).toBe(0);
}

test('a person without a recovery file, or with a level too low, places nothing', async () => {
  const { sql } = rig.server.database;
  const dan = await rig.actor('demo-02');
  const wish = { intent: 'buy_order', priceFen: '100' } as const;
  const withRecovery = await market.quote(dan, wish);
  await sql`update identity.players set has_recovery = false where acct = ${dan.acct}`;
  const input = market.input(dan, withRecovery);
  expect(await rig.unchanged(() => market.place(dan, input))).toBe('recovery_required');
  await sql`update identity.players set has_recovery = true where acct = ${dan.acct}`;
  const asR2 = market.input(dan, await market.quote(dan, wish));
  await sql`update identity.players set level = 'R1' where acct = ${dan.acct}`;
  expect(await rig.unchanged(() => market.place(dan, asR2))).toBe('level_required');
  await refuses(() => market.quote(dan, wish), 'level_required');
  await sql`update identity.players set level = 'R2' where acct = ${dan.acct}`;
});

test('a new device sells nothing and takes nothing out for a while', async () => {
  const { identity, sql, clock } = rig.server.services;
  const eve = await rig.actor('demo-03');
  const [itemId = ''] = await rig.mint(market.sword, eve, 1);
  await fund(eve, '10000');
  const until = instant(clock.now() + DAY_MS);
  const quote = await market.quote(eve, { intent: 'listing', itemIds: [itemId] });
  await sql.begin(async (tx) => {
    await identity.holdPlayer(tx, parseAccountId(eve.acct), { code: 'new_device_sale', until });
    await identity.holdPlayer(tx, parseAccountId(eve.acct), { code: 'new_device_withdrawal', until });
  });
  const input = market.input(eve, quote);
  expect(await rig.unchanged(() => market.place(eve, input))).toBe('sale_on_hold');
  await refuses(() => eve.client.withdraw({ referenceId: newReference(), amountFen: '5000' }), 'withdrawal_on_hold');
});

test('whom a studio has declared its affiliate trades its game no more: no quote, no order, no sheet, and what he had open ends', async () => {
  const ann = await rig.actor('demo-09');
  const drum = await rig.kind('drum');
  const [mine = '', other = ''] = await rig.mint(drum, ann, 2);
  const [amys = ''] = await rig.mint(drum, rig.amy, 1);
  const { classId } = drum;
  const listed = await placeSound(ann, { intent: 'listing', classId, itemIds: [mine], priceFen: '100' });
  const wanted = await placeSound(rig.bob, { intent: 'buy_order', classId, priceFen: '100' });
  const hers = await placeSound(rig.amy, { intent: 'listing', classId, itemIds: [amys], priceFen: '100' });
  await rig.settled();
  const wishes: readonly QuoteWish[] = [
    { intent: 'listing', classId, itemIds: [other], priceFen: '100' },
    { intent: 'buy_order', classId, priceFen: '100' },
    { intent: 'take_listing', classId, itemIds: [amys], targetOrderId: hers },
    { intent: 'serve_buy_order', classId, itemIds: [other], targetOrderId: wanted },
    { intent: 'offer', classId, itemIds: [amys], priceFen: '90' },
  ];
  const sound = await Promise.all(wishes.map((wish) => market.quote(ann, wish)));
  const taken = market.input(
    rig.bob,
    await market.quote(rig.bob, { intent: 'take_listing', classId, itemIds: [mine], targetOrderId: listed }),
  );
  const { displayName } = await ann.client.api.account.me.query().then((me) => me ?? { displayName: '' });
  const declare = (affiliates: readonly string[]) =>
    rig.studio.write('PATCH', `/api/v1/games/${rig.gameId}`, { reference_id: newReference(), affiliates });
  expect(await declare([displayName.toUpperCase()])).toMatchObject({ status: 200 });
  // What she had on offer is nobody's to take, before the clock ends it as after.
  expect(await market.place(rig.bob, taken)).toBe('listing_gone');
  await rig.settled();
  // By orders whose quotes are older than the declaration, one by one and as a sheet under one signature.
  for (const quote of sound) expect(await rig.unchanged(() => market.place(ann, market.input(ann, quote)))).toBe('issuer_refused');
  const sheet = ann.client.signSheet(sound.map((quote) => ({ quote, referenceId: newReference() })));
  const answers = await rig.unchanged(() => ann.client.api.order.placeMany.mutate({ rows: [...sheet] }));
  expect(answers.map((answer) => (answer.kind === 'rejected' ? answer.code : answer.kind))).toEqual(sound.map(() => 'issuer_refused'));
  for (const wish of wishes) await refuses(() => market.quote(ann, wish), 'issuer_refused');
  const { rows } = await ann.client.api.order.list.query({ open: false });
  expect(rows.find(({ orderId }) => orderId === listed)).toMatchObject({ state: 'canceled' });
  // By account too; and who is declared no more trades again.
  await declare([ann.acct]);
  await refuses(() => market.quote(ann, { intent: 'buy_order', classId, priceFen: '100' }), 'issuer_refused');
  await declare([]);
  await placeSound(ann, { intent: 'listing', classId, itemIds: [other], priceFen: '200' });
});

test('nobody buys during the publicity of a listing', async () => {
  const crown = await rig.kind('crown', { terms: { publicity_hours: 24 } });
  const itemIds = await rig.mint(crown, rig.amy, 1);
  const targetOrderId = await placeSound(rig.amy, { intent: 'listing', classId: crown.classId, itemIds });
  await refusesOrder(rig.bob, { intent: 'take_listing', classId: crown.classId, itemIds, targetOrderId }, 'listing_in_publicity');
});

test('what is offered to one person is seen and bought by that one alone, and stays so after an edit', async () => {
  const harp = await rig.kind('harp');
  const itemIds = await rig.mint(harp, rig.amy, 1);
  const wish: QuoteWish = { intent: 'listing', classId: harp.classId, itemIds, priceFen: '1000' };
  await refuses(() => market.quote(rig.amy, { ...wish, namedBuyer: 'nobody of this name' }), 'buyer_unknown');
  await refuses(() => market.quote(rig.amy, { ...wish, namedBuyer: rig.amy.acct }), 'self_trade');
  await refuses(
    () => market.quote(rig.amy, { intent: 'buy_order', classId: harp.classId, priceFen: '1000', namedBuyer: rig.bob.acct }),
    'order_malformed',
  );
  const { displayName } = await rig.bob.client.api.account.me.query().then((me) => me ?? { displayName: '' });
  const placed = await rig.amy.client.api.order.place.mutate(
    market.input(rig.amy, await market.quote(rig.amy, { ...wish, namedBuyer: displayName.toUpperCase() })),
  );
  if (placed.kind !== 'placed') throw new Error(`refused: ${placed.code}`);
  rig.server.clock.advance(301_000);
  const edited = await market.quote(rig.amy, { ...wish, priceFen: '900', replaces: placed.order.orderId });
  expect(edited.document.namedBuyer).toBe(rig.bob.acct);
  expect(await market.replace(rig.amy, placed.order, edited)).toBe('replaced');
  await rig.settled();
  const { rows: open } = await rig.amy.client.api.order.list.query({ open: true });
  expect(open.find(({ classId }) => classId === harp.classId)).toMatchObject({ namedBuyer: displayName, priceFen: '900' });
  const eve = await rig.actor('demo-03');
  const pageOf = (who: Actor) => who.client.api.itemClass.get.query({ classId: parseClassId(harp.classId) });
  const [mine] = (await pageOf(rig.bob)).listings;
  expect(mine).toMatchObject({ priceFen: '900', namedBuyer: displayName });
  expect(await pageOf(eve)).toMatchObject({ listings: [], card: { listings: 0, lowestListingFen: null } });
  const take = { intent: 'take_listing', classId: harp.classId, itemIds, targetOrderId: mine?.orderId ?? '' } as const;
  await refuses(() => market.quote(eve, take), 'named_buyer_only');
  await placeSound(rig.bob, take);
});

async function noticesOf(who: Actor, atLeast: number): Promise<readonly unknown[]> {
  const find = async () => {
    const messages = await rig.server.services.outbox.list(`player:${who.acct}`, 0, 10_000);
    return messages.filter(({ type, body }) => type === 'notice' && body.code === 'price_reached').map(({ body }) => body);
  };
  await vi.waitUntil(async () => (await find()).length >= atLeast, { timeout: 20_000 });
  return find();
}

test('a watch list is its person’s own: what has become of the price, and when it has come down to theirs', async () => {
  const flute = await rig.kind('flute');
  const classId = parseClassId(flute.classId);
  const [one = '', two = '', three = ''] = await rig.mint(flute, rig.amy, 3);
  const offer = (itemId: string, priceFen: string) =>
    placeSound(rig.amy, { intent: 'listing', classId: flute.classId, itemIds: [itemId], priceFen });
  const { watch } = rig.bob.client.api;
  await offer(one, '2000');
  await watch.put.mutate({ classId, belowFen: '1500' });
  expect(await watch.list.query()).toMatchObject([
    { card: { classId, lowestListingFen: '2000' }, belowFen: '1500', sinceFen: '2000', changeFen: '0', isReached: false },
  ]);
  await offer(two, '1500');
  expect(await watch.list.query()).toMatchObject([{ changeFen: '-500', isReached: true }]);
  // Told in the watcher's own room; at a price that others ask already there is nothing new.
  const told = await noticesOf(rig.bob, 1);
  expect(told).toEqual([{ code: 'price_reached', classId, priceFen: '1500', link: `/c/${classId}` }]);
  await offer(three, '1500');
  // Watching again sets the price and keeps the beginning.
  await watch.put.mutate({ classId, belowFen: '1499' });
  expect(await watch.list.query()).toMatchObject([{ belowFen: '1499', sinceFen: '2000', isReached: false }]);
  expect(await rig.amy.client.api.watch.list.query()).toEqual([]);
  const stray = () => watch.put.mutate({ classId: parseClassId(`cls_${'0'.repeat(32)}`), belowFen: null });
  expect(await refusalOf(stray())).toMatchObject({ code: 'class_unknown', traceId: expect.stringMatching(/^[0-9a-f]{32}$/) });
  await watch.remove.mutate({ classId });
  expect(await watch.list.query()).toEqual([]);
  expect(await noticesOf(rig.bob, 1)).toEqual(told);
  await rig.server.database.sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`insert into market.watched (acct, class_id, watched_at)
      select ${rig.bob.acct}, 'cls_' || lpad(to_hex(n), 32, '0'), now() from generate_series(1, 200) n`;
  });
  expect(await refusalOf(watch.put.mutate({ classId, belowFen: null }))).toMatchObject({ code: 'watch_list_full' });
});

test('the inbox is its person’s own: newest first, read one by one or up to what was seen, and what is off is not counted', async () => {
  const { inbox } = rig.bob.client.api;
  const horn = await rig.kind('horn');
  const classId = parseClassId(horn.classId);
  const itemIds = await rig.mint(horn, rig.amy, 1);
  const all = { family: null, before: null, isUnreadOnly: false } as const;
  const before = await inbox.list.query(all);
  if (before.headSeq > 0) await inbox.markAllRead.mutate({ upTo: before.headSeq });
  expect(await inbox.unread.query()).toEqual({ count: 0, isMore: false });
  await rig.bob.client.api.watch.remove.mutate({ classId });
  await rig.server.database.sql`delete from market.watched where acct = ${rig.bob.acct}`;
  await rig.bob.client.api.watch.put.mutate({ classId, belowFen: '900' });
  const known = (await noticesOf(rig.bob, 0)).length;
  const targetOrderId = await placeSound(rig.amy, { intent: 'listing', classId, itemIds, priceFen: '900' });
  await noticesOf(rig.bob, known + 1);
  await placeSound(rig.bob, { intent: 'take_listing', classId, itemIds, targetOrderId });
  const { entries, headSeq } = await inbox.list.query(all);
  const { names } = (await rig.bob.client.api.itemClass.get.query({ classId })).card;
  expect(entries.slice(0, 2)).toMatchObject([
    { code: 'trade_settled', family: 'trade', side: 'buyer', names, isRead: false, link: expect.stringMatching(/^\/trades\/trd_/) },
    { code: 'price_reached', family: 'watch', names, amountFen: '900', isRead: false, link: `/c/${classId}` },
  ]);
  expect(await inbox.unread.query()).toEqual({ count: 2, isMore: false });
  // The other side's inbox says its own, and nobody reads another's.
  const [sold] = (await rig.amy.client.api.inbox.list.query(all)).entries;
  expect(sold).toMatchObject({ code: 'trade_settled', side: 'seller', names });
  const [bought, reached] = entries;
  expect((await inbox.list.query({ ...all, family: 'watch' })).entries.map(({ code }) => code)).not.toContain('trade_settled');
  expect(await inbox.markRead.mutate({ seq: bought?.seq ?? 1 })).toEqual({ count: 1, isMore: false });
  expect(await inbox.markRead.mutate({ seq: headSeq + 1_000 })).toEqual({ count: 1, isMore: false });
  expect((await inbox.list.query({ ...all, isUnreadOnly: true })).entries).toEqual([reached]);
  expect(await inbox.mute.mutate({ family: 'watch', isMuted: true })).toEqual({ count: 0, isMore: false });
  expect((await inbox.list.query(all)).entries).not.toContainEqual(reached);
  expect((await inbox.list.query({ ...all, family: 'watch' })).entries).toContainEqual(reached);
  expect(await inbox.mute.mutate({ family: 'watch', isMuted: false })).toEqual({ count: 1, isMore: false });
  const legal: { readonly family: 'case'; readonly isMuted: true } = { family: 'case', isMuted: true };
  expect((await refusalOf(Reflect.apply(inbox.mute.mutate, undefined, [legal]))).code).toBe('input_malformed');
  // What is beyond the newest is not read before it came.
  expect(await inbox.markAllRead.mutate({ upTo: headSeq + 1_000 })).toEqual({ count: 0, isMore: false });
  const [row] = await rig.server.database.sql<{ read: string; single: number }[]>`
    select read_seq::text as read, (select count(*)::int from market.inbox_read r where r.acct = i.acct) as single
    from market.inboxes i where acct = ${rig.bob.acct}`;
  expect(row?.single).toBe(0);
  expect(Number(row?.read)).toBeLessThan(headSeq + 1_000);
  const { json } = await (await fetch(`${rig.server.base}/api/trpc/inbox.unread`)).json().then(({ error }) => error);
  expect(json.data.refusal.code).toBe('sign_in_required');
});

test('a sale at once whose taxes have changed since its quote is not made', async () => {
  const lute = await rig.kind('lute');
  const seller = await rig.actor('demo-04');
  const items = await rig.mint(lute, seller, 2);
  const targetOrderId = await placeSound(rig.bob, { intent: 'buy_order', classId: lute.classId, priceFen: '60000', quantity: 2 });
  const serve = (at: number): QuoteWish => ({
    intent: 'serve_buy_order',
    classId: lute.classId,
    targetOrderId,
    itemIds: items.slice(at, at + 1),
  });
  const stale = market.input(seller, await market.quote(seller, serve(0)));
  await placeSound(seller, serve(1));
  const answer = await rig.unchanged(() => seller.client.api.order.place.mutate(stale));
  expect(answer).toMatchObject({ kind: 'rejected', code: 'quote_changed', freshQuote: { document: { priceFen: '60000' } } });
});

test('three hundred open orders are enough', async () => {
  const fay = await rig.actor('demo-05');
  await fund(fay, '10000');
  for (let from = 0; from < 300; from += 50) {
    const inputs = [];
    for (let n = 0; n < 50; n++)
      inputs.push(market.input(fay, await market.quote(fay, { intent: 'buy_order', priceFen: String(1 + ((from + n) % 7)) })));
    const answers = await Promise.all(inputs.map((input) => market.place(fay, input)));
    expect(new Set(answers)).toEqual(new Set(['placed']));
  }
  await refusesOrder(fay, { intent: 'buy_order', priceFen: '1' }, 'too_many_orders');
});

test('the experiment: an old disclosure, all or nothing, and its caps before anything is matched', async () => {
  const gil = await rig.actor('demo-06');
  const join = (disclosureVersion: string) => gil.client.api.experiment.join.mutate({ experimentId: EXPERIMENT, disclosureVersion });
  await refuses(() => join('d0'), 'disclosure_outdated');
  await join('d1');
  await fund(gil, '5000000');
  const matched = (priceFen: string, quantity: number, timeInForce: 'gtc' | 'fok' = 'gtc'): QuoteWish => ({
    intent: 'matched',
    classId: gem.classId,
    priceFen,
    quantity,
    timeInForce,
  });
  await refusesOrder(gil, matched('100', 1, 'fok'), 'fill_or_kill');
  await refusesOrder(gil, matched('500001', 1), 'SBX_CAP_PER_TRADE');
  await placeSound(gil, matched('500000', 1));
  await placeSound(gil, matched('500000', 1));
  await refusesOrder(gil, matched('1', 1), 'SBX_CAP_PER_PERSON_DAY');
  for (let day = 0; day < 4; day++) {
    await nextDay(1, gil);
    if (day === 0) await fund(gil, '1000000');
    await placeSound(gil, matched('500000', 1));
    await placeSound(gil, matched('500000', 1));
  }
  await nextDay(1, gil);
  await refusesOrder(gil, matched('1', 1), 'SBX_CAP_PER_PERSON_MONTH');
});

test('the caps of an experiment as a whole, and an experiment that pauses', async () => {
  const [hal, ida] = [await rig.actor('demo-07'), await rig.actor('demo-08')];
  const [pearl, agate] = [await rig.kind('pearl', { is_interchangeable: true }), await rig.kind('agate', { is_interchangeable: true })];
  const [few, small] = ['SBX-2026-0011', 'SBX-2026-0012'];
  const people = [hal, ida];
  await fund(hal, '1000000');
  await testExperiment(few, pearl, people, { participants: 1, experimentOpenExposureFen: 60_000 });
  await testExperiment(small, agate, people, { experimentTotalTurnoverFen: 60_000 });
  const join = (who: Actor, experimentId: string) => who.client.api.experiment.join.mutate({ experimentId, disclosureVersion: 'd1' });
  const buy = ({ classId }: Kind, priceFen: string): QuoteWish => ({ intent: 'matched', classId, priceFen });
  await join(hal, few);
  await refuses(() => join(ida, few), 'SBX_CAP_PARTICIPANTS');
  await placeSound(hal, buy(pearl, '50000'));
  await refusesOrder(hal, buy(pearl, '10001'), 'SBX_CAP_EXPERIMENT_OPEN_EXPOSURE');
  await placeSound(hal, buy(pearl, '10000'));
  await join(hal, small);
  await placeSound(hal, buy(agate, '50000'));
  await refusesOrder(hal, buy(agate, '10001'), 'SBX_CAP_EXPERIMENT_TOTAL_TURNOVER');
  const operator = await openStaff(rig.server, 'staff-operator');
  await takeStep(operator, { experimentId: small, step: 'pause' }, 'Something looks odd.');
  await refuses(() => join(ida, small), 'experiment_inactive');
});

/** From draft to testing, over the doors of those who declare and supervise it. */
async function testExperiment(experimentId: string, kind: Kind, people: readonly Actor[], caps: object): Promise<void> {
  const day = (days: number) => beijingDate(instant(rig.server.clock.now() + days * DAY_MS));
  const pilot = priceTimePilot({
    seededAt: rig.server.clock.now(),
    classIds: [kind.classId],
    gameIds: [rig.gameId],
    pinnedPersonRefs: people.map(({ acct }) => acct),
  });
  const document = JSON.stringify({
    ...pilot,
    id: experimentId,
    status: 'DRAFT',
    declarationNo: DECLARATION.applicationNo,
    caps: { ...pilot.caps, ...caps },
    period: { ...pilot.period, start: day(8), end: day(90) },
    authorization: { ...pilot.authorization, from: day(0), to: day(90) },
  });
  const desks = async () => ({
    operator: await openStaff(rig.server, 'staff-operator'),
    tax: await openStaff(rig.server, 'staff-tax'),
    market: await openStaff(rig.server, 'staff-market'),
  });
  const move = (who: Visitor, step: 'declare' | 'publish' | 'register' | 'start') =>
    takeStep(who, { experimentId, step }, 'As agreed today.');
  const { operator } = await desks();
  await operator.api.experimentDesk.draft.mutate({ document, declaration: JSON.stringify(DECLARATION) });
  await move(operator, 'declare');
  await move(operator, 'publish');
  // What is sequenced must be in a block before its window of a day is over.
  await rig.settled();
  await nextDay(9, ...people);
  const later = await desks();
  await approveStep(later.market, { experimentId, step: 'register' });
  await move(later.tax, 'register');
  await move(later.operator, 'start');
}

test('what was bought waits for as many trading days as its kind asks for', async () => {
  const relic = await rig.kind('relic', { terms: { resale_wait_trading_days: 10 } });
  await rig.amy.client.signIn();
  await rig.bob.client.signIn();
  const itemIds = await rig.mint(relic, rig.amy, 1);
  const targetOrderId = await placeSound(rig.amy, { intent: 'listing', classId: relic.classId, itemIds, priceFen: '500' });
  await placeSound(rig.bob, { intent: 'take_listing', classId: relic.classId, itemIds, targetOrderId });
  await rig.settled();
  // Protection is over after a week; ten trading days are not.
  await nextDay(8, rig.bob);
  await paidOut();
  await refuses(() => market.quote(rig.bob, { intent: 'listing', classId: relic.classId, itemIds }), 'resale_wait');
  await nextDay(9, rig.bob);
  await placeSound(rig.bob, { intent: 'listing', classId: relic.classId, itemIds });
});

test('after the last day of the rule pack nothing is decided any more', async () => {
  // Last of all: every session and order has run out.
  await nextDay(420, rig.bob);
  await refuses(() => market.quote(rig.bob, { intent: 'buy_order', priceFen: '100' }), 'PACK_EXPIRED');
});
