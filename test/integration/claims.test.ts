/** Disputes over HTTP (product P-32): claim, answer, decision, appeal, reversal under two signatures; every clock that ends by itself; and every
 *  refusal of this door. After each of them the books agree. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { decodeTxEnv, encodeTxEnv } from '#ledger/codec/tx.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { concat, fromHex, toBase64, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { parseItemId, parseTradeId } from '#ledger/primitives/ids.ts';
import { type CaseDocument, documentHash, freezeDocument, freezeOp } from '#sandbox/cases/case-order.ts';
import {
  answerDocument,
  type ClaimKind,
  claimAppealDocument,
  claimAttest,
  claimDocument,
  reverseOp,
  rulingDocument,
} from '#sandbox/cases/claim-order.ts';
import { type DeskAct, type DeskQueue, deskDocument, theftDocument } from '#sandbox/cases/desk-order.ts';
import { returnDocument, returnOp } from '#sandbox/cases/return-order.ts';
import { TAKEOVER_HOLD, takeoverDocument } from '#sandbox/cases/takeover-order.ts';
import { CLAIM_REFUSALS, type ClaimCode } from '#server/claims/claim-codes.ts';
import { DESK_REFUSALS, type DeskCode } from '#server/desk/desk-codes.ts';
import { reconcile } from '#server/journal/reconcile.ts';
import type { ClaimView } from '#server/trpc/views.ts';
import { listBroken } from '#test/support/invariants.ts';
import { type Official, openOfficial } from '#test/support/officials.ts';
import { refusalOf } from '#test/support/server.ts';
import { type MarketWorld, openMarketWorld } from './public-refusals/market-cases.ts';
import { type Actor, openRig, type Rig } from './public-refusals/rig.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let rig: Rig;
let world: MarketWorld;
let desk: Official;
let market: Official;
let finance: Official;
let items: readonly string[];
let place = 1;
const reached = new Set<string>();

beforeAll(async () => {
  rig = await openRig();
  world = await openMarketWorld(rig);
  items = [...world.items, ...(await rig.mint(world.sword, rig.amy, 10))];
  [desk, market, finance] = await Promise.all([
    openOfficial(rig.server, 'staff-operator'),
    openOfficial(rig.server, 'staff-market'),
    openOfficial(rig.server, 'staff-finance'),
  ]);
  await rig.bob.client.api.money.deposit.mutate({ referenceId: desk.newActId(), amountFen: '900000' });
  for (let turn = 0; turn < 4; turn++) await wait(5_000);
}, 60_000);
afterAll(() => rig.server.stop());

const signIn = () =>
  Promise.all([...[desk, market, finance].map((official) => official.signIn()), rig.amy.client.signIn(), rig.bob.client.signIn()]);
async function wait(ms: number): Promise<void> {
  rig.server.clock.advance(ms);
  await rig.settled();
  await rig.server.services.cases.turn();
  await rig.settled();
  await signIn();
}

async function refuses(call: Promise<unknown>, code: ClaimCode): Promise<void> {
  expect(await refusalOf(call)).toMatchObject({ code, message: CLAIM_REFUSALS[code].message });
  reached.add(code);
}

/** Amy sells the next of her items to Bob; certified. */
async function sell(isCertified = true): Promise<{ readonly tradeId: string; readonly itemId: string }> {
  const itemId = items[place++] ?? '';
  const listed = await world.list(itemId);
  const quote = await world.quote(rig.bob, { intent: 'take_listing', itemIds: [itemId], targetOrderId: listed.orderId });
  const answer = await rig.bob.client.api.order.place.mutate(world.input(rig.bob, quote));
  if (answer.kind !== 'placed') throw new Error(answer.code);
  if (isCertified) await rig.settled();
  return { tradeId: answer.trades[0]?.tradeId ?? '', itemId };
}

async function proof(who: Actor, document: CaseDocument) {
  const { chain, challenge, issuedAt } = await who.client.api.session.challenge.mutate();
  const facts = { document: toHex(documentHash(document)), chain, acct: who.acct, challenge, issuedAt };
  const message = concat(utf8('daoju.claim/1\n'), canonicalBytes(facts));
  return { challenge, issuedAt, signature: toHex(rig.server.services.ledger.sm2.sign(who.privateKey, message)) };
}

