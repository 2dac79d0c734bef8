/** Disputes over HTTP (product P-32): claim, answer, decision, appeal, reversal under two signatures; every clock that ends by itself; and every
 *  refusal of this door. After each of them the books agree. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { decodeTxEnv, encodeTxEnv } from '#ledger/codec/tx.ts';
import { concat, fromHex, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { parseTradeId } from '#ledger/primitives/ids.ts';
import { claimAttest, claimDocument } from '#sandbox/cases/claim-order.ts';
import { PACK_CN_2026_1 as CN } from '#sandbox/packs/cn/pack-2026-1.ts';
import { draftFromChanges } from '#sandbox/packs/compare-packs.ts';
import { packHash } from '#sandbox/packs/pack.ts';
import { parsePack } from '#sandbox/packs/parse-pack.ts';
import { CLAIM_REFUSALS, type ClaimCode } from '#server/claims/claim-codes.ts';
import { DESK_REFUSALS } from '#server/desk/desk-codes.ts';
import { simulatedRealNameProvider } from '#server/identity/real-name-provider.ts';
import { putInForce } from '#test/support/put-in-force.ts';
import { refusalOf } from '#test/support/server.ts';
import { deskActs } from './claims/desk-acts.ts';
import { takeovers } from './claims/takeover.ts';
import {
  answer,
  appeal,
  booksAgree,
  DAY,
  decide,
  desk,
  FILE,
  FILE_SM3,
  finance,
  HOUR,
  market,
  moneyOf,
  nextItem,
  open,
  openWorld,
  ownerOf,
  proof,
  REASON,
  reached,
  refuses,
  review,
  rig,
  sell,
  sideOf,
  signIn,
  tradeOf,
  viewOf,
  wait,
  world,
} from './claims/world.ts';

beforeAll(openWorld);
afterAll(() => rig.server.stop());

test('a claim is answered, upheld, and reversed under two signatures: item, money and tax go back, and the file is complete', async () => {
  const [seller, buyer] = [await moneyOf(rig.amy), await moneyOf(rig.bob)];
  const { tradeId, itemId } = await sell();
  const early = await sell(false);
  await refuses(open(rig.bob, early.tradeId), 'claim_too_early');
  await rig.settled();
  const claimId = await open(rig.bob, tradeId, 'deceived', { files: [FILE] });
  expect(await tradeOf(rig.amy, tradeId)).toMatchObject({ state: 'disputed' });
  // Of which trade and of what kind: the detectors of CN-SV-12 and CN-SV-17 read it there.
  const told = (await rig.server.services.outbox.list('sup:market', 0, 2_000)).filter(({ type }) => type === 'case.state').at(-1);
  expect(told?.body).toMatchObject({ kind: 'claim_opened', tradeId, claimKind: 'deceived', claimantRef: rig.bob.acct });
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

deskActs();

takeovers();
test('a pack with another clock binds what begins from then on; what runs keeps the end that it was given', async () => {
  const [before, after] = [await sell(), await sell()];
  const dueIn = async (claimId: string) => {
    const { steps, dueAt } = await sideOf(rig.bob, claimId);
    return (Date.parse(dueAt ?? '') - Date.parse(steps[0]?.at ?? '')) / HOUR;
  };
  const old = await open(rig.bob, before.tradeId);
  const pack = parsePack(draftFromChanges(CN, packHash(CN), '2026.2', { 'const.claimAnswerHours': '24', 'const.sellerCheckMonths': '1' }));
  await putInForce(rig.server.services, pack);
  const young = await open(rig.bob, after.tradeId);
  expect([await dueIn(old), await dueIn(young)]).toEqual([48, 24]);
  await wait(24 * HOUR + 1);
  expect([(await sideOf(rig.bob, old)).state, (await sideOf(rig.bob, young)).state]).toEqual(['open', 'deciding']);
  const shown = await rig.bob.client.api.rules.get.query();
  const figures = shown.parameters.flatMap(({ name, value }) => (name === 'claimAnswerHours' || name === 'retentionYears' ? [value] : []));
  expect(figures).toEqual(['24', '10']);
});

test('who sells is verified again by the pack’s term: reminded, stopped from selling when it is late, free with the check', async () => {
  const { sql } = rig.server.database;
  const notices = async (acct: string) =>
    (
      await sql`select body::json->>'code' as code from outbox.messages where room = ${`player:${acct}`} and type = 'notice'
        and body::json->>'code' like 'identity_check%' order by seq`
    ).map(({ code }) => code);
  const check = async (change = (signature: string) => signature) => {
    const { chain, challenge, issuedAt } = await rig.amy.client.api.session.challenge.mutate();
    const facts = canonicalBytes({ chain, acct: rig.amy.acct, challenge, issuedAt });
    const signature = toHex(rig.server.services.ledger.sm2.sign(rig.amy.privateKey, concat(utf8('daoju.seller-check/1\n'), facts)));
    return rig.amy.client.api.account.checkSeller.mutate({ proof: { challenge, issuedAt, signature: change(signature) } });
  };
  await wait(61_000);
  const open = await rig.amy.client.api.account.sellerCheck.query();
  expect(open).toMatchObject({ months: 1, provider: 'simulated', isOverdue: false });
  const left = Date.parse(open.dueAt ?? '') - rig.server.clock.now();
  expect(left).toBeGreaterThan(6 * DAY);
  // A month has not passed without a sale of hers, and nobody who has sold nothing is reminded.
  const stranger = await rig.actor('zhou-ning');
  expect([await notices(rig.amy.acct), await notices(stranger.acct)]).toEqual([['identity_check_due'], []]);
  await sell();
  await wait(left);
  expect(await notices(rig.amy.acct)).toEqual(['identity_check_due', 'identity_check_overdue']);
  const late = nextItem();
  await expect(world.list(late)).rejects.toThrow('sale_on_hold');
  const me = await rig.amy.client.api.account.me.query();
  expect(me?.holds.map(({ code }) => code)).toContain('identity_check_sale');
  expect(await refusalOf(check((signature) => signature.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))))).toMatchObject({
    code: 'sig_invalid',
  });
  // The provider says no, or nothing: no check is done, nobody is screened by it, the hold stays, and asking again is open.
  const facts =
    () => sql`select (select count(*)::int from identity.seller_checks where acct = ${rig.amy.acct} and checked_at is not null) as done,
    (select count(*)::int from identity.screenings where acct = ${rig.amy.acct}) as screened,
    (select count(*)::int from identity.risk_holds where acct = ${rig.amy.acct}) as holds`;
  const before = await facts();
  const asked = { verify: vi.spyOn(simulatedRealNameProvider, 'verify'), screen: vi.spyOn(simulatedRealNameProvider, 'screen') };
  for (const [question, answer, code] of [
    ['verify', 'mismatch', 'real_name_mismatch'],
    ['verify', 'unavailable', 'real_name_unavailable'],
    ['screen', 'unavailable', 'real_name_unavailable'],
  ] as const) {
    if (question === 'verify') asked.verify.mockResolvedValueOnce(answer);
    else asked.screen.mockResolvedValueOnce(answer);
    expect(await refusalOf(check())).toMatchObject({ code });
    expect(await facts()).toEqual(before);
    await expect(world.list(late)).rejects.toThrow('sale_on_hold');
  }
  expect((await check()).holds.map(({ code }) => code)).not.toContain('identity_check_sale');
  expect(await refusalOf(check())).toMatchObject({ code: 'seller_check_not_due' });
  await world.list(late);
  expect(await rig.amy.client.api.account.sellerCheck.query()).toMatchObject({ dueAt: null, isOverdue: false });
  await wait(61_000);
  expect((await notices(rig.amy.acct)).length).toBe(2);
});

test('every code of this door was reached, or says why nobody outside can', () => {
  const unreachable: Partial<Record<ClaimCode, string>> = { claim_appeal_late: 'the clock closes the window in the same second' };
  expect(
    Object.keys({ ...CLAIM_REFUSALS, ...DESK_REFUSALS }).filter((code) => !reached.has(code) && !Object.hasOwn(unreachable, code)),
  ).toEqual([]);
});
