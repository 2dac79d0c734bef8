/** The tax reserve of experiment X1 over a real market (rulebook 2.6.2, 6.5, 6.6): to the fen, from the payout to the last part that comes free;
 *  what refuses a proof; an end, a leave and a stop in between; and that every book agrees after each. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import { type ItemId, parseReferenceId } from '#ledger/primitives/ids.ts';
import { beijingDate, instant, startOfBeijingDate } from '#ledger/primitives/instant.ts';
import { addTradingDays } from '#sandbox/decisions/calendar.ts';
import { addDays } from '#sandbox/experiments/check-experiment.ts';
import { armOf, type Experiment } from '#sandbox/experiments/experiment.ts';
import { computeKpis } from '#sandbox/experiments/kpis.ts';
import { PACK_CN_2026_1 } from '#sandbox/packs/cn/pack-2026-1.ts';
import { activePack } from '#server/exchange/active-pack.ts';
import { readArmFacts } from '#server/experiments/facts.repo.ts';
import { silentLog } from '#server/log.ts';
import { SIGHT } from '#server/market/audience.ts';
import { getFunds } from '#server/market/funds.ts';
import { getMoney } from '#server/market/money.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { getTrade } from '#server/market/trades.ts';
import { DATA_SECTIONS } from '#server/my-data/sections.repo.ts';
import { RefusalError } from '#server/refusal.ts';
import { complainOfReserve, complaintCounts } from '#server/reserves/complaints.ts';
import { MOST_ASKS, type ProofWish, presentProof } from '#server/reserves/filing-proofs.ts';
import { getReserveDesk, getReserves } from '#server/reserves/reserve-views.ts';
import { openReserves, type Reserves } from '#server/reserves/reserves.ts';
import { simulatedTaxOffice } from '#server/reserves/simulated-tax-office.ts';
import type { TaxOffice } from '#server/reserves/tax-office.ts';
import { assertInvariants, type Kind, openTestMarket, placed, type TestMarket, type Trader } from '#test/support/market.ts';
import { enterTesting } from '#test/support/testing-experiment.ts';

const DAY_MS = 86_400_000;
const ID = 'SBX-2026-0011';
let m: TestMarket;
let sword: Kind;
let items: readonly ItemId[];
let experiment: Experiment;
let reserves: Reserves;

beforeAll(async () => {
  m = await openTestMarket();
  sword = await m.kind('sword');
  items = await m.mint(sword, m.cid, 8);
  await m.fund(m.amy, 4_000_000n);
  await m.fund(m.bob, 4_000_000n);
  const office = simulatedTaxOffice({ sql: m.sql, random: m.random });
  reserves = openReserves({ ...m, log: silentLog, experiments: m.market.experiments }, office);
});
afterEach(() => assertInvariants(m));
afterAll(() => m.stop());

const item = (index: number): ItemId =>
  items[index] ??
  (() => {
    throw new Error(`no item ${index}`);
  })();
const balance = async (account: string, table: 'ours' | 'theirs' = 'ours'): Promise<bigint> => {
  const [pot = '', acct = ''] = account.split(':');
  const [row] =
    table === 'ours'
      ? await m.sql<{ fen: string }[]>`select balance_fen::text as fen from journal.accounts where account_id = ${account}`
      : await m.sql<{ fen: string }[]>`select balance_fen::text as fen from psp.accounts where pot = ${pot} and ref = ${acct}`;
  return BigInt(row?.fen ?? '0');
};
async function sell(from: Trader, to: Trader, itemId: ItemId, price: bigint): Promise<string> {
  const of = { classId: sword.classId, itemIds: [itemId] } as const;
  const listing = placed(await m.place(from, await m.quote(from, { ...of, intent: 'listing', priceFen: fen(price) })));
  const bought = placed(await m.place(to, await m.quote(to, { ...of, intent: 'take_listing', targetOrderId: listing.order.orderId })));
  await m.certify();
  const [trade] = bought.trades;
  if (trade === undefined) throw new Error('sold at once');
  return trade.tradeId;
}
/** Days go by; what is due happens, at the institution as well. */
async function pass(days: number): Promise<void> {
  m.clock.advance(days * DAY_MS);
  await settle();
}
async function settle(): Promise<void> {
  await m.certify();
  await reserves.turn();
  for (let turn = 0; turn < 3; turn++) {
    m.clock.advance(3_000);
    await m.market.turnClocks();
  }
}
const partsOf = (tradeId: string) =>
  m.sql`select tax, amount_fen::int as fen, due_on::text, free_at, freed_at is not null as free, cause from experiments.reserves
    where trade_id = ${tradeId} order by tax`;