const PICTURE = new Uint8Array([1, 2, 3]);
const FILE = { name: 'screen.png', mime: 'image/png', base64: toBase64(PICTURE) };
const FILE_SM3 = toHex(sm3(PICTURE));
const REASON = 'The item is not the one that was shown.';

async function open(
  who: Actor,
  tradeId: string,
  kind: ClaimKind = 'deceived',
  more: { readonly files?: (typeof FILE)[] } = {},
): Promise<string> {
  const order = { actId: desk.newActId(), tradeId: parseTradeId(tradeId), kind, reason: REASON };
  const files = more.files ?? [];
  const document = claimDocument({ ...order, files: files.map(() => FILE_SM3) });
  const { claimId } = await who.client.api.claim.open.mutate({ ...order, files, proof: await proof(who, document) });
  return claimId;
}
async function answer(who: Actor, claimId: string, stance: 'agrees' | 'contests' = 'contests'): Promise<unknown> {
  const given = { actId: desk.newActId(), claimId, stance, text: 'The picture in the listing is right.' };
  const signed = await proof(who, answerDocument({ ...given, files: [] }));
  return who.client.api.claim.answer.mutate({ ...given, files: [], proof: signed });
}
async function decide(claimId: string, isUpheld: boolean): Promise<unknown> {
  const ruling = { actId: desk.newActId(), claimId, isUpheld, reason: 'Listing and item were compared.' };
  return desk.api.claim.decide.mutate({ ...ruling, signature: desk.sign(rulingDocument('desk', ruling)) });
}
async function appeal(who: Actor, claimId: string): Promise<unknown> {
  const given = { actId: desk.newActId(), claimId, text: 'The desk did not look at the serial.' };
  return who.client.api.claim.appeal.mutate({ ...given, proof: await proof(who, claimAppealDocument(given)) });
}
const viewOf = (official: Official, claimId: string): Promise<ClaimView> => official.api.claim.get.query({ claimId, as: 'staff' });
const sideOf = (who: Actor, claimId: string): Promise<ClaimView> => who.client.api.claim.get.query({ claimId, as: 'party' });

async function review(
  official: Official,
  claimId: string,
  isUpheld: boolean,
  change: (op: string) => string = (op) => op,
): Promise<unknown> {
  const ruling = { actId: official.newActId(), claimId, isUpheld, reason: 'The whole file was read again.' };
  const document = rulingDocument('supervisor', ruling);
  const doc = documentHash(document);
  const { reversal } = await viewOf(official, claimId);
  if (reversal === null) throw new Error('whoever signs sees what');
  const op = isUpheld
    ? reverseOp(
        {
          entry: BigInt(reversal.entry),
          items: reversal.items.map(({ serial, ver, to }) => ({ serial: BigInt(serial), ver: BigInt(ver), to: fromHex(to, 32) })),
          pay: fromHex(reversal.pay, 32),
          rulePack: fromHex(reversal.rulePack, 32),
        },
        doc,
      )
    : claimAttest(BigInt(reversal.entry), doc);
  return official.api.claim.review.mutate({ ...ruling, signature: official.sign(document), signedTx: change(await official.ledgerTx(op)) });
}
const tradeOf = (who: Actor, tradeId: string) => who.client.api.trade.get.query({ tradeId: parseTradeId(tradeId) });
const ownerOf = async (itemId: string) =>
  (await rig.server.database.sql`select owner from custody.items where item_id = ${itemId}`)[0]?.owner;
const moneyOf = async (who: Actor) => {
  const { availableFen, comingFen } = await who.client.api.money.get.query();
  return { availableFen, comingFen };
};
async function booksAgree(): Promise<void> {
  await rig.server.services.market.turnClocks();
  const { services, database, clock } = rig.server;
  expect(await reconcile({ sql: database.sql, clock, random: services.random, ledger: services.ledger })).toEqual([]);
  expect(await listBroken(database.sql)).toEqual([]);
}

