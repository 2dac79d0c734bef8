/** What the desk and an office do beside disputes: theft, objections to publicity, the ladder (product O-09 to O-12, P-34). */
import { expect, test } from 'vitest';
import { fromHex } from '#ledger/primitives/bytes.ts';
import { parseClassId, parseItemId } from '#ledger/primitives/ids.ts';
import { documentHash, freezeDocument, freezeOp } from '#sandbox/cases/case-order.ts';
import { type DeskAct, type DeskQueue, deskDocument, theftDocument } from '#sandbox/cases/desk-order.ts';
import { type JudgementOrder, judgementDocument, judgementOp } from '#sandbox/cases/judgement-order.ts';
import { returnDocument, returnOp } from '#sandbox/cases/return-order.ts';
import { DESK_REFUSALS, type DeskCode } from '#server/desk/desk-codes.ts';
import { readKindPage } from '#server/takeover/kinds.repo.ts';
import type { Official } from '#test/support/officials.ts';
import { refusalOf } from '#test/support/server.ts';
import type { Actor } from '../public-refusals/rig.ts';
import {
  booksAgree,
  DAY,
  desk,
  finance,
  HOUR,
  market,
  moneyOf,
  ownerOf,
  proof,
  reached,
  rig,
  sell,
  signIn,
  tradeOf,
  wait,
  world,
} from './world.ts';

const deskAct = (queue: DeskQueue, subjectId: string, act: DeskAct) => {
  const order = { actId: desk.newActId(), queue, subjectId, act, text: 'What was brought was looked into.' };
  return desk.api.desk.act.mutate({ ...order, signature: desk.sign(deskDocument(order)) });
};
async function deskRefuses(call: Promise<unknown>, code: DeskCode): Promise<void> {
  expect(await refusalOf(call)).toMatchObject({ code, message: DESK_REFUSALS[code].message });
  reached.add(code);
}
async function swear(who: Actor, itemId: string): Promise<void> {
  const claim = { actId: desk.newActId(), itemId: parseItemId(itemId), text: 'My key was taken and the item sold.' };
  await who.client.api.desk.swearTheft.mutate({ ...claim, proof: await proof(who, theftDocument(claim)) });
}

const returnOrder = async (official: Official, caseId: string, reportId: string, isGoodFaith = true) => {
  const { stolen } = await official.api.case.get.query({ caseId });
  const back = stolen.find((each) => each.reportId === reportId)?.back;
  const order = { actId: official.newActId(), caseId, reportId, isGoodFaith, reason: 'The sale was made with a stolen key.' };
  const document = returnDocument(order);
  const item = { serial: BigInt(back?.serial ?? 0), ver: BigInt(back?.ver ?? 0), to: fromHex(back?.to ?? '0'.repeat(64), 32) };
  const op = returnOp(
    { entry: BigInt(back?.entry ?? 0), item, rulePack: fromHex(back?.rulePack ?? '0'.repeat(64), 32) },
    documentHash(document),
  );
  return { ...order, signature: official.sign(document), signedTx: await official.ledgerTx(op) };
};
const giveBack = async (...[official, ...rest]: Parameters<typeof returnOrder>) =>
  official.api.case.returnItem.mutate(await returnOrder(official, ...rest));
type Wish = Pick<JudgementOrder, 'caseId' | 'itemId' | 'to'> & Partial<JudgementOrder>;
const judgement = async (official: Official, wish: Wish) => {
  const { held } = await official.api.case.get.query({ caseId: wish.caseId });
  const found = held.find((each) => each.itemId === wish.itemId);
  const reason = 'The judgement is final and was served on us.';
  const paper = { court: 'Internet Court', docket: '(2026) 1234', fileSm3: '5a'.repeat(32) };
  const order: JudgementOrder = { actId: official.newActId(), reason, ...paper, ...wish };
  const document = judgementDocument(order);
  const move = { serial: BigInt(found?.serial ?? 0), ver: BigInt(found?.ver ?? 0), to: fromHex(order.to, 32) };
  const signedTx = await official.ledgerTx(judgementOp(move, documentHash(document)));
  return { ...order, signature: official.sign(document), signedTx };
};
const judge = async (official: Official, wish: Wish) => official.api.case.judge.mutate(await judgement(official, wish));