const prove = async (who: Trader, wish: ProofWish) => presentProof(reserves, await who.player(), wish);
const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'taken',
    (error: unknown) => (error instanceof RefusalError ? error.code : Promise.reject(error)),
  );
const view = (who: Trader) =>
  readSnapshot(m, who.acct, (s) =>
    getReserves(s, m.market.experiments, who.acct, { hasSimulatedOffice: true, pack: activePack(m.ledger.pending, s.now).pack }),
  );
const money = (who: Trader) => readSnapshot(m, who.acct, (s) => getMoney(s, who.acct));
let worked: string;

test('CN-X1-01: of 5,000.00 paid the seller has 4,418.02 free and 231.98 in her own sub-account, at the institution too', async () => {
  // Bought for 3,800.00: that is the proven cost.
  for (const index of [0, 1]) await sell(m.cid, m.amy, item(index), 380_000n);
  await pass(1);
  for (const index of [2, 3]) await sell(m.cid, m.amy, item(index), 380_000n);
  await pass(1);
  await sell(m.cid, m.bob, item(4), 300_000n);
  m.clock.set('2026-11-30T04:00:00.000Z');
  await settle();
  const [game] = await m.sql<{ game_id: string }[]>`select game_id from catalogue.item_classes where class_id = ${sword.classId}`;
  const period = { publicNoticeDays: 7, start: '2026-11-10', end: '2027-10-31', maxExtensions: 1, maxExtensionDays: 90 };
  const shared = { id: ID, classIds: [sword.classId], gameIds: [game?.game_id ?? ''], period };
  const draft = (salt: string): Experiment['assignment'] => ({
    ...{ unit: 'PERSON', method: 'HASH_SM3', salt, pinned: {} },
    arms: [
      { id: 'none', share: '1/2' },
      { id: 'reserve', share: '1/2' },
    ],
  });
  // People placed by name are left out of the figures, so a draw is found that places them.
  const salt = Array.from({ length: 200 }, (_, no) => `x1-${no}`).find((each) => {
    const arm = (who: Trader) => armOf({ id: ID, assignment: draft(each) } as Experiment, who.acct).arm;
    return arm(m.amy) === 'reserve' && arm(m.bob) === 'none';
  });
  experiment = await enterTesting(m, 'X1', { ...shared, assignment: draft(salt ?? '') });
  for (const who of [m.amy, m.bob]) expect(await m.market.joinExperiment(await who.player(), ID, 'd1')).toMatchObject({ kind: 'joined' });
  const before = await balance(`available:${m.amy.acct}`);
  worked = await sell(m.amy, m.bob, item(0), 500_000n);
  expect([await balance(`coming:${m.amy.acct}`), await balance(`reserve:${m.amy.acct}`)]).toEqual([465_000n, 0n]);
  await pass(8);
  expect((await balance(`available:${m.amy.acct}`)) - before).toBe(441_802n);
  expect([await balance(`coming:${m.amy.acct}`), await balance(`reserve:${m.amy.acct}`)]).toEqual([0n, 23_198n]);
  expect(await balance(`tax:${m.amy.acct}`, 'theirs')).toBe(23_198n);
  expect(await partsOf(worked)).toEqual([
    { tax: 'income', fen: 17_951, due_on: '2026-12-15', free_at: new Date('2026-12-29T16:00:00.000Z'), free: false, cause: null },
    { tax: 'vat', fen: 5_247, due_on: '2027-06-30', free_at: new Date('2027-07-14T16:00:00.000Z'), free: false, cause: null },
  ]);
  const kinds =
    await m.sql`select e.kind, p.account_id, p.amount_fen::int as fen from journal.entries e join journal.postings p using (entry_id)
    where e.trade_id = ${worked} and e.kind in ('payout', 'reserve') and p.amount_fen > 0 order by e.entry_id`;
  expect(kinds).toEqual([
    { kind: 'payout', account_id: `available:${m.amy.acct}`, fen: 441_802 },
    { kind: 'reserve', account_id: `reserve:${m.amy.acct}`, fen: 23_198 },
  ]);
  // In the institution's own statement, line by line.
  const statement = await m.market.provider.statement(beijingDate(m.clock.now()));
  expect(
    statement.filter(({ kind, ref }) => kind === 'reserve' && ref === m.amy.acct).map(({ pot, amountFen }) => [pot, amountFen]),
  ).toEqual([
    ['pending', -23_198n],
    ['tax', 23_198n],
  ]);
});