test('a claim is answered, upheld, and reversed under two signatures: item, money and tax go back, and the file is complete', async () => {
  const [seller, buyer] = [await moneyOf(rig.amy), await moneyOf(rig.bob)];
  const { tradeId, itemId } = await sell();
  const early = await sell(false);
  await refuses(open(rig.bob, early.tradeId), 'claim_too_early');
  await rig.settled();
  const claimId = await open(rig.bob, tradeId, 'deceived', { files: [FILE] });
  expect(await tradeOf(rig.amy, tradeId)).toMatchObject({ state: 'disputed' });
  await refuses(open(rig.amy, tradeId), 'claim_running');
  await refuses(answer(rig.bob, claimId), 'claim_not_your_turn');
  await answer(rig.amy, claimId, 'agrees');
  await refuses(appeal(rig.amy, claimId), 'claim_state');
  await decide(claimId, true);
  await refuses(appeal(rig.bob, claimId), 'claim_not_your_turn');
  // No office was needed yet, so none sees the dispute.
  await refuses(viewOf(market, claimId), 'claim_unknown');
  await rig.amy.client.api.claim.accept.mutate({ claimId });
  expect(await viewOf(desk, claimId)).toMatchObject({ state: 'upheld', waitsFor: 'supervisor' });
  await refuses(viewOf(finance, claimId), 'claim_unknown');
  // What the supervisor signs is what is done: not for another, not by the operator alone.
  const other = decodeTxEnv(fromHex(await market.ledgerTx(claimAttest(0n, new Uint8Array(32)))));
  await rig.unchanged(async () => {
    expect(await refusalOf(review(market, claimId, true, () => toHex(encodeTxEnv(other))))).toMatchObject({ code: 'ledger_tx_mismatch' });
    const { operator } = rig.server.services.ledger;
    const alone = (signed: string) => toHex(encodeTxEnv(operator.batchSign([decodeTxEnv(fromHex(signed)).body])[0] ?? other));
    expect(await refusalOf(review(market, claimId, true, alone))).toMatchObject({ code: 'ledger_tx_mismatch' });
    const byParty = (signed: string) => toHex(encodeTxEnv(rig.sign(rig.bob, decodeTxEnv(fromHex(signed)).body.op)));
    expect(await refusalOf(review(market, claimId, true, byParty))).toMatchObject({
      code: 'ledger_refused',
      facts: { ledgerCode: 'role_missing' },
    });
  });
  await review(market, claimId, true);
  await rig.settled();

  expect(await tradeOf(rig.bob, tradeId)).toMatchObject({ state: 'reversed', reason: 'claim_upheld' });
  expect(await ownerOf(itemId)).toBe(rig.amy.acct);
  const [sold] = await rig.server.database.sql`select net_fen, gross_fen from market.trades where trade_id = ${early.tradeId}`;
  expect(await moneyOf(rig.amy)).toEqual({ ...seller, comingFen: String(BigInt(seller.comingFen) + BigInt(sold?.net_fen)) });
  expect(await moneyOf(rig.bob)).toEqual({ ...buyer, availableFen: String(BigInt(buyer.availableFen) - BigInt(sold?.gross_fen)) });
  const view = await sideOf(rig.bob, claimId);
  expect(view).toMatchObject({ state: 'closed', outcome: 'reversed', decision: 'upheld', files: [{ sm3: FILE_SM3, name: 'screen.png' }] });
  expect(view.steps.map(({ act }) => act)).toEqual(['opened', 'answered', 'decided', 'accepted', 'case_opened', 'reviewed', 'reversed']);
  // The reversal and its signers stand on the ledger, about the trade's entry.
  const entry = await rig.server.services.ledger.entry(BigInt(view.reversed?.index ?? -1));
  const op = entry?.entry.env.body.op;
  const [sale] = await rig.server.database
    .sql`select e.idx from market.trades t join ledger.entries e on e.tx_id = t.tx_id where trade_id = ${tradeId}`;
  expect(op).toMatchObject({ kind: 'trade_reverse', entry: BigInt(sale?.idx) });
  const { ledger } = rig.server.services;
  expect(entry?.entry.env.sigs.map(({ acct }) => toHex(acct)).sort()).toEqual(
    [ledger.operator.acct, ledger.demo?.supervisor.acct ?? new Uint8Array()].map(toHex).sort(),
  );
  expect(await rig.bob.client.api.claim.file.query({ claimId, sm3: FILE_SM3, as: 'party' })).toMatchObject({ base64: FILE.base64 });
  await refuses(rig.bob.client.api.claim.file.query({ claimId, sm3: '0'.repeat(64), as: 'party' }), 'claim_file_unknown');
  // The item can be sold again at once, and what it cost its owner is what it had cost before.
  const lots = await rig.server.database.sql`select cost_fen, source from custody.lots where item_id = ${itemId} order by ver`;
  expect(lots.map((row) => ({ ...row }))).toEqual([lots[0], { cost_fen: '100000', source: 'bought_here' }, lots[0]]);
  await wait(5 * 60_000);
  await world.list(itemId);
  await booksAgree();
});

