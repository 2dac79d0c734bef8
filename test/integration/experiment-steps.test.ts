/** An experiment from declaration to exit over HTTP with the clock moved (product V-20 to V-22): each refusal clear and without effect, each
 *  step an entry on the ledger; and what a trigger and a halt do to orders that rest. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { canonicalText } from '#ledger/codec/canonical-json.ts';
import { RECORD } from '#ledger/codec/leaves.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import { fromHex, utf8 } from '#ledger/primitives/bytes.ts';
import { fen } from '#ledger/primitives/fen.ts';
import { parseTradeId } from '#ledger/primitives/ids.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { recordKey } from '#ledger/tx/ids.ts';
import { findActivePack } from '#server/exchange/active-pack.ts';
import { payCompensation } from '#server/experiments/compensate.ts';
import { type DeskGround, moveExperiment } from '#server/experiments/move.ts';
import { findInterim, listInterims } from '#server/experiments/report.repo.ts';
import { watchExperiments } from '#server/experiments/watch.ts';
import { interimMessage, reportMessage } from '#server/experiments/write-report.ts';
import { saveEntries } from '#server/journal/journal.repo.ts';
import { FEE, potOf, transferEntry } from '#server/journal/journal.ts';
import { silentLog } from '#server/log.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { RefusalError } from '#server/refusal.ts';
import { getReserves } from '#server/reserves/reserve-views.ts';
import { createPlayerClient } from '#server/workers/demonstration/player-client.ts';
import { answerComplaintAs, approveStep, decideProof, takeStep } from '#test/support/approvals.ts';
import { DECLARATION } from '#test/support/declaration.ts';
import { assertInvariants, openTestMarket, placed, type TestMarket } from '#test/support/market.ts';
import { plantKind } from '#test/support/planted-kind.ts';
import { openVisitor, refusalOf, startTestServer, type TestServer, type Visitor } from '#test/support/server.ts';
import { openStaff } from '#test/support/staff.ts';

const DAY_MS = 86_400_000;
const ID = 'SBX-2026-0002';
const ELIGIBILITY = {
  ...{ minAge: 18, kycLevel: 'R2', jurisdictions: ['CN'], excludeOpenAmlCase: true, consent: 'OPT_IN' },
  ...{ games: [`gam_${'1'.repeat(32)}`], itemClasses: [`cls_${'1'.repeat(32)}`] },
};
describe('over HTTP', () => {
  let server: TestServer;
  let operator: Visitor;
  let tax: Visitor;
  let market: Visitor;
  let document: string;
  const signIn = async () => {
    operator = await openStaff(server, 'staff-operator');
    tax = await openStaff(server, 'staff-tax');
    market = await openStaff(server, 'staff-market');
  };
  beforeAll(async () => {
    server = await startTestServer();
    await vi.waitUntil(() => findActivePack(server.services.ledger.pending, server.clock.now()) !== null, 20_000);
    await signIn();
    const { gameId, classId } = await plantKind(server.database.sql);
    const filled = await operator.api.experimentDesk.template.query({
      templateId: 'X2',
      experimentId: ID,
      declarationNo: DECLARATION.applicationNo,
      gameIds: [gameId],
      classIds: [classId],
    });
    document = filled.document;
  });
  afterAll(() => server.stop());

  const changed = (more: object) => JSON.stringify({ ...JSON.parse(document), ...more });
  const draft = (more: object = {}, declaration: object = DECLARATION) =>
    operator.api.experimentDesk.draft.mutate({ document: changed(more), declaration: JSON.stringify(declaration) });
  const move = (
    who: Visitor,
    step: 'declare' | 'publish' | 'register' | 'start' | 'pause' | 'resume' | 'extend' | 'succeed' | 'fail' | 'halt',
    newEnd: string | null = null,
  ) => takeStep(who, { experimentId: ID, step, newEnd }, 'As agreed today.');
  const state = () => Number(server.services.ledger.pending.record(RECORD.experiment, recordKey.experiment(ID))?.a ?? 0n);
  const rows = async () => {
    const [row] = await server.database.sql`select (select count(*)::int from experiments.experiments) as experiments,
      (select count(*)::int from experiments.steps) as steps, (select count(*)::int from experiments.approvals) as approvals`;
    return row;
  };

  test.each<[code: string, more: object, declaration?: object]>([
    ['experiment_malformed', { surprise: 1 }],
    ['experiment_caps_missing', { caps: {} }],
    ['experiment_shares', { assignment: { unit: 'PERSON', method: 'HASH_SM3', salt: 'x', arms: [{ id: 'a', share: '1/2' }], pinned: {} } }],
    ['kpi_malformed', { kpis: [{ id: 'x', formula: 'process.exit()' }] }],
    ['stop_trigger_malformed', { stopTriggers: [{ when: 'soon', action: 'HALT_ALL' }] }],
    ['experiment_contradictory', { ruleOverrides: [{ arm: 'nobody', path: 'trading.resaleCooldownTradingDays', value: 9 }] }],
    ['experiment_contradictory', {}, { ...DECLARATION, applicationNo: '9144DEMO-2026-0009' }],
    [
      'experiment_period',
      { period: { publicNoticeDays: 7, start: '2027-02-01', end: '2027-01-01', maxExtensions: 1, maxExtensionDays: 90 } },
    ],
    [
      'experiment_too_early',
      { period: { publicNoticeDays: 7, start: '2026-11-23', end: '2027-01-01', maxExtensions: 1, maxExtensionDays: 90 } },
    ],
    ['override_path_unknown', { ruleOverrides: [{ arm: 'cool', path: 'const.moon', value: 1 }] }],
    ['override_not_grantable', { ruleOverrides: [{ arm: 'cool', path: 'trading.matching.CALL_AUCTION', value: true }] }],
    ['authorization_missing', { ruleOverrides: [{ arm: 'cool', path: 'trading.matching.PRICE_TIME_MATCH', value: true }] }],
    ['declaration_malformed', {}, { ...DECLARATION, riskControls: undefined }],
    ['experiment_game_unknown', { eligibility: { ...ELIGIBILITY, games: ['demo'] } }],
    ['experiment_kind_unknown', { eligibility: { ...ELIGIBILITY, itemClasses: [...ELIGIBILITY.itemClasses, `cls_${'2'.repeat(32)}`] } }],
  ])('a draft is refused: %s', async (code, more, declaration) => {
    const before = await rows();
    const refused = await refusalOf(draft(more, declaration));
    expect(refused.code).toBe(code);
    expect(refused.message.length).toBeGreaterThan(10);
    expect(await rows()).toEqual(before);
  });

  test('a proof of filing that no office has answered is decided by the tax supervisor under a personal signature, once', async () => {
    const { sql } = server.database;
    const [seller] = server.services.identity.listDemonstrationAccounts().filter(({ kind }) => kind === 'player');
    const [proofId, other] = ['a', 'b'].map((digit) => `prf_${digit.repeat(32)}`);
    if (seller === undefined || proofId === undefined || other === undefined) throw new Error('a seller and two proofs');
    for (const [id, receipt] of [
      [proofId, 'OFFICE-000001'],
      [other, 'OFFICE-000002'],
    ] as const) {
      await sql`insert into experiments.filing_proofs (proof_id, acct, tax, month, receipt_no, filed_on, presented_at, state, asks, next_at)
        values (${id}, ${seller.acct}, 'income', '2026-11', ${receipt}, '2026-12-01', now(), 'waiting', 5, now())`;
    }
    const wish = { actId: '1'.repeat(32), proofId, isConfirmed: true, reason: 'Seen on paper today.', signature: '2'.repeat(128) };
    expect((await refusalOf(market.api.reserve.decide.mutate(wish))).code).toBe('role_missing');
    expect((await refusalOf(tax.api.reserve.decide.mutate(wish))).code).toBe('sig_invalid');
    expect((await refusalOf(tax.api.reserve.decide.mutate({ ...wish, proofId: `prf_${'c'.repeat(32)}` }))).code).toBe('proof_unknown');
    await decideProof(tax, proofId, true, 'Seen on paper today.');
    await decideProof(tax, other, false, 'The office has no such return.');
    expect((await refusalOf(decideProof(tax, proofId, false, 'On second thoughts, no.'))).code).toBe('proof_decided');
    const { proofs } = await tax.api.reserve.desk.query();
    expect(proofs.map(({ proofId: id, state: now, by, reason }) => [id, now, by, reason]).sort()).toEqual([
      [proofId, 'confirmed', 'supervisor', null],
      [other, 'refused', 'supervisor', 'The office has no such return.'],
    ]);
    expect(
      await sql`select act, document->>'receiptNo' as receipt from cases.signatures where act = 'decide_filing_proof' order by 2`,
    ).toEqual([
      { act: 'decide_filing_proof', receipt: 'OFFICE-000001' },
      { act: 'decide_filing_proof', receipt: 'OFFICE-000002' },
    ]);
    const told =
      await sql`select body::json->>'code' as code from outbox.messages where room = ${`player:${seller.acct}`} and type = 'notice' order by seq`;
    expect(told.map(({ code }) => code)).toEqual(['filing_confirmed', 'filing_refused']);
  });

  test('from declaration through notice, registration by two, testing, pause and extension to an exit with its report', async () => {
    const visitor = openVisitor(server.base);
    await draft({ id: 'SBX-2026-0003' }, { ...DECLARATION, securityAssessment: null });
    expect((await refusalOf(takeStep(operator, { experimentId: 'SBX-2026-0003', step: 'declare' }, ''))).code).toBe('assessment_missing');
    await draft();
    expect((await refusalOf(draft())).code).toBe('experiment_known');
    expect((await refusalOf(visitor.api.experiment.notice.query({ experimentId: ID }))).code).toBe('experiment_unknown');
    expect((await refusalOf(move(tax, 'declare'))).code).toBe('role_missing');
    const unsigned = { actId: '1'.repeat(32), experimentId: ID, acct: '2'.repeat(64), amountFen: '1', reason: 'The book was wrong.' };
    const forged = tax.api.experimentDesk.compensate.mutate({ ...unsigned, signature: '3'.repeat(128) });
    expect((await refusalOf(forged)).code).toBe('sig_invalid');
    await move(operator, 'declare');
    expect(state()).toBe(1);
    await move(operator, 'publish');
    expect(await visitor.api.experiment.notice.query({ experimentId: ID })).toMatchObject({
      takesComments: true,
      comments: [],
      declaration: { applicationNo: DECLARATION.applicationNo, securityAssessment: { conclusion: 'PASSED' } },
      terms: {
        mode: 'LIVE_STRICTER',
        authorization: null,
        overrides: [{ arm: 'cool', name: { en: expect.stringContaining('wait') }, unit: 'days', before: '5', after: '10', isWider: false }],
      },
    });
    expect((await refusalOf(visitor.api.experiment.comment.mutate({ experimentId: ID, text: 'Too long.' }))).code).toBe('sign_in_required');
    expect((await refusalOf(move(tax, 'register'))).code).toBe('notice_running');

    await server.services.ledger.sealNow(); // what waits longer than its window is refused
    server.clock.advance(8 * DAY_MS);
    await signIn();
    expect((await refusalOf(move(tax, 'register'))).code).toBe('second_supervisor_missing');
    const approve = { experimentId: ID, step: 'register' as const, newEnd: null };
    const { actId, signature } = { actId: 'ab'.repeat(16), signature: 'cd'.repeat(64) };
    expect((await refusalOf(market.api.experimentDesk.approve.mutate({ ...approve, actId, signature }))).code).toBe('sig_invalid');
    await approveStep(market, approve);
    expect((await market.api.experimentDesk.get.query({ experimentId: ID })).approvals).toMatchObject([
      { name: '演示市场监管员', signed: { isSound: true } },
    ]);
    expect((await refusalOf(approveStep(market, approve))).code).toBe('approval_given');
    expect((await refusalOf(move(market, 'register'))).code).toBe('second_supervisor_missing');
    const fakeStep = { ...approve, reason: 'As agreed today.', actId, signature };
    expect((await refusalOf(tax.api.experimentDesk.move.mutate(fakeStep))).code).toBe('sig_invalid');
    expect(state()).toBe(2);
    expect((await move(tax, 'register')).taken.at(-1)).toMatchObject({ step: 'register', signed: { isSound: true } });
    expect(state()).toBe(3);
    const lin = demonstrationKeys('lin-yue');
    const acct = server.services.identity.listDemonstrationAccounts().find(({ kind }) => kind === 'player')?.acct ?? '';
    const { sm2 } = server.services.ledger;
    const random = (length: number) => server.services.random.bytes(length);
    const player = createPlayerClient({ base: server.base, acct, privateKey: lin.privateKey, sm2, random });
    await player.signIn();
    const late = player.api.experiment.comment.mutate({ experimentId: ID, text: 'Too late by a day.' });
    expect((await refusalOf(late)).code).toBe('notice_over');
    await move(operator, 'start');
    expect(await visitor.api.experiment.get.query({ experimentId: ID })).toMatchObject({ status: 'TESTING' });
    expect((await refusalOf(takeStep(operator, { experimentId: ID, step: 'pause' }, ''))).code).toBe('reason_missing');
    await move(operator, 'pause');
    expect(state()).toBe(5);
    await move(tax, 'resume');

    const { to } = (await tax.api.experimentDesk.get.query({ experimentId: ID })).experiment;
    const later = new Date(Date.parse(to) + 30 * DAY_MS).toISOString().slice(0, 10);
    expect((await refusalOf(move(tax, 'extend', '2029-01-01'))).code).toBe('extension_too_long');
    expect((await refusalOf(move(tax, 'extend', later))).code).toBe('second_role_missing');
    await approveStep(operator, { experimentId: ID, step: 'extend', newEnd: later });
    expect((await move(tax, 'extend', later)).experiment.to).toBe(later);
    await approveStep(operator, { experimentId: ID, step: 'extend', newEnd: to });
    expect((await refusalOf(move(tax, 'extend', to))).code).toBe('extension_used');

    expect((await refusalOf(move(tax, 'succeed'))).code).toBe('second_role_missing');
    await approveStep(operator, { experimentId: ID, step: 'succeed', newEnd: null });
    await move(tax, 'succeed');
    expect(state()).toBe(6);
    expect((await refusalOf(visitor.api.experiment.report.query({ experimentId: ID }))).code).toBe('report_missing');
    await server.services.experiments.watch.turn();
    await server.services.experiments.watch.turn();
    const report = await visitor.api.experiment.report.query({ experimentId: ID });
    const { ledger } = server.services;
    const hash = sm3(utf8(report.json));
    expect(hash).toEqual(fromHex(report.bodyHash, 32));
    expect(ledger.sm2.verify(ledger.operator.publicKey, reportMessage(hash), fromHex(report.signature, 64))).toBe(true);
    expect(Buffer.from(report.pdf, 'base64').subarray(0, 5).toString('latin1')).toBe('%PDF-');
    expect(JSON.parse(report.json)).toMatchObject({
      outcome: 'EXITED_SUCCESS',
      exit: 'PROMOTE_TO_PACK_PROPOSAL',
      complaints: { received: 0, open: 0, slaWorkingDays: 5 },
      transitions: [
        { to: 'DRAFT', txId: null },
        { to: 'DECLARED' },
        { to: 'PUBLIC_NOTICE' },
        { to: 'REGISTERED' },
        { to: 'TESTING' },
        { to: 'PAUSED' },
        { to: 'TESTING' },
        { to: 'TESTING' },
        { to: 'EXITED_SUCCESS' },
      ],
    });
    // The rules of its arm stand on the desk as a draft, once, for people to publish and approve.
    const drafts = (await operator.api.packs.proposals.query()).filter(({ reason }) => reason.startsWith(ID));
    expect(drafts).toMatchObject([{ state: 'draft', version: expect.stringContaining('sbx20260002') }]);
    const said = await server.database
      .sql`select body::json->>'to' as state from outbox.messages where type = 'sbx.state' and body::json->>'experimentId' = ${ID} order by seq`;
    expect(said.map((each) => each.state)).toEqual([
      'DECLARED',
      'PUBLIC_NOTICE',
      'REGISTERED',
      'TESTING',
      'PAUSED',
      'TESTING',
      'TESTING',
      'EXITED_SUCCESS',
    ]);
  });

  test('a complaint about missing money is answered by the tax supervisor, signed, once; who complained is told and reads it', async () => {
    const { sql } = server.database;
    const [seller] = server.services.identity.listDemonstrationAccounts().filter(({ kind }) => kind === 'player');
    const acct = seller?.acct ?? null;
    if (acct === null) throw new Error('a seller');
    const tradeId = parseTradeId(`trd_${'7'.repeat(32)}`);
    // The sale itself is no part of this: only what is said about it.
    await sql.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await tx`insert into experiments.liquidity_complaints (trade_id, experiment_id, acct, at, text)
        values (${tradeId}, ${ID}, ${acct}, ${new Date(server.clock.now())}, 'I have to pay my rent.')`;
    });
    const wish = { actId: '3'.repeat(32), tradeId, text: 'It comes free with your filing, or by its date.', signature: '2'.repeat(128) };
    expect((await refusalOf(market.api.reserve.answer.mutate(wish))).code).toBe('role_missing');
    expect((await refusalOf(tax.api.reserve.answer.mutate(wish))).code).toBe('sig_invalid');
    expect((await refusalOf(tax.api.reserve.answer.mutate({ ...wish, tradeId: parseTradeId(`trd_${'8'.repeat(32)}`) }))).code).toBe(
      'complaint_unknown',
    );
    await answerComplaintAs(tax, tradeId, wish.text, wish.actId);
    // Sent again it is the same answer; another one is none.
    await answerComplaintAs(tax, tradeId, wish.text, wish.actId);
    expect((await refusalOf(answerComplaintAs(tax, tradeId, 'On second thoughts, something else.'))).code).toBe('complaint_answered');
    const { complaints } = await tax.api.reserve.desk.query();
    expect(complaints).toMatchObject([{ tradeId, isLate: false, answer: { text: wish.text }, sellerRef: acct }]);
    const mine = await readSnapshot(server.services, acct, (snapshot) =>
      getReserves(snapshot, server.services.reserves.experiments, acct, { hasSimulatedOffice: true, pack: null }),
    );
    expect(mine.complaints).toMatchObject([{ tradeId, answer: { text: wish.text } }]);
    expect(await sql`select act from cases.signatures where act = 'answer_complaint'`).toEqual([{ act: 'answer_complaint' }]);
    const told = await sql`select body::json->>'code' as code, body::json->>'link' as link from outbox.messages
      where room = ${`player:${acct}`} and type = 'notice' order by seq desc limit 1`;
    expect(told).toEqual([{ code: 'complaint_answered', link: '/money#reserve' }]);
  });
});

test('a trigger pauses and cancels by itself, acts anew on a failure that grew or came back and on no other, a supervisor signs the halt, what was held is free, and nothing new is taken', async () => {
  const m = await openTestMarket();
  try {
    const kinds = [];
    for (let index = 0; index < 12; index++) kinds.push(await m.kind(`gem-${String(index).padStart(2, '0')}`, { isInterchangeable: true }));
    await m.fund(m.bob, 1_000_000n);
    await m.certify();
    await m.market.joinExperiment(await m.bob.player(), 'SBX-2026-0001', 'd1');
    const classId = kinds[0]?.classId;
    if (classId === undefined) throw new Error('twelve kinds');
    const buy = () => m.quote(m.bob, { intent: 'matched', classId, itemIds: [], priceFen: fen(100n), quantity: 3, timeInForce: 'gtc' });
    const quote = await buy();
    const late = await buy();
    const { order } = placed(await m.place(m.bob, quote));
    const { sql, clock, ledger, random, outbox, market } = m;
    const ground = { sql, clock, ledger, random, outbox, market, log: silentLog };
    let breaks: number | null = null;
    const watch = watchExperiments({ ...ground, ledgerBreaks: () => breaks });
    await watch.turn();
    expect(market.experiments.find('SBX-2026-0001')?.experiment.status).toBe('TESTING');
    // It runs for two weeks: the day before is reported once, signed, and its recipients are told.
    await watch.turn();
    const day = new Date(clock.now() - DAY_MS + 8 * 3_600_000).toISOString().slice(0, 10);
    const interims = await listInterims(sql, 'SBX-2026-0001');
    expect(interims.map(({ kind, label }) => [kind, label])).toContainEqual(['daily', day]);
    for (const each of interims) {
      const hash = sm3(utf8(canonicalText((await findInterim(sql, 'SBX-2026-0001', each)) ?? {})));
      expect(hash).toEqual(each.bodyHash);
      expect(ledger.sm2.verify(ledger.operator.publicKey, interimMessage(hash), each.signature)).toBe(true);
    }
    const told = await sql`select room from outbox.messages where type = 'sbx.report' and body::json->>'label' = ${day} order by room`;
    expect(told.map(({ room }) => room)).toEqual(['sup:finance', 'sup:market', 'sup:tax']);
    breaks = 2;
    await watch.turn();
    await watch.turn();
    expect(market.experiments.find('SBX-2026-0001')?.experiment.status).toBe('PAUSED');
    expect(await sql`select condition, action from experiments.triggers`).toEqual([
      { condition: 'ledgerVerifyFailed', action: 'HALT_ALL' },
    ]);
    expect(await sql`select state, reason from market.orders where order_id = ${order.orderId}`).toEqual([
      { state: 'canceled', reason: 'experiment_ended' },
    ]);
    expect(await m.place(m.bob, late)).toMatchObject({ kind: 'rejected' });
    await assertInvariants(m);
    const supervisor = { by: 'staff', role: 'supervisor' as const, staff: null };
    const statusAfter = async (found: number | null) => {
      if (market.experiments.find('SBX-2026-0001')?.experiment.status === 'PAUSED') {
        await moveExperiment(ground, supervisor, {
          experimentId: 'SBX-2026-0001',
          step: 'resume',
          reason: 'Looked into it.',
          newEnd: null,
        });
      }
      m.clock.advance(60_000);
      breaks = found;
      await watch.turn();
      return market.experiments.find('SBX-2026-0001')?.experiment.status;
    };
    expect(await statusAfter(2)).toBe('TESTING');
    expect(await statusAfter(null)).toBe('TESTING');
    expect(await statusAfter(1)).toBe('TESTING');
    expect(await statusAfter(3)).toBe('PAUSED');
    expect(await statusAfter(0)).toBe('TESTING');
    expect(await statusAfter(1)).toBe('PAUSED');
    expect(await sql`select value::int from experiments.triggers order by at`).toEqual([{ value: 2 }, { value: 3 }, { value: 1 }]);
    expect(await statusAfter(0)).toBe('TESTING');
    await payFromFund(m, ground);
    expect(await statusAfter(0)).toBe('PAUSED');
    expect(await sql`select condition, action, value::text from experiments.triggers order by at desc limit 1`).toEqual([
      { condition: 'compensationPaid > 1/2 of fund', action: 'PAUSE_NEW', value: '2500001' },
    ]);
    await moveExperiment(ground, supervisor, { experimentId: 'SBX-2026-0001', step: 'halt', reason: 'The ledger differs.', newEnd: null });
    await watch.turn();
    const [gauge] = market.experiments.find('SBX-2026-0001')?.caps.gauges(m.bob.acct, clock.now()) ?? [];
    expect(gauge?.reservedFen ?? 0n).toBe(0n);
    expect(await sql`select body->>'outcome' as outcome, body->'money'->>'compensationFen' as paid from experiments.exit_reports`).toEqual([
      { outcome: 'HALTED', paid: '2500001' },
    ]);
    expect(await sql`select count(*)::int > 0 as told from outbox.messages where type = 'sbx.kpi'`).toEqual([{ told: true }]);
    await m.reopen();
    await m.market.endExperimentOrders('SBX-2026-0001');
    expect(m.market.experiments.find('SBX-2026-0001')?.experiment.status).toBe('HALTED');
    await assertInvariants(m);
  } finally {
    await m.stop();
  }
});

/** Half of the fund leaves the trigger at rest, a fen more does not. */
async function payFromFund(m: TestMarket, ground: DeskGround): Promise<void> {
  await m.fund(m.bob, 4_000_000n);
  const by = { staffId: 'STAFF-MARKET', document: {}, signature: new Uint8Array(64) };
  const pay = (no: string, amountFen: bigint, acct = m.bob.acct) =>
    payCompensation(ground, { actId: no.repeat(32), experimentId: 'SBX-2026-0001', acct, amountFen, reason: 'The book was wrong.' }, by);
  const code = async (call: Promise<void>) =>
    call.then(
      () => 'paid',
      (error: unknown) => (error instanceof RefusalError ? error.code : error),
    );
  expect(await code(pay('1', 2_500_000n))).toBe('compensation_unfunded');
  await m.sql.begin((tx) =>
    saveEntries(tx, [transferEntry('refund', m.clock.now(), {}, { from: potOf('available', m.bob.acct), to: FEE, amountFen: 3_000_000n })]),
  );
  const before = (await m.sql`select balance_fen from journal.accounts where account_id = ${`available:${m.bob.acct}`}`)[0]?.balance_fen;
  expect(await code(pay('1', 2_500_000n, m.amy.acct))).toBe('compensation_not_participant');
  // The fund answers for thirty days after the last trade in the experiment, or joining it, and not a day longer.
  const onDay = (days: number): DeskGround => ({
    ...ground,
    clock: { ...ground.clock, now: () => instant(m.clock.now() + days * DAY_MS) },
  });
  const wish = {
    actId: '3'.repeat(32),
    experimentId: 'SBX-2026-0001',
    acct: m.bob.acct,
    amountFen: 9_000_000n,
    reason: 'The book was wrong.',
  };
  expect(await code(payCompensation(onDay(31), wish, by))).toBe('compensation_too_late');
  expect(await code(payCompensation(onDay(30), wish, by))).toBe('compensation_fund_spent');
  expect(await code(pay('1', 2_500_000n))).toBe('paid');
  expect(await code(pay('1', 2_500_000n))).toBe('paid');
  expect(await code(pay('1', 2n))).toBe('compensation_reused');
  const watch = watchExperiments({ ...ground, ledgerBreaks: () => 0 });
  await watch.turn();
  expect(m.market.experiments.find('SBX-2026-0001')?.experiment.status).toBe('TESTING');
  expect(await code(pay('2', 2_500_001n))).toBe('compensation_fund_spent');
  expect(await code(pay('2', 600_000n))).toBe('compensation_unfunded');
  expect(await code(pay('2', 1n))).toBe('paid');
  const after = (await m.sql`select balance_fen from journal.accounts where account_id = ${`available:${m.bob.acct}`}`)[0]?.balance_fen;
  expect(BigInt(after) - BigInt(before)).toBe(2_500_001n);
  await assertInvariants(m);
}