test('she sees it in her money and cannot take it out; the buyer sees nothing of it', async () => {
  expect(await money(m.amy)).toMatchObject({ reservedFen: '23198', differenceFen: '0' });
  const shown = await view(m.amy);
  expect(shown).toMatchObject({
    keptFen: '23198',
    trials: [{ experimentId: ID, keeps: true }],
    returns: [
      { tax: 'vat', month: '2026-11', dueOn: '2027-06-30', taxFen: '5247', isProven: false },
      { tax: 'income', month: '2026-11', dueOn: '2026-12-15', taxFen: '17951', isProven: false },
    ],
  });
  expect(
    shown.parts.map(({ tax, amountFen, assessedFen, lines }) => [tax, amountFen, assessedFen, lines.map((line) => line.amountFen)]),
  ).toEqual([
    ['vat', '5247', '5247', ['4950', '173', '74', '50']],
    ['income', '17951', '17951', ['17951']],
  ]);
  const free = await balance(`available:${m.amy.acct}`);
  const withdraw = async (amountFen: bigint) =>
    m.market.withdraw(await m.amy.player(), { referenceId: parseReferenceId(`out-${amountFen}`), amountFen: fen(amountFen) });
  expect(await withdraw(free + 1n)).toMatchObject({ kind: 'rejected', code: 'insufficient_funds', facts: { availableFen: String(free) } });
  const legs = async (who: Trader) =>
    (await getTrade(m, { kind: 'party', acct: who.acct }, worked as never))?.legs.map(({ kind, amountFen }) => `${kind} ${amountFen}`);
  expect(await legs(m.amy)).toEqual(expect.arrayContaining(['payout 441802', 'reserve 23198']));
  expect((await legs(m.bob))?.filter((leg) => /payout|reserve/.test(leg))).toEqual(['payout 465000']);
  const flow = await readSnapshot(m, null, (s) => getFunds(m, s, SIGHT.sup_tax, { kind: 'trade', id: worked, back: 1, forth: 4 }));
  const node = flow?.nodes.find(({ role }) => role === 'reserve');
  expect(node).toMatchObject({ acct: m.amy.acct, inFen: '23198', staysFen: '23198' });
  // All that is owed lies in the reserve: nothing more of her money is marked.
  expect(flow?.nodes.filter(({ role, acct }) => role === 'tax' && acct === m.amy.acct)).toEqual([]);
  const told = DATA_SECTIONS.find(({ id }) => id === 'taxReserves');
  expect(told === undefined ? 0 : (await m.sql.begin((tx) => tx.unsafe(told.text, [m.amy.acct]))).length).toBe(2);
});

test('proofs that are refused change nothing, each with its reason', async () => {
  const today = beijingDate(m.clock.now());
  const wish: ProofWish = { tax: 'income', month: '2026-11', receiptNo: 'SIM-20261130-ABCDEF', filedOn: today };
  const filed = { ...(await reserves.office?.file({ taxpayer: m.cid.acct, tax: 'income', month: '2026-11' }, m.clock.now())) };
  const receiptNo = filed.receiptNo ?? '';
  expect(await codeOf(prove(m.cid, { ...wish, receiptNo }))).toBe('proof_month');
  expect(await codeOf(prove(m.amy, { ...wish, month: '2026-10' }))).toBe('proof_month');
  expect(await codeOf(prove(m.amy, { ...wish, filedOn: addDays(today, 1) }))).toBe('proof_future');
  expect(await codeOf(prove(m.amy, { ...wish, filedOn: '2026-11-29' }))).toBe('proof_early');
  const [first, again] = [await prove(m.amy, wish), await prove(m.amy, wish)];
  expect(again.proofId).toBe(first.proofId);
  expect(await codeOf(prove(m.amy, { ...wish, tax: 'vat' }))).toBe('proof_receipt_used');
  // The office knows no such receipt; another one is somebody else's, of another tax, of another day.
  await prove(m.amy, { ...wish, receiptNo });
  const own = await reserves.office?.file({ taxpayer: m.amy.acct, tax: 'vat', month: '2026-11' }, m.clock.now());
  await prove(m.amy, { ...wish, receiptNo: own?.receiptNo ?? '' });
  const past = await reserves.office?.file({ taxpayer: m.amy.acct, tax: 'income', month: '2026-11' }, instant(m.clock.now() - DAY_MS));
  await prove(m.amy, { ...wish, receiptNo: past?.receiptNo ?? '' });
  for (let turn = 0; turn < 3; turn++) {
    await reserves.turn();
    m.clock.advance(120_000);
  }
  const proofs = await m.sql`select state, reason from experiments.filing_proofs order by reason`;
  expect(proofs).toEqual(
    ['other_day', 'other_return', 'other_taxpayer', 'receipt_unknown'].map((reason) => ({ state: 'refused', reason })),
  );
  expect(await balance(`reserve:${m.amy.acct}`)).toBe(23_198n);
  await expect(m.sql`update experiments.filing_proofs set state = 'confirmed', reason = null`).rejects.toThrow('kept as it was given');
  await expect(m.sql`update experiments.reserves set amount_fen = 1`).rejects.toThrow('may only come free');
});

