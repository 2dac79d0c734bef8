/** Cases, freezes and appeals over HTTP (product V-14 to V-16): two signatures, ends that come by themselves, another official for an
 *  objection; and every refusal of this door. */
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { unzipPackage } from '#ledger/bin/unzip.ts';
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { verifyEvidence } from '#ledger/evidence/verify-evidence.ts';
import { concat, fromBase64, fromHex, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { appealDocument, documentHash, freezeDocument, freezeOp, liftDocument, unfreezeOp } from '#sandbox/cases/case-order.ts';
import { countersignDocument, countersignOp, declineDocument } from '#sandbox/cases/countersign.ts';
import {
  type InquiryExtension,
  type InquiryOrder,
  inquiryAnswerDocument,
  inquiryDocument,
  inquiryExtensionDocument,
  inquiryOp,
} from '#sandbox/cases/inquiry-order.ts';
import { referDocument, referOp } from '#sandbox/cases/refer-order.ts';
import { CASE_REFUSALS, type CaseCode } from '#server/cases/case-codes.ts';
import { appendOutbox } from '#server/outbox/append-outbox.ts';
import { ledgerTarget, type Official, openOfficial } from '#test/support/officials.ts';
import { acctOfNo, plantOrders, plantTrades, tradeIdOfNo } from '#test/support/planted-trades.ts';
import { refusalOf } from '#test/support/server.ts';
import { type MarketWorld, openMarketWorld } from './public-refusals/market-cases.ts';
import { openRig, type Rig } from './public-refusals/rig.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let rig: Rig;
let world: MarketWorld;
let market: Official;
let finance: Official;
let tax: Official;
const reached = new Set<string>();

beforeAll(async () => {
  rig = await openRig();
  world = await openMarketWorld(rig);
  [market, finance, tax] = await Promise.all([
    openOfficial(rig.server, 'staff-market'),
    openOfficial(rig.server, 'staff-finance'),
    openOfficial(rig.server, 'staff-tax'),
  ]);
});
afterEach(async () => {
  await Promise.all([...[market, finance, tax].map((official) => official.signIn()), rig.amy.client.signIn(), rig.bob.client.signIn()]);
});
afterAll(() => rig.server.stop());

const inHours = (hours: number) => new Date(rig.server.clock.now() + hours * HOUR).toISOString();
const item = (place: number): string => world.items[place] ?? '';

async function refuses(call: Promise<unknown>, code: CaseCode): Promise<void> {
  const refusal = await refusalOf(call);
  expect(refusal).toMatchObject({ code, message: CASE_REFUSALS[code].message, traceId: expect.stringMatching(/^[0-9a-f]{32}$/) });
  reached.add(code);
}

async function newCase(topic: 'abuse' | 'laundering' | 'theft' = 'abuse'): Promise<string> {
  const { caseId } = await market.api.case.open.mutate({ topic, title: 'A circle of three', ground: 'Rulebook CN-SV-04' });
  for (const audience of ['finance', 'tax'] as const) await market.api.case.step.mutate({ caseId, step: { act: 'shared', audience } });
  return caseId;
}
const viewOf = (caseId: string) => market.api.case.get.query({ caseId });
const messages = async (room: string, type: string) =>
  (await rig.server.services.outbox.list(room, 0, 1_000)).filter((message) => message.type === type).map(({ body }) => body);
const listingOf = (itemId: string) => world.quote(rig.amy, { intent: 'listing', itemIds: [itemId] });

test('one official freezes an item for 48 hours: on the ledger, refused for trade, the holder told, and over by itself', async () => {
  const caseId = await newCase();
  const input = await market.freezeInput({ caseId, scope: 'item', targetId: item(1), until: inHours(48) });
  expect(await market.api.case.freeze.mutate(input)).toEqual({ freezeId: `frz_${input.actId}`, state: 'active' });
  expect(await market.api.case.freeze.mutate(input)).toMatchObject({ state: 'active' });
  await rig.settled();
  expect((await refusalOf(listingOf(item(1)))).code).toBe('item_frozen');
  const [freeze] = (await viewOf(caseId)).freezes;
  expect(freeze).toMatchObject({ state: 'active', holder: rig.amy.acct, setBy: 'STAFF-MARKET', approvedBy: null });
  const [set] = await rig.server.database.sql`select status from ledger.ledger_txs where encode(tx_id, 'hex') = ${freeze?.txId ?? ''}`;
  expect(set).toEqual({ status: 'certified' });
  expect(await rig.amy.client.api.restriction.list.query()).toMatchObject([
    { reasonCode: 'market_abuse', reason: input.reason, isInForce: true, canAppeal: true, until: input.until },
  ]);
  expect(await messages('sup:all', 'freeze.set')).toContainEqual(expect.objectContaining({ caseId, targetId: item(1) }));
  expect(await messages(`player:${rig.amy.acct}`, 'freeze.set')).toContainEqual(expect.not.objectContaining({ caseId }));

  rig.server.clock.set(new Date(Date.parse(input.until) - 1).toISOString());
  expect(await rig.server.services.cases.turn()).toBe(0);
  await rig.amy.client.signIn();
  expect((await refusalOf(listingOf(item(1)))).code).toBe('item_frozen');
  rig.server.clock.advance(1);
  await Promise.all([market.signIn(), rig.amy.client.signIn()]);
  // Nobody has turned anything yet: what is over is over.
  expect((await viewOf(caseId)).freezes).toMatchObject([{ state: 'ended', endedAs: 'over', endedAt: input.until }]);
  await listingOf(item(1));
  await rig.server.services.cases.turn();
  expect((await viewOf(caseId)).events.at(-1)).toMatchObject({ act: 'freeze_ended', by: 'clock' });
  expect(await messages('sup:all', 'freeze.lifted')).toContainEqual(expect.objectContaining({ caseId, targetId: item(1) }));
});

test('beyond 48 hours two people sign; the first 48 hours count, so that nobody freezes alone again and again', async () => {
  const caseId = await newCase('theft');
  const first = await market.freezeInput({ caseId, scope: 'item', targetId: item(2), until: inHours(48) });
  await market.api.case.freeze.mutate(first);
  rig.server.clock.advance(24 * HOUR);
  await Promise.all([market.signIn(), finance.signIn()]);
  const again = await market.freezeInput({ caseId, scope: 'item', targetId: item(2), until: inHours(47) });
  expect(await market.api.case.freeze.mutate({ ...again, signedTx: null })).toMatchObject({ state: 'proposed' });
  const proposed = (await viewOf(caseId)).freezes.find(({ state }) => state === 'proposed');
  if (proposed === undefined) throw new Error('a proposal');
  await refuses(market.api.case.approveFreeze.mutate(await market.approval(proposed, caseId)), 'second_person_needed');
  expect(await finance.api.case.approveFreeze.mutate(await finance.approval(proposed, caseId))).toMatchObject({ state: 'active' });
  await refuses(finance.api.case.approveFreeze.mutate(await finance.approval(proposed, caseId)), 'freeze_state');
  const { freezes } = await viewOf(caseId);
  expect(freezes.map(({ state, endedAs, approvedBy }) => [state, endedAs, approvedBy]).sort()).toEqual([
    ['active', null, 'STAFF-FINANCE'],
    ['ended', 'replaced', null],
  ]);
  const signed = await rig.server.database.sql`select staff_id from cases.signatures where subject_id = ${proposed.freezeId} order by 1`;
  expect(signed.map(({ staff_id: id }) => id)).toEqual(['STAFF-FINANCE', 'STAFF-MARKET']);
  const tooLong = await market.freezeInput({ caseId, scope: 'item', targetId: item(2), until: inHours(89 * 24 + 1) });
  await refuses(market.api.case.freeze.mutate(tooLong), 'freeze_term');
  const past = await market.freezeInput({ caseId, scope: 'item', targetId: item(3), until: inHours(0) });
  await refuses(market.api.case.freeze.mutate(past), 'freeze_term');
});

test('kinds and accounts are frozen on the ledger; a payout stays at the institution, and nothing is withdrawn', async () => {
  const caseId = await newCase('laundering');
  const kind = await market.freezeInput({ caseId, scope: 'class', targetId: world.sword.classId, until: inHours(1) });
  const { freezeId } = await market.api.case.freeze.mutate(kind);
  expect((await refusalOf(listingOf(item(4)))).code).toBe('class_frozen');
  await market.api.case.lift.mutate(await market.liftInput(freezeId, 'class', world.sword.classId));
  // The ledger's time may stand a moment ahead of the clock.
  await rig.settled();
  await listingOf(item(4));

  const account = await market.freezeInput({ caseId, scope: 'account', targetId: rig.amy.acct, until: inHours(1) });
  const set = await market.api.case.freeze.mutate(account);
  expect(await world.place(rig.amy, world.input(rig.amy, await listingOf(item(4))))).toBe('account_frozen');
  await market.api.case.lift.mutate(await market.liftInput(set.freezeId, 'account', rig.amy.acct));

  const payout = await market.freezeInput({ caseId, scope: 'payout', targetId: rig.bob.acct, until: inHours(1) });
  await market.api.case.freeze.mutate(payout);
  await rig.bob.client.signIn();
  const withdraw = () => rig.bob.client.withdraw({ referenceId: market.newActId(), amountFen: '1000' });
  expect((await refusalOf(withdraw())).code).toBe('withdrawal_on_hold');
  // Of a laundering case the person sees the restriction and nothing else.
  expect(await rig.bob.client.api.restriction.list.query()).toMatchObject([{ scope: 'payout', reasonCode: 'authority', reason: null }]);
  rig.server.clock.advance(HOUR);
  await withdraw();
  await market.signIn();
  await rig.server.services.cases.turn();
});

test('the restricted person objects once and is answered by somebody who had no part in it; granting lifts', async () => {
  const caseId = await newCase();
  const input = await market.freezeInput({ caseId, scope: 'item', targetId: item(5), until: inHours(40) });
  const { freezeId } = await market.api.case.freeze.mutate(input);
  await Promise.all([rig.amy.client.signIn(), rig.bob.client.signIn()]);
  const appeal = { freezeId, text: 'I bought this item in good faith.' };
  await refuses(rig.bob.client.api.restriction.appeal.mutate(appeal), 'not_restricted');
  const { appealId } = await rig.amy.client.api.restriction.appeal.mutate(appeal);
  await refuses(rig.amy.client.api.restriction.appeal.mutate(appeal), 'appeal_made');
  const mine = await rig.amy.client.api.restriction.list.query();
  expect(mine.find((each) => each.freezeId === freezeId)).toMatchObject({
    canAppeal: false,
    appeal: { state: 'open', dueAt: inHours(15 * 24) },
  });
  expect(await market.api.case.list.query({})).toMatchObject({ appeals: 1 });

  const answer = async (official: Official, isGranted: boolean) => {
    const decision = { actId: official.newActId(), appealId, isGranted, reason: 'The papers of the purchase were seen.' };
    const lift = { actId: decision.actId, freezeId, reason: decision.reason };
    const target = ledgerTarget(await official.api.case.target.query({ scope: 'item', targetId: item(5) }));
    return official.api.case.answerAppeal.mutate({
      ...decision,
      signature: official.sign(appealDocument(decision)),
      liftSignature: isGranted ? official.sign(liftDocument(lift)) : null,
      signedTx: isGranted ? await official.ledgerTx(unfreezeOp('item', target, documentHash(liftDocument(lift)))) : null,
    });
  };
  await refuses(answer(market, true), 'other_official_needed');
  expect(await answer(finance, true)).toEqual({ isDone: true });
  await refuses(answer(tax, true), 'appeal_answered');
  expect(await rig.amy.client.api.restriction.list.query()).toContainEqual(
    expect.objectContaining({ isInForce: false, appeal: expect.objectContaining({ state: 'granted' }) }),
  );
  await rig.settled();
  await listingOf(item(5));
  await refuses(
    finance.api.case.answerAppeal.mutate({
      ...{ actId: finance.newActId(), appealId: `apl_${'0'.repeat(32)}`, isGranted: false, reason: 'There is nothing to it.' },
      ...{ signature: '0'.repeat(128), liftSignature: null, signedTx: null },
    }),
    'appeal_unknown',
  );
});

test('the items of a disputed payment are frozen with one press: their holders are told and may object, and it ends by its clock', async () => {
  const { sql } = rig.server.database;
  const [first = '', second = ''] = await rig.mint(world.sword, rig.amy, 2);
  // What is planted has no books behind it: a comparison of them, which comes by its own clock, would let Amy's items stand still.
  Object.assign(rig.server.services.market, { followBooks: async () => undefined });
  // Somebody bought both with a payment that is disputed now, and they went on to Amy.
  await plantOrders(sql, world.sword.classId);
  const start = rig.server.clock.now() - 2 * HOUR;
  const sale = (no: number, at: number, seller: number | string, buyer: number | string) => ({
    ...{ no, at, classId: world.sword.classId, itemId: first, priceFen: 20_000 },
    seller: typeof seller === 'number' ? acctOfNo(seller) : seller,
    buyer: typeof buyer === 'number' ? acctOfNo(buyer) : buyer,
  });
  await plantTrades(sql, [sale(701, start, 901, 902), sale(702, start + HOUR, 902, rig.amy.acct)]);
  for (const [no, tradeNo] of [
    [1_701, 701],
    [1_702, 702],
  ] as const) {
    await sql`insert into market.trade_items (trade_id, item_id, ledger_serial, ver) values (${tradeIdOfNo(tradeNo)}, ${second}, ${no}, 1)`;
  }
  const body = { caseId: 'clm_planted', kind: 'claim_opened', from: null, to: 'open', claimKind: 'payment_disputed' };
  const at = instant(rig.server.clock.now());
  const claim = { ...body, tradeId: tradeIdOfNo(701), claimantRef: acctOfNo(901) };
  await sql.begin((tx) => appendOutbox(tx, [{ room: 'sup:market', type: 'case.state', at, body: claim }]));
  const alertOf = async () => (await market.api.alert.list.query({ detector: 'CN-SV-12' })).alerts[0];
  await vi.waitUntil(async () => (await alertOf()) !== undefined, { timeout: 20_000, interval: 100 });
  const { alertId = '' } = (await alertOf()) ?? {};
  const chainOf = async () => (await market.api.alert.get.query({ alertId })).chain ?? [];
  const holder = { holderRef: rig.amy.acct, hops: 1, isListed: false };
  expect(await chainOf()).toMatchObject([first, second].map((itemId) => ({ itemId, ...holder, frozenUntil: null })));

  // What the press does: a case of the alert, and a freeze an item, each signed.
  const { caseId } = await market.api.alert.act.mutate({ alertId, act: 'open_case', reason: 'The payment behind it is disputed.' });
  const until = inHours(47.9);
  const freezes: string[] = [];
  for (const { itemId } of await chainOf()) {
    const order = { caseId: caseId ?? '', scope: 'item', targetId: itemId, until, reasonCode: 'disputed_trade' } as const;
    const { freezeId, state } = await market.api.case.freeze.mutate(await market.freezeInput(order));
    expect(state).toBe('active');
    freezes.push(freezeId);
  }
  expect(await chainOf()).toMatchObject([first, second].map((itemId) => ({ itemId, frozenUntil: until })));
  await rig.settled();
  for (const itemId of [first, second]) expect((await refusalOf(listingOf(itemId))).code).toBe('item_frozen');

  const { entries } = await rig.amy.client.api.inbox.list.query({ family: 'case', before: null, isUnreadOnly: true });
  const told = [first, second].map((itemId) => ({ code: 'freeze_set', link: `/i/${itemId}`, dueAt: until, isRead: false }));
  expect(entries.slice(0, 2).toReversed()).toMatchObject(told);
  const restrictions = (await rig.amy.client.api.restriction.list.query()).filter(({ freezeId }) => freezes.includes(freezeId));
  expect(restrictions).toMatchObject(freezes.map(() => ({ reasonCode: 'disputed_trade', isInForce: true, canAppeal: true, until })));
  const appeal = { freezeId: freezes[0] ?? '', text: 'I bought this item in good faith.' };
  expect(await rig.amy.client.api.restriction.appeal.mutate(appeal)).toEqual({ appealId: expect.stringMatching(/^apl_/) });

  rig.server.clock.set(until);
  await Promise.all([market.signIn(), rig.amy.client.signIn()]);
  await rig.server.services.cases.turn();
  expect(await chainOf()).toMatchObject([first, second].map((itemId) => ({ itemId, frozenUntil: null })));
  expect((await viewOf(caseId ?? '')).freezes.map(({ state, endedAs }) => [state, endedAs])).toEqual([
    ['ended', 'over'],
    ['ended', 'over'],
  ]);
  for (const itemId of [first, second]) await listingOf(itemId);
  // No trade of the chain was reversed.
  expect(await sql`select trade_id from market.trades where state = 'reversed'`).toEqual([]);
  const after = await rig.amy.client.api.inbox.list.query({ family: 'case', before: null, isUnreadOnly: true });
  expect(after.entries.filter(({ code }) => code === 'freeze_lifted').length).toBeGreaterThanOrEqual(2);
});

test('what is signed is what is done: another key, another document, another LedgerTx, another use of the same act', async () => {
  const caseId = await newCase();
  const input = await market.freezeInput({ caseId, scope: 'item', targetId: item(6), until: inHours(2) });
  const { api } = market;
  // What earlier cases paid in is on its way until the clock of the market has turned.
  await rig.server.services.market.turnClocks();
  await rig.unchanged(async () => {
    await refuses(api.case.freeze.mutate({ ...input, signature: finance.sign(freezeDocument(input)) }), 'sig_invalid');
    await refuses(api.case.freeze.mutate({ ...input, reason: 'Another reason than was signed.' }), 'sig_invalid');
    await refuses(api.case.freeze.mutate({ ...input, signedTx: null }), 'ledger_tx_mismatch');
    const other = await market.freezeInput({ caseId, scope: 'item', targetId: item(7), until: inHours(2) });
    await refuses(api.case.freeze.mutate({ ...input, signedTx: other.signedTx }), 'ledger_tx_mismatch');
    await refuses(api.case.freeze.mutate({ ...input, signedTx: '00' }), 'ledger_tx_mismatch');
    await refuses(api.case.freeze.mutate({ ...input, targetId: `itm_${'0'.repeat(32)}` }), 'target_unknown');
    await refuses(api.case.freeze.mutate({ ...input, caseId: `cas_${'0'.repeat(32)}` }), 'case_unknown');
    await refuses(api.case.lift.mutate(await market.liftInput(`frz_${'0'.repeat(32)}`, 'item', item(6))), 'freeze_unknown');
  });
  await api.case.freeze.mutate(input);
  await refuses(api.case.freeze.mutate({ ...input, targetId: item(7) }), 'act_reused');
  await refuses(
    api.case.step.mutate({ caseId, step: { act: 'closed', outcome: 'no_breach', text: 'Nothing was found.' } }),
    'case_open_acts',
  );
  await api.case.lift.mutate(await market.liftInput(`frz_${input.actId}`, 'item', item(6)));
  // The ledger says why it refuses: this item is not frozen any more.
  await refuses(api.case.lift.mutate(await market.liftInput(`frz_${input.actId}`, 'item', item(6))), 'freeze_state');
  await api.case.step.mutate({ caseId, step: { act: 'closed', outcome: 'no_breach', text: 'Nothing was found.' } });
  await refuses(api.case.step.mutate({ caseId, step: { act: 'note', text: 'one more' } }), 'case_closed');
});

test('a freeze of the court stands above; the ledger’s refusal is passed on and nothing stays behind', async () => {
  const caseId = await newCase();
  const { ledger, market: exchange } = rig.server.services;
  const { serial } = await rig.itemOf(item(7));
  const until = BigInt(rig.server.clock.now() + 200 * DAY);
  const op = freezeOp('item', { kind: 'item', serial }, until, new Uint8Array(32));
  await exchange.sequence(ledger.demo?.court.batchSign([rig.body(op)]) ?? []);
  const input = await market.freezeInput({ caseId, scope: 'item', targetId: item(7), until: inHours(2) });
  await rig.unchanged(() => refuses(market.api.case.freeze.mutate(input), 'freeze_rank'));
  const foreign = await market.freezeInput({ caseId, scope: 'item', targetId: item(6), until: inHours(2) });
  const env = rig.sign(
    rig.amy,
    freezeOp(
      'item',
      { kind: 'item', serial: (await rig.itemOf(item(6))).serial },
      BigInt(Date.parse(foreign.until)),
      documentHash(freezeDocument(foreign)),
    ),
  );
  const { encodeTxEnv } = await import('#ledger/codec/tx.ts');
  const signedTx = Buffer.from(encodeTxEnv(env)).toString('hex');
  await rig.unchanged(() => refuses(market.api.case.freeze.mutate({ ...foreign, signedTx }), 'ledger_refused'));
  expect((await viewOf(caseId)).freezes).toEqual([]);
});

test('evidence stands in the timeline; referring is signed by the official, stated on the ledger, and done once', async () => {
  const caseId = await newCase();
  await market.api.case.step.mutate({ caseId, step: { act: 'evidence', subjectId: item(0), text: 'Bought twice in an hour.' } });
  const order = { actId: market.newActId(), caseId, authority: 'public_security', reason: 'More than this office may decide.' } as const;
  const document = referDocument(order);
  const signedTx = await market.ledgerTx(referOp(documentHash(document)));
  const signature = market.sign(document);
  await refuses(market.api.case.refer.mutate({ ...order, signature: finance.sign(document), signedTx }), 'sig_invalid');
  await refuses(market.api.case.refer.mutate({ ...order, signature, signedTx: null }), 'ledger_tx_mismatch');
  expect(await viewOf(caseId)).toMatchObject({ state: 'open' });
  await market.api.case.refer.mutate({ ...order, signature, signedTx });
  await market.api.case.refer.mutate({ ...order, signature, signedTx });
  await refuses(market.api.case.refer.mutate({ ...order, authority: 'court', signature, signedTx }), 'act_reused');
  const { state, events } = await viewOf(caseId);
  expect([state, events.map(({ act }) => act).slice(-2)]).toEqual(['referred', ['evidence', 'referred']]);
  expect(events.at(-1)?.body).toMatchObject({ authority: 'public_security', txId: expect.stringMatching(/^[0-9a-f]{64}$/) });
});

test('a question is signed and on the ledger, seen without its case, answered with a file, shown overdue; about laundering only the operator is asked', async () => {
  const caseId = await newCase();
  const { api } = market;
  const signed = async (wish: Partial<InquiryOrder>) => {
    const order: InquiryOrder = {
      ...{ actId: market.newActId(), caseId, party: 'player', partyId: rig.amy.acct, reasonCode: 'market_abuse' },
      ...{ question: 'How did you come to buy this item twice?', dueAt: inHours(72), ...wish },
    };
    const document = inquiryDocument(order);
    return { ...order, signature: market.sign(document), signedTx: await market.ledgerTx(inquiryOp(documentHash(document))) };
  };
  const secret = await newCase('laundering');
  const [toStudio] = await rig.server.database.sql<{ acct: string }[]>`select acct from studio.studios limit 1`;
  const input = await signed({});
  await rig.unchanged(async () => {
    await refuses(api.inquiry.ask.mutate(await signed({ caseId: secret })), 'inquiry_tells');
    await refuses(api.inquiry.ask.mutate(await signed({ reasonCode: 'laundering' })), 'inquiry_tells');
    const studio = await signed({ caseId: secret, party: 'studio', partyId: toStudio?.acct ?? '' });
    await refuses(api.inquiry.ask.mutate(studio), 'inquiry_tells');
    await refuses(api.inquiry.ask.mutate(await signed({ dueAt: inHours(0) })), 'inquiry_due');
    await refuses(api.inquiry.ask.mutate(await signed({ dueAt: inHours(90 * 24 + 1) })), 'inquiry_due');
    await refuses(api.inquiry.ask.mutate(await signed({ partyId: '0'.repeat(64) })), 'inquiry_party_unknown');
    await refuses(api.inquiry.ask.mutate({ ...input, question: 'Something else than was signed?' }), 'sig_invalid');
    await refuses(api.inquiry.ask.mutate({ ...input, signedTx: null }), 'ledger_tx_mismatch');
  });
  const { inquiryId } = await api.inquiry.ask.mutate(input);
  expect(await api.inquiry.ask.mutate(input)).toEqual({ inquiryId });
  await refuses(api.inquiry.ask.mutate({ ...input, question: 'Another question under one act?' }), 'act_reused');
  expect(await messages(`player:${rig.amy.acct}`, 'notice')).toContainEqual(
    expect.objectContaining({ code: 'information_asked', inquiryId, link: '/portfolio#inquiries' }),
  );

  const amy = rig.amy.client.api.inquiry;
  const bob = rig.bob.client.api.inquiry;
  const [asked] = await amy.mine.query({ as: 'player' });
  expect(asked).toMatchObject({ inquiryId, question: input.question, state: 'open', isOverdue: false, dueAt: input.dueAt });
  expect(JSON.stringify(asked)).not.toContain(caseId);
  expect(await bob.mine.query({ as: 'player' })).toEqual([]);
  await refuses(bob.mine.query({ as: 'operator' }), 'inquiry_unknown');

  // What was asked for is given once, by an order with its own date that is later than the one before.
  const extension = async (wish: Partial<InquiryExtension> = {}) => {
    const order = { actId: market.newActId(), inquiryId, dueAt: inHours(7 * 24), ...wish };
    const document = inquiryExtensionDocument(order);
    return { ...order, signature: market.sign(document), signedTx: await market.ledgerTx(inquiryOp(documentHash(document))) };
  };
  await rig.unchanged(async () => refuses(market.api.inquiry.extend.mutate(await extension()), 'inquiry_not_extendable'));

  const said = {
    as: 'player',
    actId: market.newActId(),
    inquiryId,
    kind: 'more_time',
    text: 'I am on a journey until Friday.',
    files: [],
  } as const;
  await refuses(bob.reply.mutate({ ...said, files: [] }), 'inquiry_unknown');
  await amy.reply.mutate({ ...said, files: [] });
  await refuses(amy.reply.mutate({ ...said, files: [] }), 'inquiry_replied');
  rig.server.clock.advance(73 * HOUR);
  await rig.settled(); // what fell due in three days has happened
  await Promise.all([market.signIn(), finance.signIn(), rig.amy.client.signIn(), rig.bob.client.signIn()]);
  expect(await rig.amy.client.api.inquiry.mine.query({ as: 'player' })).toMatchObject([{ state: 'open', isOverdue: true }]);
  const longer = await extension();
  await rig.unchanged(async () => {
    await refuses(market.api.inquiry.extend.mutate(await extension({ dueAt: input.dueAt })), 'inquiry_due');
    await refuses(market.api.inquiry.extend.mutate(await extension({ inquiryId: `inq_${'0'.repeat(32)}` })), 'inquiry_unknown');
    await refuses(market.api.inquiry.extend.mutate({ ...longer, dueAt: inHours(8 * 24) }), 'sig_invalid');
    await refuses(market.api.inquiry.extend.mutate({ ...longer, signedTx: null }), 'ledger_tx_mismatch');
  });
  expect(await market.api.inquiry.extend.mutate(longer)).toEqual({ isDone: true });
  expect(await market.api.inquiry.extend.mutate(longer)).toEqual({ isDone: true });
  await refuses(market.api.inquiry.extend.mutate(await extension({ dueAt: inHours(9 * 24) })), 'inquiry_not_extendable');
  expect(await rig.amy.client.api.inquiry.mine.query({ as: 'player' })).toMatchObject([
    { state: 'open', isOverdue: false, dueAt: longer.dueAt, extension: { firstDueAt: input.dueAt } },
  ]);
  expect((await viewOf(caseId)).events.at(-1)).toMatchObject({ act: 'extended', body: { inquiryId, dueAt: longer.dueAt } });
  expect(await messages(`player:${rig.amy.acct}`, 'notice')).toContainEqual(
    expect.objectContaining({ code: 'information_extended', inquiryId, dueAt: longer.dueAt }),
  );
  expect(await market.api.inquiry.studios.query()).toContainEqual({ acct: toStudio?.acct, names: expect.anything() });
  // Whoever has answered after all is given no more time.
  const other = await market.api.inquiry.ask.mutate(await signed({ question: 'And who sold it to you?' }));
  const inOther = { ...said, inquiryId: other.inquiryId, files: [] };
  await rig.amy.client.api.inquiry.reply.mutate({ ...inOther, actId: market.newActId() });
  await rig.amy.client.api.inquiry.reply.mutate({ ...inOther, actId: market.newActId(), kind: 'answered' });
  const late = await extension({ inquiryId: other.inquiryId, dueAt: inHours(14 * 24) });
  await rig.unchanged(async () => refuses(market.api.inquiry.extend.mutate(late), 'inquiry_not_extendable'));
  const bill = utf8('two bills');
  const answer = { ...said, actId: market.newActId(), kind: 'answered', text: 'It was returned to me in between; see the bill.' } as const;
  const file = { name: 'bill.txt', mime: 'text/plain', base64: Buffer.from(bill).toString('base64') };
  expect((await refusalOf(rig.amy.client.api.inquiry.reply.mutate({ ...answer, files: [{ ...file, mime: 'text/html' }] }))).code).toBe(
    'claim_files',
  );
  await rig.amy.client.api.inquiry.reply.mutate({ ...answer, files: [file] });
  const { as: _, ...content } = answer;
  const docHash = toHex(documentHash(inquiryAnswerDocument({ ...content, files: [toHex(sm3(bill))] })));
  const read = (await finance.api.inquiry.ofCase.query({ caseId })).find((each) => each.inquiryId === inquiryId);
  expect(read).toMatchObject({ state: 'answered', replies: [{ kind: 'more_time' }, { kind: 'answered', text: answer.text, docHash }] });
  expect((await viewOf(caseId)).events.at(-1)).toMatchObject({ act: 'replied', body: { reply: 'answered', docHash, party: 'player' } });
  const wanted = { inquiryId, sm3: toHex(sm3(bill)) };
  expect(fromBase64((await finance.api.inquiry.file.query({ ...wanted, as: 'case' })).base64)).toEqual(bill);
  await refuses(rig.bob.client.api.inquiry.file.query({ ...wanted, as: 'player' }), 'inquiry_unknown');
  await rig.settled();
  const [onLedger] = await rig.server.database
    .sql`select status from ledger.ledger_txs where encode(tx_id, 'hex') = ${read?.replies[1]?.txId ?? ''}`;
  expect(onLedger).toEqual({ status: 'certified' });

  const desk = await openOfficial(rig.server, 'staff-operator');
  const inSecret = { caseId: secret, party: 'operator', partyId: 'operator', reasonCode: 'laundering' } as const;
  const toDesk = await market.api.inquiry.ask.mutate(await signed(inSecret));
  expect(await desk.api.inquiry.mine.query({ as: 'operator' })).toMatchObject([{ inquiryId: toDesk.inquiryId, state: 'open' }]);
  expect((await refusalOf(desk.api.inquiry.ofCase.query({ caseId: secret }))).code).toBe('role_missing');
  await market.api.case.step.mutate({ caseId: secret, step: { act: 'closed', outcome: 'no_breach', text: 'Nothing was found.' } });
  await refuses(
    desk.api.inquiry.reply.mutate({ ...said, as: 'operator', inquiryId: toDesk.inquiryId, kind: 'objected', files: [] }),
    'inquiry_over',
  );
});

test('roles: another office sees the case once it is shared, an auditor and a player never', async () => {
  const { caseId } = await market.api.case.open.mutate({ topic: 'abuse', title: 'Not yet shared', ground: 'Rulebook CN-SV-04' });
  await refuses(finance.api.case.get.query({ caseId }), 'case_unknown');
  await market.api.case.step.mutate({ caseId, step: { act: 'shared', audience: 'finance' } });
  expect(await finance.api.case.get.query({ caseId })).toMatchObject({
    title: 'Not yet shared',
    number: expect.stringMatching(/^C-2026-\d{6}$/),
  });
  expect((await refusalOf(rig.amy.client.api.case.list.query({}))).code).toBe('staff_sign_in_required');
  const operator = await openOfficial(rig.server, 'staff-operator');
  expect((await refusalOf(operator.api.case.list.query({}))).code).toBe('role_missing');
});

test('a party puts a package before the notary, who verifies those very bytes and countersigns once: on the ledger, shown to the party', async () => {
  const { api } = rig.amy.client;
  const { ledger, evidence } = rig.server.services;
  const notary = await openOfficial(rig.server, 'staff-notary');
  const packageOf = async (itemId: string) => {
    const { chain, challenge, issuedAt } = await api.session.challenge.mutate();
    const document = { chain, acct: rig.amy.acct, challenge, issuedAt, subject: itemId, caseRef: 'Case 7' };
    const signature = toHex(ledger.sm2.sign(rig.amy.privateKey, concat(utf8('daoju.evidence/1\n'), canonicalBytes(document))));
    return api.evidence.export.mutate({ subject: { kind: 'item', id: itemId }, caseRef: 'Case 7', challenge, issuedAt, signature });
  };
  const [first, second] = [await packageOf(item(5)), await packageOf(item(6))];
  await evidence.turn();
  await refuses(api.evidence.askNotary.mutate({ exportId: `evd_${'0'.repeat(32)}` }), 'countersign_unknown');
  for (const { exportId } of [first, second, first])
    expect(await api.evidence.askNotary.mutate({ exportId })).toMatchObject({
      state: 'built',
      countersign: { state: 'asked', txId: null },
    });
  await refuses(rig.bob.client.api.evidence.askNotary.mutate({ exportId: first.exportId }), 'countersign_unknown');
  expect((await refusalOf(market.api.notary.list.query())).code).toBe('role_missing');
  expect((await refusalOf(market.api.notary.file.query({ exportId: first.exportId }))).code).toBe('role_missing');
  await refuses(notary.api.notary.file.query({ exportId: `evd_${'0'.repeat(32)}` }), 'countersign_unknown');

  const { requests } = await notary.api.notary.list.query();
  expect(new Set(requests.map(({ exportId, state }) => `${exportId} ${state}`))).toEqual(
    new Set([first, second].map(({ exportId }) => `${exportId} asked`)),
  );
  const sm3Of = (exportId: string) => requests.find((each) => each.exportId === exportId)?.packageSm3 ?? '';
  const zip = fromBase64((await notary.api.notary.file.query({ exportId: first.exportId })).file);
  const options = { chain: ledger.chain, sm2: ledger.sm2, now: rig.server.clock.now() };
  expect(verifyEvidence(unzipPackage(zip), options).outcome).toBe('proven');
  const order = {
    actId: notary.newActId(),
    exportId: first.exportId,
    packageSm3: toHex(sm3(zip)),
    subject: `item ${item(5)}`,
    note: 'Read at the counter.',
  };
  const signed = async (wish = order, personal = wish) => {
    const signedTx = await notary.ledgerTx(countersignOp(documentHash(countersignDocument(wish))));
    return { ...wish, signature: notary.sign(countersignDocument(personal)), signedTx };
  };
  const sign = notary.api.notary.sign.mutate;
  await refuses(sign(await signed({ ...order, packageSm3: '0'.repeat(64) })), 'countersign_mismatch');
  await refuses(sign(await signed({ ...order, subject: `item ${item(6)}` })), 'countersign_mismatch');
  await refuses(sign(await signed(order, { ...order, note: 'Something else.' })), 'sig_invalid');
  await refuses(sign({ ...(await signed()), signedTx: (await signed({ ...order, note: '' })).signedTx }), 'ledger_tx_mismatch');
  const { txId } = await sign(await signed());
  await refuses(sign(await signed()), 'countersign_decided');
  await rig.settled();
  const status = await ledger.status(fromHex(txId, 32));
  const entry = status?.index == null ? null : await ledger.entry(status.index);
  expect(entry?.entry.env.body.op).toMatchObject({ kind: 'attest', attestKind: 4, doc: documentHash(countersignDocument(order)) });
  expect(entry?.entry.env.sigs.map(({ acct }) => toHex(acct))).toEqual([(await notary.api.notary.signer.query()).acct]);

  const refusal = {
    actId: notary.newActId(),
    exportId: second.exportId,
    packageSm3: sm3Of(second.exportId),
    reason: 'Not in our district.',
  };
  await notary.api.notary.decline.mutate({ ...refusal, signature: notary.sign(declineDocument(refusal)) });
  const [signedView, declinedView] = await Promise.all([first, second].map(({ exportId }) => api.evidence.get.query({ exportId })));
  expect(signedView?.countersign).toMatchObject({ state: 'signed', txId, document: { note: order.note, packageSm3: order.packageSm3 } });
  expect(declinedView?.countersign).toMatchObject({ state: 'declined', txId: null, document: { reason: refusal.reason } });
  const told = await messages(`player:${rig.amy.acct}`, 'notice');
  expect(told.flatMap((body) => ('code' in body ? [body.code] : []))).toEqual(
    expect.arrayContaining(['evidence_countersigned', 'evidence_declined']),
  );
  await expect(rig.server.database.sql`update evidence.countersigns set state = 'declined', tx_id = null`).rejects.toThrow(/has spoken/);
});

test('every code of this door was reached, or says why nobody outside can', () => {
  const unreachable: Partial<Record<CaseCode, string>> = {
    supervisor_key_elsewhere: 'only off a demonstration chain, which a test server is',
    halt_unknown: 'test/integration/halts.test.ts',
    halt_state: 'test/integration/halts.test.ts',
    return_unknown: 'test/integration/claims.test.ts, with the other codes of giving an item back',
    return_done: 'test/integration/claims.test.ts',
    return_not_sold: 'test/integration/claims.test.ts',
    return_trade_open: 'test/integration/claims.test.ts',
    return_not_held: 'test/integration/claims.test.ts',
    return_in_trade: 'a listing that a payment is on its way for, in the quarter of an hour that it has',
    judgement_item_unknown: 'test/integration/claims.test.ts, with the other codes of a judgement',
    judgement_party_unknown: 'test/integration/claims.test.ts',
    judgement_done: 'test/integration/claims.test.ts',
    judgement_refused: 'test/integration/claims.test.ts',
    freeze_of_claim: 'test/integration/claims.test.ts, where a dispute holds an item',
  };
  const missing = Object.keys(CASE_REFUSALS).filter((code) => !reached.has(code) && !Object.hasOwn(unreachable, code));
  expect(missing).toEqual([]);
});