test('48 hours without an answer, seven days without an appeal: a refused claim ends by itself, with a day of protection left', async () => {
  await signIn();
  const { tradeId, itemId } = await sell();
  const claimId = await open(rig.amy, tradeId, 'not_authorized');
  await wait(48 * HOUR - 1_000);
  expect(await sideOf(rig.amy, claimId)).toMatchObject({ state: 'open' });
  await wait(1_000);
  expect(await sideOf(rig.amy, claimId)).toMatchObject({ state: 'deciding', waitsFor: 'desk' });
  await refuses(answer(rig.bob, claimId), 'claim_answer_late');
  await decide(claimId, false);
  // The item is held although protection ends meanwhile: seven days by the operator.
  await wait(5 * DAY);
  expect((await sideOf(rig.amy, claimId)).heldUntil).not.toBeNull();
  const [restriction] = (await rig.bob.client.api.restriction.list.query()).filter(({ targetId }) => targetId === itemId);
  expect(restriction).toMatchObject({ reasonCode: 'disputed_trade', claimId, canAppeal: false });
  const refused = rig.bob.client.api.restriction.appeal.mutate({
    freezeId: restriction?.freezeId ?? '',
    text: 'It is mine, I paid for it.',
  });
  expect(await refusalOf(refused)).toMatchObject({ code: 'freeze_of_claim' });
  await wait(2 * DAY);
  await refuses(appeal(rig.amy, claimId), 'claim_state');
  const view = await sideOf(rig.amy, claimId);
  expect(view).toMatchObject({ state: 'closed', outcome: 'refused' });
  const trade = await tradeOf(rig.bob, tradeId);
  expect(trade.state).toBe('protected');
  const left = Date.parse(trade.payoutAt ?? '') - Date.parse(view.closedAt ?? '');
  expect(left).toBeGreaterThanOrEqual(DAY);
  await refuses(open(rig.amy, tradeId), 'claim_made');
  await wait(DAY);
  // The operator's hand comes off, the seller is paid.
  expect(await tradeOf(rig.bob, tradeId)).toMatchObject({ state: 'paid_out' });
  const [freeze] = await rig.server.database.sql`select state, ended_as from cases.freezes where claim_id = ${claimId}`;
  expect(freeze).toMatchObject({ state: 'ended' });
  await refuses(open(rig.bob, tradeId), 'claim_too_late');
  await booksAgree();
});

test('an appeal goes to a supervisor, who may turn the desk’s decision around; a desk that is silent loses the decision', async () => {
  const { tradeId } = await sell();
  const claimId = await open(rig.bob, tradeId);
  await answer(rig.amy, claimId);
  await decide(claimId, false);
  await appeal(rig.bob, claimId);
  expect(await viewOf(market, claimId)).toMatchObject({
    state: 'appealed',
    claimant: { name: expect.stringMatching(/…$/) },
    may: { review: true },
  });
  await review(market, claimId, true);
  expect(await tradeOf(rig.amy, tradeId)).toMatchObject({ state: 'reversed' });

  const second = await sell();
  const silent = await open(rig.bob, second.tradeId);
  await answer(rig.amy, silent);
  await refuses(market.api.claim.review.mutate(emptyRuling(silent)), 'claim_case_unknown');
  await wait(9 * DAY);
  expect(await viewOf(market, silent)).toMatchObject({ state: 'appealed', decision: null });
  await review(market, silent, false);
  expect(await tradeOf(rig.amy, second.tradeId)).toMatchObject({ state: 'protected' });
  expect((await market.api.case.list.query({ state: 'closed' })).cases.map(({ sourceId }) => sourceId)).toContain(silent);
});