test('an office that stays silent is asked five times, then the proof is the supervisor’s', async () => {
  let asked = 0;
  const silent: TaxOffice = {
    name: 'simulated',
    check: async () => {
      asked += 1;
      return 'unavailable';
    },
  };
  const deaf = openReserves(
    { ...m, log: silentLog, experiments: m.market.experiments },
    { ...silent, file: () => Promise.reject(new Error('closed')) },
  );
  const wish: ProofWish = { tax: 'vat', month: '2026-11', receiptNo: 'SILENT-0001', filedOn: beijingDate(m.clock.now()) };
  const { proofId } = await prove(m.amy, wish);
  for (let turn = 0; turn < MOST_ASKS + 3; turn++) {
    await deaf.turn();
    m.clock.advance(3_600_000);
  }
  expect(asked).toBe(MOST_ASKS);
  expect(await m.sql`select state from experiments.filing_proofs where proof_id = ${proofId}`).toEqual([{ state: 'waiting' }]);
  expect((await view(m.amy)).proofs[0]).toMatchObject({ proofId, state: 'waiting', by: null });
});

test('a confirmed filing frees what it covers, once, whatever stops in between', async () => {
  const filed = await reserves.office?.file({ taxpayer: m.amy.acct, tax: 'income', month: '2026-11' }, m.clock.now());
  await prove(m.amy, { tax: 'income', month: '2026-11', receiptNo: filed?.receiptNo ?? '', filedOn: filed?.filedOn ?? '' });
  const free = await balance(`available:${m.amy.acct}`);
  // Killed after its entries were written and before the commit: nothing has happened.
  let isDown = true;
  const append: typeof m.outbox.append = (tx, messages) => {
    if (isDown && messages.some(({ type }) => type === 'sbx.reserve')) throw new Error('killed');
    return m.outbox.append(tx, messages);
  };
  const killed = openReserves({ ...m, outbox: { append }, log: silentLog, experiments: m.market.experiments }, reserves.office);
  await expect(
    (async () => {
      for (let turn = 0; turn < 3; turn++) {
        m.clock.advance(120_000);
        await killed.turn();
      }
    })(),
  ).rejects.toThrow('killed');
  expect([await balance(`reserve:${m.amy.acct}`), await balance(`available:${m.amy.acct}`)]).toEqual([23_198n, free]);
  await assertInvariants(m);
  isDown = false;
  await killed.turn();
  await killed.turn();
  expect([await balance(`reserve:${m.amy.acct}`), await balance(`available:${m.amy.acct}`)]).toEqual([5_247n, free + 17_951n]);
  // Handed to the institution, killed before we had noted it: handed over again, followed once.
  await settle();
  await m.sql`update payments.deliveries set last_id = last_id - 2`;
  await m.reopen();
  reserves = openReserves({ ...m, log: silentLog, experiments: m.market.experiments }, reserves.office);
  await settle();
  expect(await balance(`tax:${m.amy.acct}`, 'theirs')).toBe(5_247n);
  expect(await partsOf(worked)).toMatchObject([
    { tax: 'income', free: true, cause: 'filing' },
    { tax: 'vat', free: false, cause: null },
  ]);
});