const fundNow = () => rig.server.database.sql`select balance_fen from journal.accounts where account_id = 'guarantee'`;

async function freezeFor(caseId: string, itemId: string, hours: number): Promise<void> {
  const until = new Date(rig.server.clock.now() + hours * HOUR).toISOString();
  const order = {
    actId: market.newActId(),
    caseId,
    scope: 'item' as const,
    targetId: itemId,
    reasonCode: 'stolen_item' as const,
    until,
    reason: 'Sworn to be stolen.',
  };
  const document = freezeDocument(order);
  const { serial } = await rig.itemOf(itemId);
  const op = freezeOp('item', { kind: 'item', serial }, BigInt(Date.parse(until)), documentHash(document));
  // The 48 hours of one official count from the desk's freeze: it takes two.
  const { freezeId } = await market.api.case.freeze.mutate({ ...order, signature: market.sign(document), signedTx: null });
  await market.api.case.step.mutate({ caseId, step: { act: 'shared', audience: 'finance' } });
  await finance.api.case.approveFreeze.mutate({ freezeId, signature: finance.sign(document), signedTx: await finance.ledgerTx(op) });
  await rig.settled();
}

export function deskActs(): void {
  test('illegal content: the desk hides a kind’s words and picture, signed; the ledger, its documents and its holders stay; it is shown again', async () => {
    const { sql } = rig.server.database;
    const [row] = await sql<{ item_id: string; class_id: string }[]>`
      select item_id, class_id from custody.items where not is_burned and class_id = ${world.sword.classId} order by ledger_serial desc limit 1`;
    const [itemId, classId] = [row?.item_id ?? '', parseClassId(row?.class_id ?? '')];
    const stranger = await rig.actor('zhou-ning');
    const page = async () => stranger.client.api.itemClass.get.query({ classId });
    const found = async (text: string) => (await stranger.client.api.search.list.query({ text })).rows.map((card) => card.classId);
    // Words of a studio stand in values of attributes and in the contents of a container too.
    await sql`insert into catalogue.attribute_definitions (game_id, position, key, type, label_en, filterable)
      select game_id, 90, 'motto', 'text', 'Motto', true from catalogue.item_classes where class_id = ${classId}`;
    await sql`update catalogue.item_classes set attributes = '{"motto":"illegal words"}', contents = '[{"name":"illegal coin","chance":"0.5"}]',
      description_en = 'illegal description', art_sm3 = repeat('ab', 32)
      where class_id = ${classId}`;
    const item = async () => stranger.client.api.item.get.query({ itemId: parseItemId(itemId) });
    const words = async () => {
      const { attributes, contents } = await page();
      const own = await item();
      return [attributes, own.attributes]
        .map((list) => list.map(({ value }) => value))
        .concat([contents, own.contents].map((list) => list.map(({ name }) => name)));
    };
    const looks = async () => {
      const { card, description } = await page();
      return [card.icon, description?.en ?? null];
    };
    expect(await looks()).toEqual([`sm3:${'ab'.repeat(32)}`, 'illegal description']);
    expect(await words()).toEqual([['illegal words'], ['illegal words'], ['illegal coin'], ['illegal coin']]);
    const declared = (await page()).card.names;
    const documents = async () => (await readKindPage(sql, 0n, 1_000)).kinds;
    const before = await documents();
    expect(await found(declared.en)).toContain(classId);
    await stranger.client.api.desk.report.mutate({ kind: 'item', subjectId: itemId, text: 'The picture of this sword is not legal.' });
    const report = async () => (await desk.api.desk.get.query()).rows.find((row) => row.queue === 'report' && row.about === itemId);
    const reportId = (await report())?.subjectId ?? '';
    expect(await report()).toMatchObject({ mayHide: true, mayShow: false });
    // What the exchange has in memory of a kind is what its answers say of it.
    const ordered = async () => {
      const quote = await world.quote(rig.bob, { intent: 'buy_order', priceFen: '100' });
      const answer = await rig.bob.client.api.order.place.mutate(world.input(rig.bob, quote));
      return answer.kind === 'placed' ? answer.order.names.en : answer.code;
    };
    expect(await ordered()).toBe(declared.en);
    await deskAct('report', reportId, 'hidden');
    expect(await ordered()).toBe('Content hidden');
    expect(await report()).toMatchObject({ mayHide: false });
    await deskRefuses(deskAct('report', reportId, 'hidden'), 'content_hidden');
    expect(await page()).toMatchObject({ isHidden: true, card: { names: { zh: '内容已屏蔽', en: 'Content hidden' } } });
    expect(await found(declared.en)).not.toContain(classId);
    expect(await item()).toMatchObject({
      isHidden: true,
      card: { names: { en: 'Content hidden' } },
      attributePlaces: {},
      attributeChanges: [],
    });
    expect(await words()).toEqual([[], [], [], []]);
    expect(await looks()).toEqual(['locked-chest', null]);
    // What the members were shown under its hash is what it was.
    expect(await documents()).toEqual(before);
    const hidden = (await desk.api.desk.get.query()).rows.find((row) => row.queue === 'hidden');
    expect(hidden).toMatchObject({ subjectId: classId, names: declared, mayShow: true, mayClose: false, mayHide: false });
    await deskAct('hidden', classId, 'shown');
    await deskRefuses(deskAct('hidden', classId, 'shown'), 'desk_entry_unknown');
    expect(await page()).toMatchObject({ isHidden: false, card: { names: declared } });
    expect((await words()).flat()).toHaveLength(4);
    expect(await looks()).toEqual([`sm3:${'ab'.repeat(32)}`, 'illegal description']);
    expect(await found(declared.en)).toContain(classId);
    await deskAct('report', reportId, 'closed');
    const told = await sql<{ type: string }[]>`select type from outbox.messages where type like 'mkt.content.%' order by seq`;
    expect(told.map(({ type }) => type)).toEqual(['mkt.content.hidden', 'mkt.content.shown']);
  });

  test('a sworn claim of theft: the desk freezes seven days and once, the holder objects to an office, the end comes by itself', async () => {
    const { itemId } = await sell();
    const stranger = await rig.actor('zhou-ning');
    await deskRefuses(swear(stranger, itemId), 'theft_not_yours');
    await deskRefuses(swear(rig.amy, `itm_${'0'.repeat(32)}`), 'report_subject_unknown');
    await swear(rig.amy, itemId);
    await deskRefuses(swear(rig.amy, itemId), 'report_made');
    await stranger.client.api.desk.report.mutate({ kind: 'person', subjectId: rig.bob.acct, text: 'He asks for money elsewhere.' });
    const { rows } = await desk.api.desk.get.query();
    const theft = rows.find(({ queue }) => queue === 'theft');
    const told = rows.find(({ queue }) => queue === 'report');
    expect(theft).toMatchObject({ about: itemId, mayFreeze: true, isOverdue: false });
    await deskRefuses(deskAct('report', told?.subjectId ?? '', 'frozen'), 'desk_act_invalid');
    expect(theft?.owner).toBeNull();
    await deskAct('theft', theft?.subjectId ?? '', 'taken');
    expect((await desk.api.desk.get.query()).rows.find(({ queue }) => queue === 'theft')?.owner).toBe('STAFF-OPERATOR');
    await deskAct('theft', theft?.subjectId ?? '', 'frozen');
    await deskRefuses(deskAct('theft', theft?.subjectId ?? '', 'frozen'), 'desk_freeze_used');
    await deskAct('theft', theft?.subjectId ?? '', 'closed');
    await deskRefuses(deskAct('theft', theft?.subjectId ?? '', 'noted'), 'desk_entry_unknown');
    const [restriction] = (await rig.bob.client.api.restriction.list.query()).filter(
      ({ targetId, isInForce }) => targetId === itemId && isInForce,
    );
    expect(restriction).toMatchObject({ reasonCode: 'stolen_item', canAppeal: true, claimId: null });
    expect(Date.parse(restriction?.until ?? '') - rig.server.clock.now()).toBe(7 * DAY);
    await rig.bob.client.api.restriction.appeal.mutate({ freezeId: restriction?.freezeId ?? '', text: 'I bought it in good faith.' });
    const [file] = (await market.api.case.list.query({ about: itemId })).cases;
    expect(await market.api.case.get.query({ caseId: file?.caseId ?? '' })).toMatchObject({
      topic: 'theft',
      freezes: [{ freezeId: restriction?.freezeId, setBy: 'STAFF-OPERATOR', appeal: { state: 'open' } }],
    });
    await wait(7 * DAY);
    const after = (await rig.bob.client.api.restriction.list.query()).find(({ freezeId }) => freezeId === restriction?.freezeId);
    expect(after).toMatchObject({ isInForce: false });
    await booksAgree();
  });

  test('a stolen item goes back by a supervisor’s decision; the fund pays who bought it in good faith once, and as far as it goes', async () => {
    await signIn();
    const { itemId, tradeId } = await sell();
    await swear(rig.amy, itemId);
    const theft = (await desk.api.desk.get.query()).rows.find(({ queue, about }) => queue === 'theft' && about === itemId);
    const reportId = theft?.subjectId ?? '';
    await deskAct('theft', reportId, 'frozen');
    const [freeze] = await rig.bob.client.api.restriction.list.query();
    await rig.bob.client.api.restriction.appeal.mutate({ freezeId: freeze?.freezeId ?? '', text: 'I bought it in good faith.' });
    const [file] = (await market.api.case.list.query({ about: itemId })).cases;
    const caseId = file?.caseId ?? '';
    const code = async (call: Promise<unknown>) => (await refusalOf(call)).code;
    expect(await code(giveBack(market, caseId, reportId))).toBe('return_trade_open');
    await wait(7 * DAY - HOUR);
    // The operator's seven days end before the sale is final; an office holds the item on.
    await freezeFor(caseId, itemId, 47);
    await wait(HOUR + 60_000);
    expect(await tradeOf(rig.bob, tradeId)).toMatchObject({ state: 'paid_out' });
    const had = BigInt((await fundNow())[0]?.balance_fen ?? 0);
    expect(had).toBeGreaterThan(0n);
    const { caseId: other } = await market.api.case.open.mutate({ topic: 'theft', title: 'Another case', ground: 'Product V-14' });
    await rig.unchanged(async () => {
      expect(await code(giveBack(market, caseId, `rpt_${'0'.repeat(32)}`))).toBe('return_unknown');
      expect(await code(giveBack(market, other, reportId))).toBe('return_not_held');
      expect(await code(giveBack(finance, other, reportId))).toBe('case_unknown');
      const good = await returnOrder(market, caseId, reportId);
      expect(await code(market.api.case.returnItem.mutate({ ...good, isGoodFaith: false }))).toBe('sig_invalid');
    });
    const buyer = await moneyOf(rig.bob);
    expect(await giveBack(market, caseId, reportId)).toEqual({ itemId, awardFen: '100000' });
    expect(await ownerOf(itemId)).toBe(rig.amy.acct);
    expect(await moneyOf(rig.bob)).toEqual({ ...buyer, availableFen: String(BigInt(buyer.availableFen) + had) });
    expect(await code(giveBack(market, caseId, reportId))).toBe('return_done');
    expect(await tradeOf(rig.bob, tradeId)).toMatchObject({ state: 'paid_out' });
    const { awards } = await market.api.case.get.query({ caseId });
    expect(awards).toMatchObject([{ tradeId, lostFen: '100000', awardFen: '100000', paidFen: String(had) }]);
    await wait(60_000);
    const { fund } = await rig.bob.client.api.transparency.get.query();
    expect(fund).toMatchObject({ balanceFen: '0', paidFen: String(had), waiting: 1, payments: [{ amountFen: String(had) }] });
    expect(fund.owedFen).toBe(String(100_000n - had));
    // What comes in later goes to who waits.
    await sell();
    await wait(7 * DAY + 60_000);
    expect((await market.api.case.get.query({ caseId })).awards).toMatchObject([{ paidFen: String(had + 100n) }]);
    // By whom it was not sold it was not lost.
    await swear(rig.bob, itemId);
    const sworn = (await desk.api.desk.get.query()).rows.find(({ queue, about }) => queue === 'theft' && about === itemId);
    expect(await code(giveBack(market, caseId, sworn?.subjectId ?? ''))).toBe('return_not_sold');
    await booksAgree();
  });

  test('a judgement moves an item that a case holds: by supervisor and court, not by another file under its number; its listing ends', async () => {
    await signIn();
    const kind = await rig.kind('judged-crown');
    const [itemId = '', other = ''] = await rig.mint(kind, rig.bob, 2);
    const wanted = await world.quote(rig.bob, { intent: 'listing', classId: kind.classId, itemIds: [itemId], priceFen: '5000' });
    const listed = await rig.bob.client.api.order.place.mutate(world.input(rig.bob, wanted));
    const { caseId } = await market.api.case.open.mutate({ topic: 'other', title: 'A judgement', ground: 'Served by the court' });
    const wish = { caseId, itemId, to: rig.amy.acct };
    const code = async (call: Promise<unknown>) => (await refusalOf(call)).code;
    expect(await code(judge(market, wish))).toBe('return_not_held');
    await freezeFor(caseId, itemId, 72);
    expect((await market.api.case.get.query({ caseId })).held).toMatchObject([{ itemId, holder: rig.bob.acct }]);
    await rig.unchanged(async () => {
      expect(await code(judge(market, { ...wish, itemId: `itm_${'0'.repeat(32)}` }))).toBe('judgement_item_unknown');
      expect(await code(judge(market, { ...wish, to: 'ab'.repeat(32) }))).toBe('judgement_party_unknown');
      expect(await code(judge(market, { ...wish, to: rig.bob.acct }))).toBe('judgement_done');
      expect(await code(judge(market, { ...wish, itemId: other }))).toBe('return_not_held');
      const good = await judgement(market, wish);
      expect(await code(market.api.case.judge.mutate({ ...good, docket: '(2026) 1' }))).toBe('sig_invalid');
      expect(await code(market.api.case.judge.mutate({ ...good, signedTx: null }))).toBe('ledger_tx_mismatch');
    });
    await judge(market, wish);
    expect(await ownerOf(itemId)).toBe(rig.amy.acct);
    const file = await market.api.case.get.query({ caseId });
    expect(file).toMatchObject({ held: [], judgements: [{ itemId, from: rig.bob.acct, to: rig.amy.acct, docket: '(2026) 1234' }] });
    expect(file.freezes).toMatchObject([{ state: 'ended', endedAs: 'lifted' }]);
    const orderId = listed.kind === 'placed' ? listed.order.orderId : '';
    const [order] = await rig.server.database.sql`select state from market.orders where order_id = ${orderId}`;
    expect(order).toEqual({ state: 'canceled' });
    expect((await rig.amy.client.api.item.get.query({ itemId })).hops.at(-1)).toMatchObject({ act: 'court' });
    // The court's own register: the number stands for the file that was brought first.
    await freezeFor(caseId, other, 72);
    expect(await code(judge(market, { ...wish, itemId: other, fileSm3: '5b'.repeat(32) }))).toBe('judgement_refused');
    await judge(market, { ...wish, itemId: other });
    expect(await ownerOf(other)).toBe(rig.amy.acct);
    await booksAgree();
  });

  test('an objection to publicity: anyone but the parties, upheld the trade fails and the listing ends; false ones climb the ladder', async () => {
    await signIn();
    const slow = await rig.kind('slow-crown', { terms: { publicity_hours: 24 } });
    const crowns = await rig.mint(slow, rig.amy, 3);
    const stranger = await rig.actor('zhou-ning');
    const object = (who: Actor, subjectId: string, actId = desk.newActId()) =>
      who.client.api.objection.open.mutate({ actId, subjectId, text: 'This crown was never theirs to sell.' });
    const before = await moneyOf(rig.bob);
    /** Agreed on the spot, so it waits for its publicity. */
    const agree = async (itemId: string): Promise<string> => {
      const wanted = await world.quote(rig.bob, { intent: 'buy_order', classId: slow.classId, priceFen: '5000' });
      const bid = await rig.bob.client.api.order.place.mutate(world.input(rig.bob, wanted));
      if (bid.kind !== 'placed') throw new Error(bid.code);
      const serve = { intent: 'serve_buy_order' as const, classId: slow.classId, itemIds: [itemId], targetOrderId: bid.order.orderId };
      const served = await rig.amy.client.api.order.place.mutate(world.input(rig.amy, await world.quote(rig.amy, serve)));
      if (served.kind !== 'placed') throw new Error(served.code);
      return served.trades[0]?.tradeId ?? '';
    };
    const tradeId = await agree(crowns[0] ?? '');
    expect(await tradeOf(rig.bob, tradeId)).toMatchObject({ state: 'publicity' });
    const listed = await rig.amy.client.api.order.place.mutate(
      world.input(
        rig.amy,
        await world.quote(rig.amy, { intent: 'listing', classId: slow.classId, itemIds: [crowns[1] ?? ''], priceFen: '5000' }),
      ),
    );
    const listingId = listed.kind === 'placed' ? listed.order.orderId : '';
    await rig.unchanged(async () => {
      await deskRefuses(object(rig.bob, tradeId), 'objection_own');
      await deskRefuses(object(stranger, `trd_${'0'.repeat(32)}`), 'objection_not_public');
    });
    const actId = desk.newActId();
    const { objectionId } = await object(stranger, tradeId, actId);
    expect(await object(stranger, tradeId, actId)).toEqual({ objectionId });
    await deskRefuses(object(stranger, tradeId), 'objection_made');
    const about = await object(stranger, listingId);
    const row = (await desk.api.desk.get.query()).rows.find(({ subjectId }) => subjectId === objectionId);
    expect(row).toMatchObject({ queue: 'objection', about: tradeId, mayUphold: true, amountFen: '5000' });
    await deskAct('objection', objectionId, 'upheld');
    await deskAct('objection', about.objectionId, 'upheld');
    expect(await tradeOf(rig.bob, tradeId)).toMatchObject({ state: 'failed', reason: 'objection_upheld' });
    expect(await moneyOf(rig.bob)).toEqual(before);
    const [order] = await rig.server.database.sql`select state, reason from market.orders where order_id = ${listingId}`;
    expect(order).toEqual({ state: 'canceled', reason: 'objection_upheld' });
    // Refused, the trade goes on; false, its author is barred, longer each time; a silent desk holds nobody up.
    const second = await agree(crowns[2] ?? '');
    const lie = await object(stranger, second);
    await deskAct('objection', lie.objectionId, 'false');
    const barred = async () => (await refusalOf(object(stranger, second))).facts?.until;
    await deskRefuses(
      stranger.client.api.desk.report.mutate({ kind: 'item', subjectId: crowns[2] ?? '', text: 'It is not theirs.' }),
      'claims_barred',
    );
    expect(Date.parse(String(await barred())) - rig.server.clock.now()).toBe(2 * DAY);
    await wait(24 * HOUR + 60_000);
    expect((await tradeOf(rig.bob, second)).state).toBe('protected');
    await wait(DAY);
    await stranger.client.signIn();
    const third = (await rig.mint(slow, rig.amy, 2)).map((itemId) => itemId);
    const [again, last] = [await agree(third[0] ?? ''), await agree(third[1] ?? '')];
    const silent = await object(stranger, last);
    await deskAct('objection', (await object(stranger, again)).objectionId, 'false');
    const until = (await refusalOf(object(stranger, last))).facts?.until;
    expect(Date.parse(String(until)) - rig.server.clock.now()).toBe(7 * DAY);
    await wait(24 * HOUR + 60_000);
    const [lapsed] = await rig.server.database.sql`select outcome from cases.objections where objection_id = ${silent.objectionId}`;
    expect(lapsed).toEqual({ outcome: 'lapsed' });
    expect((await tradeOf(rig.bob, last)).state).toBe('protected');
    await booksAgree();
  });
}