const emptyRuling = (claimId: string) => ({
  ...{ actId: market.newActId(), claimId, isUpheld: false, reason: 'The whole file was read again.' },
  ...{ signature: '0'.repeat(128), signedTx: null },
});

test('an upheld claim that nobody signs lapses when nothing holds the item any more; until then a reversal needs time to be sealed', async () => {
  const { tradeId } = await sell();
  const claimId = await open(rig.bob, tradeId);
  await answer(rig.amy, claimId, 'agrees');
  await decide(claimId, true);
  await rig.amy.client.api.claim.accept.mutate({ claimId });
  await wait(7 * DAY - HOUR);
  const { heldUntil } = await viewOf(market, claimId);
  expect(Date.parse(heldUntil ?? '')).toBeGreaterThan(rig.server.clock.now() + 5 * DAY);
  await wait(Date.parse(heldUntil ?? '') - rig.server.clock.now() - 60_000);
  await refuses(review(market, claimId, true), 'claim_not_held');
  await wait(HOUR);
  expect(await sideOf(rig.bob, claimId)).toMatchObject({ state: 'closed', outcome: 'lapsed' });
  await booksAgree();
});

test('what a door must refuse: strangers, grounds of the other side, files that are none, another signature; taking back ends it', async () => {
  const { tradeId } = await sell();
  const stranger = await rig.actor('zhou-ning');
  await rig.unchanged(async () => {
    await refuses(open(stranger, tradeId), 'claim_trade_unknown');
    await refuses(open(rig.amy, tradeId, 'minor_purchase'), 'claim_kind');
    await refuses(open(rig.bob, tradeId, 'deceived', { files: [{ ...FILE, mime: 'text/html' }] }), 'claim_files');
    await refuses(open(rig.bob, tradeId, 'deceived', { files: [FILE, FILE, FILE, FILE] }), 'claim_files');
    const order = { actId: desk.newActId(), tradeId: parseTradeId(tradeId), kind: 'deceived' as const, reason: REASON };
    const signed = await proof(rig.bob, claimDocument({ ...order, reason: 'Something else was signed.', files: [] }));
    expect(await refusalOf(rig.bob.client.api.claim.open.mutate({ ...order, files: [], proof: signed }))).toMatchObject({
      code: 'sig_invalid',
    });
    await refuses(rig.bob.client.api.claim.get.query({ claimId: `clm_${'0'.repeat(32)}`, as: 'party' }), 'claim_unknown');
  });
  const claimId = await open(rig.bob, tradeId);
  await refuses(stranger.client.api.claim.get.query({ claimId, as: 'party' }), 'claim_unknown');
  await rig.bob.client.api.claim.withdraw.mutate({ claimId });
  expect(await tradeOf(rig.bob, tradeId)).toMatchObject({ state: 'protected' });
  expect(await rig.amy.client.api.claim.list.query()).toContainEqual(
    expect.objectContaining({ claimId, role: 'respondent', outcome: 'withdrawn' }),
  );
  await refuses(decide(claimId, true), 'claim_state');
});

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
const fundNow = () => rig.server.database.sql`select balance_fen from journal.accounts where account_id = 'guarantee'`;

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

async function declare(who: Actor, text = 'Somebody had my phone since Monday.', actId = desk.newActId()) {
  const declaration = { actId, text };
  return who.client.api.claim.declareTakeover.mutate({ ...declaration, proof: await proof(who, takeoverDocument(declaration)) });
}