test('a payout that is killed keeps and pays nothing, and is done once afterwards; what is filed already is not kept', async () => {
  // Sold in December; the return of December is filed before the payout.
  m.clock.set('2026-12-10T04:00:00.000Z');
  const [covered, kept] = [await sell(m.amy, m.bob, item(1), 500_000n), await sell(m.bob, m.cid, item(4), 490_000n)];
  const filed = await reserves.office?.file({ taxpayer: m.amy.acct, tax: 'income', month: '2026-12' }, m.clock.now());
  await prove(m.amy, { tax: 'income', month: '2026-12', receiptNo: filed?.receiptNo ?? '', filedOn: filed?.filedOn ?? '' });
  for (let turn = 0; turn < 3; turn++) {
    m.clock.advance(120_000);
    await reserves.turn();
  }
  const before = [await balance(`available:${m.amy.acct}`), await balance(`reserve:${m.amy.acct}`)];
  await m.sql.unsafe(`create function journal.killed() returns trigger language plpgsql as $$ begin raise exception 'killed'; end $$;
    create trigger killed before insert on experiments.reserves for each row execute function journal.killed()`);
  m.clock.advance(8 * DAY_MS);
  await m.ledger.sealNow();
  await m.market.turnClocks().catch(() => undefined);
  expect([await balance(`available:${m.amy.acct}`), await balance(`reserve:${m.amy.acct}`)]).toEqual(before);
  expect(await m.sql`select state from market.trades where trade_id = ${covered}`).toEqual([{ state: 'protected' }]);
  await assertInvariants(m);
  await m.sql.unsafe('drop trigger killed on experiments.reserves; drop function journal.killed()');
  await settle();
  expect(await partsOf(covered)).toMatchObject([{ tax: 'vat', fen: 5_247, free: false }]);
  // Of the other arm nothing is kept.
  expect(await partsOf(kept)).toEqual([]);
  expect(await m.sql`select state from market.trades where trade_id = any(${[covered, kept]})`).toEqual([
    { state: 'paid_out' },
    { state: 'paid_out' },
  ]);
});

test('a complaint is counted once; figures of the trial follow from what was recorded', async () => {
  const complain = async (who: Trader, tradeId: string) => complainOfReserve(m, await who.player(), tradeId, 'I have to pay my rent.');
  expect(await codeOf(complain(m.bob, worked))).toBe('reserve_unknown');
  expect(await codeOf(complain(m.amy, worked))).toBe('taken');
  expect(await codeOf(complain(m.amy, worked))).toBe('reserve_complained');
  const [complaint] = (await view(m.amy)).complaints;
  const workingDays = Array.from({ length: 5 }, (_, index) => index + 1);
  const due = workingDays.reduce((day) => addTradingDays(PACK_CN_2026_1, day, 1), beijingDate(m.clock.now()));
  expect(complaint).toMatchObject({ tradeId: worked, isLate: false, answer: null });
  expect(beijingDate(instant(Date.parse(complaint?.dueAt ?? '') - 1))).toBe(due);
  expect((await view(m.bob)).complaints).toEqual([]);
  m.clock.set('2027-01-20T04:00:00.000Z');
  await settle();
  expect((await view(m.amy)).complaints).toMatchObject([{ isLate: true, answer: null }]);
  const reported = { received: 1, answeredInTime: 0, answeredLate: 0, open: 1, openLate: 1 };
  expect(await complaintCounts(m.sql, PACK_CN_2026_1, experiment.id, m.clock.now())).toEqual(reported);
  expect(await complaintCounts(m.sql, PACK_CN_2026_1, 'SBX-2026-0099', m.clock.now())).toMatchObject({ received: 0, open: 0 });
  const from = startOfBeijingDate(experiment.period.start);
  const facts = await readArmFacts(m.sql, experiment, from, instant(m.clock.now() + 1), activePack(m.ledger.pending, m.clock.now()).pack);
  const counts = (arm: string) => facts.find((each) => each.arm === arm)?.counts;
  // Of Amy's two income returns both were filed in time; Bob has filed nothing of his one. VAT is not due before July.
  expect(counts('reserve')).toMatchObject({ filingsDue: 2n, filedOnTime: 2n, reserves: 2n, reservedFen: 28_445n, liquidityComplaints: 1n });
  expect(counts('none')).toMatchObject({ filingsDue: 1n, filedOnTime: 0n, reserves: 0n, reservedFen: 0n, liquidityComplaints: 0n });
  const kpi = (id: string, arm: string) => computeKpis(experiment, facts).find((each) => each.kpiId === id && each.arm === arm);
  expect(kpi('filedOnTime', 'reserve')).toMatchObject({ value: { numerator: 2n, denominator: 2n }, target: { judgement: 'holds' } });
  expect(kpi('liquidityComplaints', 'reserve')).toMatchObject({ guardrail: { judgement: 'holds' } });
});

test('by its date it comes free with nobody there; a later assessment changes what is shown and not what is kept', async () => {
  const [row] = await m.sql<
    { total: string }[]
  >`select balance_fen::text as total from journal.accounts where account_id = ${`reserve:${m.amy.acct}`}`;
  expect(row?.total).toBe('10494');
  await m.sql`insert into compliance.assessments (trade_id, version, at, cause, seller, day, gross_fen, is_taxable, total_fen, pack_hash, assessment_hash, input, lines)
    select trade_id, version + 1, at, 'day_line', seller, day, gross_fen, is_taxable, total_fen, pack_hash, assessment_hash, input,
      (select jsonb_agg(case when l->>'id' = 'CN-VAT-P2P' then jsonb_set(l, '{amountFen}', '"9950"') else l end) from jsonb_array_elements(lines) l)
    from compliance.assessments where trade_id = ${worked} order by version desc limit 1`;
  const shown = (await view(m.amy)).parts.find((part) => part.tradeId === worked && part.tax === 'vat');
  expect(shown).toMatchObject({ amountFen: '5247', assessedFen: '10247' });
  m.clock.set('2027-07-14T15:59:59.000Z');
  await reserves.turn();
  expect(await balance(`reserve:${m.amy.acct}`)).toBe(10_494n);
  m.clock.set('2027-07-14T16:00:00.000Z');
  const free = await balance(`available:${m.amy.acct}`);
  await reserves.turn();
  expect([await balance(`reserve:${m.amy.acct}`), (await balance(`available:${m.amy.acct}`)) - free]).toEqual([0n, 10_494n]);
  expect(await partsOf(worked)).toMatchObject([{ cause: 'filing' }, { cause: 'date' }]);
});

test('leaving frees at once; a paused trial keeps what it has and nothing new; its end frees all of it', async () => {
  const waits = () => m.sql`select trade_id, tax, cause from experiments.reserves where freed_at is null order by kept_at, tax`;
  const setStatus = async (status: Experiment['status']) => {
    await m.sql`update experiments.experiments set status = ${status} where experiment_id = ${ID}`;
    m.market.experiments.set({ ...experiment, status });
  };
  const third = await sell(m.amy, m.bob, item(2), 500_000n);
  await pass(8);
  expect(await waits()).toHaveLength(2);
  await m.market.leaveExperiment(await m.amy.player(), ID);
  await settle();
  expect(await partsOf(third)).toMatchObject([{ cause: 'left' }, { cause: 'left' }]);
  expect([await waits(), await balance(`reserve:${m.amy.acct}`), await balance(`tax:${m.amy.acct}`, 'theirs')]).toEqual([[], 0n, 0n]);

  await m.market.joinExperiment(await m.amy.player(), ID, 'd1');
  const fourth = await sell(m.amy, m.bob, item(3), 500_000n);
  await sell(m.bob, m.amy, item(2), 380_000n);
  await pass(8);
  // Sold while the trial tested, paid out while it is paused: it begins nothing new.
  const fifth = await sell(m.amy, m.bob, item(2), 500_000n);
  await setStatus('PAUSED');
  await pass(8);
  expect(await m.sql`select state from market.trades where trade_id = ${fifth}`).toEqual([{ state: 'paid_out' }]);
  expect(await partsOf(fifth)).toEqual([]);
  expect(await waits()).toHaveLength(2);
  expect(await balance(`reserve:${m.amy.acct}`)).toBe(23_198n);
  await setStatus('HALTED');
  await settle();
  expect(await partsOf(fourth)).toMatchObject([{ cause: 'ended' }, { cause: 'ended' }]);
  expect(await balance(`tax:${m.amy.acct}`, 'theirs')).toBe(0n);
  const desk = await readSnapshot(m, null, (s) => getReserveDesk(s, m.ledger));
  expect(desk).toMatchObject({ keptFen: '0', providerFen: '0', differenceFen: '0', complaints: [{ tradeId: worked }] });
  expect(desk.sums.map(({ cause, parts, fen: sum }) => [cause, parts, sum])).toEqual([
    ['date', 2, '10494'],
    ['ended', 2, '23198'],
    ['filing', 1, '17951'],
    ['left', 2, '23198'],
  ]);
});