test('one declaration ends the orders of an account, disputes its trades of seven days and holds it for thirty, buying left free', async () => {
  await signIn();
  const old = await sell();
  await wait(7 * DAY + HOUR);
  const mine = await sell();
  const offered = items[place++] ?? '';
  const listed = await world.list(offered);
  await rig.unchanged(async () => {
    const declaration = { actId: desk.newActId(), text: 'Somebody had my phone.' };
    const signed = await proof(rig.amy, takeoverDocument({ ...declaration, text: 'Something else was signed.' }));
    expect(await refusalOf(rig.amy.client.api.claim.declareTakeover.mutate({ ...declaration, proof: signed }))).toMatchObject({
      code: 'sig_invalid',
    });
  });
  const fresh = await sell(false);
  const actId = desk.newActId();
  const answer = await declare(rig.amy, undefined, actId);
  expect(answer.canceled).toBe(1);
  // The trade just made is disputed when it is certified; on a slow machine the ledger's own timer has seen to that already.
  const { claims, isDone } = answer;
  expect([
    { claims: 1, isDone: false },
    { claims: 2, isDone: true },
  ]).toContainEqual({ claims, isDone });
  expect(Date.parse(answer.until) - rig.server.clock.now()).toBe(30 * DAY);
  expect(await declare(rig.amy, undefined, actId)).toEqual(answer);
  await refuses(declare(rig.amy, 'These are other words.', actId), 'takeover_reused');
  await refuses(declare(rig.amy), 'takeover_running');
  const [order] = await rig.server.database.sql`select state, reason from market.orders where order_id = ${listed.orderId}`;
  expect(order).toEqual({ state: 'canceled', reason: 'account_taken_over' });
  expect(await tradeOf(rig.amy, old.tradeId)).toMatchObject({ state: 'paid_out' });
  expect(await tradeOf(rig.amy, mine.tradeId)).toMatchObject({ state: 'disputed' });
  await wait(60_000);
  // Certified meanwhile, and disputed by itself.
  expect(await tradeOf(rig.amy, fresh.tradeId)).toMatchObject({ state: 'disputed' });
  const { running } = await rig.amy.client.api.claim.takeover.query();
  expect(running).toMatchObject({ canceled: 1, claims: 2, isDone: true });
  const claims = (await rig.amy.client.api.claim.list.query()).filter(({ kind, state }) => kind === 'not_authorized' && state === 'open');
  expect(claims).toHaveLength(2);
  expect((await rig.amy.client.api.account.me.query())?.holds).toEqual([{ code: TAKEOVER_HOLD, until: answer.until }]);
  const sale = () => world.quote(rig.amy, { intent: 'listing', itemIds: [offered] });
  const selling = async () => {
    const quote = await sale();
    const placed = await rig.amy.client.api.order.place.mutate(world.input(rig.amy, quote));
    return placed.kind === 'placed' ? 'placed' : placed.code;
  };
  await rig.unchanged(async () => {
    expect(await selling().catch(async (error: unknown) => (await refusalOf(Promise.reject(error))).code)).toBe('sale_on_hold');
    const out = await refusalOf(rig.amy.client.api.money.withdraw.mutate({ referenceId: desk.newActId(), amountFen: '100' }));
    expect(out.code).toBe('withdrawal_on_hold');
  });
  const quote = await world.quote(rig.amy, { intent: 'buy_order', priceFen: '100' });
  expect(await rig.amy.client.api.order.place.mutate(world.input(rig.amy, quote))).toMatchObject({ kind: 'placed' });
  await wait(30 * DAY);
  expect((await rig.amy.client.api.account.me.query())?.holds).toEqual([]);
  expect(await selling()).toBe('placed');
  await booksAgree();
});

test('every code of this door was reached, or says why nobody outside can', () => {
  const unreachable: Partial<Record<ClaimCode, string>> = { claim_appeal_late: 'the clock closes the window in the same second' };
  expect(
    Object.keys({ ...CLAIM_REFUSALS, ...DESK_REFUSALS }).filter((code) => !reached.has(code) && !Object.hasOwn(unreachable, code)),
  ).toEqual([]);
});
