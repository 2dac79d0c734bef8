/** Looking through items and people, and opening an identity (product V-12, V-13), over HTTP: two people, a case and a ground; on the ledger;
 *  every reading recorded; told when sealing ends; and every refusal of this door. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { fromHex } from '#ledger/primitives/bytes.ts';
import { documentHash } from '#sandbox/cases/case-order.ts';
import { type OpeningOrder, openingDocument, openingOp, sealingDocument } from '#sandbox/cases/opening.ts';
import { clocksOf } from '#sandbox/packs/clocks.ts';
import { OPENING_REFUSALS, type OpeningCode } from '#server/cases/opening-codes.ts';
import { appRouter } from '#server/trpc/root.ts';
import { type Official, openOfficial } from '#test/support/officials.ts';
import { refusalOf } from '#test/support/server.ts';
import { revokeStaff } from '#test/support/staff.ts';
import { type MarketWorld, openMarketWorld } from './public-refusals/market-cases.ts';
import { openRig, type Rig } from './public-refusals/rig.ts';

const DAY = 86_400_000;
const SEALED = clocksOf(null).sealingMs;
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
afterAll(() => rig.server.stop());

async function refuses(call: Promise<unknown>, code: OpeningCode): Promise<void> {
  const refusal = await refusalOf(call);
  expect(refusal).toMatchObject({ code, message: OPENING_REFUSALS[code].message, traceId: expect.stringMatching(/^[0-9a-f]{32}$/) });
  reached.add(code);
}
const signAllIn = () =>
  Promise.all([...[market, finance, tax].map((official) => official.signIn()), rig.amy.client.signIn(), rig.bob.client.signIn()]);

async function newCase(topic: 'abuse' | 'laundering' = 'abuse'): Promise<string> {
  const { caseId } = await market.api.case.open.mutate({ topic, title: 'A circle of three', ground: 'Rulebook CN-SV-04' });
  await market.api.case.step.mutate({ caseId, step: { act: 'shared', audience: 'finance' } });
  return caseId;
}
const wishOf = (caseId: string, wish: Partial<OpeningOrder> = {}): OpeningOrder => ({
  actId: market.newActId(),
  caseId,
  subject: rig.amy.acct,
  legalGround: 'E-Commerce Law art. 25',
  reason: 'The circle pays through this account.',
  scope: ['name', 'phone'],
  ...wish,
});
const ask = (who: Official, order: OpeningOrder) =>
  who.api.look.askOpening.mutate({ ...order, scope: [...order.scope], signature: who.sign(openingDocument(order)) });
async function approve(who: Official, order: OpeningOrder) {
  const document = openingDocument(order);
  const signedTx = await who.ledgerTx(openingOp(fromHex(order.subject, 32), documentHash(document)));
  return who.api.look.approveOpening.mutate({ openingId: `opn_${order.actId}`, signature: who.sign(document), signedTx });
}
const messages = async (room: string, type: string) =>
  (await rig.server.services.outbox.list(room, 0, 2_000)).filter((message) => message.type === type).map(({ body }) => body);
const counts = async () => {
  const [row] = await rig.server.database.sql`select (select count(*)::int from cases.openings) as openings,
    (select count(*)::int from cases.opening_reads) as reads, (select count(*)::int from cases.signatures where act = 'open_identity') as signatures`;
  return row;
};

test('without case, ground, reason or scope nothing is asked for; nor about nobody, nor in a case of another office', async () => {
  const caseId = await newCase();
  const before = await counts();
  await refuses(ask(market, wishOf('')), 'opening_case_missing');
  await refuses(ask(market, wishOf(caseId, { legalGround: 'the law' })), 'opening_ground_missing');
  await refuses(ask(market, wishOf(caseId, { reason: 'curious' })), 'opening_reason_missing');
  await refuses(ask(market, wishOf(caseId, { scope: [] })), 'opening_scope_missing');
  await refuses(ask(market, wishOf(caseId, { subject: 'f'.repeat(64) })), 'opening_subject_unknown');
  expect((await refusalOf(ask(tax, wishOf(caseId)))).code).toBe('case_unknown');
  const order = wishOf(caseId);
  const signature = market.sign(openingDocument({ ...order, scope: ['name', 'phone', 'id_number'] }));
  expect((await refusalOf(market.api.look.askOpening.mutate({ ...order, scope: [...order.scope], signature }))).code).toBe('sig_invalid');
  expect(await counts()).toEqual(before);
});

test('two people open it, the ledger has its hash, readings are recorded, and the person is told when sealing ends', async () => {
  const caseId = await newCase();
  const order = wishOf(caseId);
  const openingId = `opn_${order.actId}`;
  expect(await ask(market, order)).toEqual({ openingId, state: 'proposed' });
  expect(await ask(market, order)).toEqual({ openingId, state: 'proposed' });
  await refuses(ask(market, { ...order, reason: 'Another reason than before.' }), 'opening_state');
  await refuses(approve(market, order), 'opening_second_person');
  await refuses(market.api.look.readIdentity.mutate({ openingId }), 'opening_state');
  await refuses(tax.api.look.readIdentity.mutate({ openingId }), 'opening_unknown');
  expect(await approve(finance, order)).toEqual({ openingId, state: 'open' });
  await refuses(approve(finance, order), 'opening_state');
  await market.api.case.step.mutate({ caseId, step: { act: 'shared', audience: 'tax' } });
  await refuses(tax.api.look.readIdentity.mutate({ openingId }), 'opening_not_yours');

  await rig.settled();
  const [view] = await market.api.look.openings.query({ caseId });
  expect(view).toMatchObject({
    state: 'open',
    askedBy: 'STAFF-MARKET',
    approvedBy: 'STAFF-FINANCE',
    reads: 0,
    canRead: true,
    toldAt: null,
  });
  const [entry] = await rig.server.database.sql`select status from ledger.ledger_txs where encode(tx_id, 'hex') = ${view?.txId ?? ''}`;
  expect(entry).toEqual({ status: 'certified' });
  // The scope and nothing beside it.
  const read = await market.api.look.readIdentity.mutate({ openingId });
  expect(read.fields.map(({ field }) => field)).toEqual(['name', 'phone']);
  expect(read.fields[0]?.value).toMatch(/^\p{Script=Han}/u);
  await finance.api.look.readIdentity.mutate({ openingId });
  const told = await messages('sup:all', 'access.recorded');
  expect(told.map(({ level, byRef }) => [level, byRef])).toEqual([
    ['opened', 'STAFF-FINANCE'],
    ['read', 'STAFF-MARKET'],
    ['read', 'STAFF-FINANCE'],
  ]);
  expect(told).toContainEqual(expect.objectContaining({ accessId: openingId, caseId, approvals: ['STAFF-MARKET', 'STAFF-FINANCE'] }));
  expect(JSON.stringify(told)).not.toContain(read.fields[0]?.value ?? '?');
  expect(await rig.amy.client.api.look.ofMe.query()).toEqual([]);

  const later = async (who: Official, days: number) => {
    const until = new Date(rig.server.clock.now() + days * DAY).toISOString();
    const sealing = { actId: who.newActId(), openingId, until, reason: 'The inquiry goes on abroad.' };
    return who.api.look.extendSealing.mutate({ ...sealing, signature: who.sign(sealingDocument(sealing)) });
  };
  await refuses(later(market, 181), 'sealing_term');
  await refuses(later(market, 179), 'sealing_term');
  await refuses(later(tax, 180), 'opening_not_yours');
  rig.server.clock.advance(30 * DAY);
  await signAllIn();
  await later(market, 180);
  rig.server.clock.advance(SEALED - 1);
  expect(await rig.server.services.cases.turn()).toBe(0);
  rig.server.clock.advance(1);
  await rig.server.services.cases.turn();
  await signAllIn();
  expect(await rig.amy.client.api.look.ofMe.query()).toMatchObject([
    {
      openingId,
      agency: 'sup_market',
      officials: ['sup_market', 'sup_finance'],
      scope: ['name', 'phone'],
      reads: 2,
      legalGround: order.legalGround,
    },
  ]);
  expect(await messages(`player:${rig.amy.acct}`, 'notice')).toContainEqual(
    expect.objectContaining({ code: 'identity_opened', openingId }),
  );
  await refuses(later(market, 180), 'sealing_over');
  expect(await rig.bob.client.api.look.ofMe.query()).toEqual([]);
  const { identities } = await rig.server.services.transparency();
  expect(identities).toContainEqual({ agency: 'sup_market', count: 1 });
});

test('of a laundering case the person learns that it was opened, and nothing of the case', async () => {
  const order = wishOf(await newCase('laundering'), { subject: rig.bob.acct });
  await ask(market, order);
  await approve(finance, order);
  rig.server.clock.advance(SEALED);
  await rig.server.services.cases.turn();
  await signAllIn();
  expect(await rig.bob.client.api.look.ofMe.query()).toMatchObject([{ legalGround: null, caseNumber: null, scope: ['name', 'phone'] }]);
});

test('a request that nobody approves lapses; a closed case opens nothing more', async () => {
  const lapsing = wishOf(await newCase());
  await ask(market, lapsing);
  rig.server.clock.advance(7 * DAY);
  await signAllIn();
  await refuses(approve(finance, lapsing), 'opening_state');
  const caseId = await newCase();
  const order = wishOf(caseId);
  await ask(market, order);
  await market.api.case.step.mutate({ caseId, step: { act: 'closed', outcome: 'no_breach', text: 'The suspicion did not hold.' } });
  expect((await refusalOf(approve(finance, order))).code).toBe('case_closed');
});

/** One browser on three days, one card, and one of the two declared by the studio of the game: that one behind the market's back, which would
 *  refuse the trade that the detectors are to find. */
async function linkAmyAndBob(): Promise<void> {
  const { sql, clock } = rig.server.services;
  const [device, card] = [new Uint8Array(32).fill(7), new Uint8Array(32).fill(8)];
  for (const [index, { acct }] of [rig.amy, rig.bob].entries()) {
    for (const day of [1, 2, 3]) {
      const at = new Date(clock.now() - day * DAY);
      await sql`insert into identity.sessions (session_id, token_hash, acct, device, device_hash, created_at, last_used_at, expires_at)
        values (${`ses_${index}${day}`}, ${new Uint8Array(32).fill(index * 10 + day)}, ${acct}, 'test', ${device}, ${at}, ${at}, ${at})`;
    }
    await sql`update identity.cards set card_hash = ${card} where acct = ${acct}`;
  }
  await sql`update catalogue.games set affiliates = (select json_build_array(upper(display_name))::jsonb from identity.players where acct = ${rig.bob.acct})`;
}

async function unlinkAll(): Promise<void> {
  const { sql } = rig.server.database;
  await sql`update identity.cards set card_hash = null`;
  await sql`update identity.sessions set device_hash = null`;
}

test('an item from its issue to its payout, and a person with their links and the reasons, each role by its mask', async () => {
  const [itemId = ''] = world.items.slice(-1);
  const listing = await world.quote(rig.amy, { intent: 'listing', itemIds: [itemId], priceFen: '12345' });
  expect(await world.place(rig.amy, world.input(rig.amy, listing))).toBe('placed');
  const { listings } = await rig.amy.client.api.itemClass.get.query({ classId: world.sword.classId });
  const targetOrderId = listings.find(({ items }) => items.some((each) => each.itemId === itemId))?.orderId ?? '';
  const taking = { intent: 'take_listing', itemIds: [itemId], targetOrderId } as const;
  const before = world.input(rig.bob, await world.quote(rig.bob, taking));
  await linkAmyAndBob();
  // The rules ask who acts as one person, for the quote and for what was quoted before; the detectors hear of it.
  expect((await refusalOf(world.quote(rig.bob, taking))).code).toBe('linked_account');
  expect(await world.place(rig.bob, before)).toBe('linked_account');
  const attempts = () => rig.server.database.sql`select figures, trade_ids from surveillance.alerts where detector = 'CN-SV-01'`;
  await expect
    .poll(attempts, { timeout: 60_000, interval: 100 })
    .toMatchObject([{ figures: { trades: '0', refused: '1' }, trade_ids: [] }]);
  await unlinkAll();
  await rig.settled();
  const buy = await world.quote(rig.bob, taking);
  expect(await world.place(rig.bob, world.input(rig.bob, buy))).toBe('placed');
  await rig.settled();
  const seen = await tax.api.look.item.query({ itemId });
  expect(seen.page.hops.map(({ act, priceFen }) => [act, priceFen])).toEqual([
    ['issued', null],
    ['sold', '12345'],
  ]);
  expect(seen.page.hops.every(({ entry }) => entry >= 0)).toBe(true);
  expect(seen.trades).toMatchObject([{ grossFen: '12345', ledger: { status: 'certified' } }]);
  expect(seen.trades[0]?.assessment?.lines.length).toBeGreaterThan(0);
  expect((await market.api.look.item.query({ itemId })).trades[0]).toMatchObject({ assessment: null, legs: [] });

  const person = await tax.api.look.person.query({ ref: rig.amy.acct });
  expect(person).toMatchObject({ level: 'R2', sold: { trades: 1, grossFen: '12345' } });
  expect(person.name).not.toBeNull();
  expect(person.links).toMatchObject([
    { ref: rig.bob.acct, reason: 'card', detail: '' },
    { ref: rig.bob.acct, reason: 'device', detail: '3' },
  ]);
  // What the rules refused somebody stands there with rule and citation.
  await rig.kim.client.signIn();
  const wish = { intent: 'buy_order', classId: world.sword.classId, priceFen: '20000' } as const;
  expect((await refusalOf(world.quote(rig.kim, wish))).code).toBe('minor_refused');
  expect((await market.api.look.person.query({ ref: rig.kim.acct })).decisions).toMatchObject([
    {
      ...{ kind: 'deny', side: 'buy', priceFen: '20000', classId: world.sword.classId, names: { en: expect.any(String) } },
      reasons: [
        { code: 'minor_refused', ruleId: expect.stringMatching(/^[A-Z]/), citation: expect.stringMatching(/./) },
        { code: 'level_required', ruleId: 'CN-ID-01' },
      ],
    },
  ]);
  const masked = await market.api.look.person.query({ ref: rig.amy.acct });
  expect(masked.name).toBeNull();
  expect(masked.holdings.rows.every(({ costBasisFen }) => costBasisFen === null)).toBe(true);
  await refuses(market.api.look.person.query({ ref: 'e'.repeat(64) }), 'opening_subject_unknown');
});

test('the pair that acts as one is found by the detectors that wait for links, at its first trade, with the reasons', async () => {
  const raised = async () => (await market.api.look.person.query({ ref: rig.amy.acct })).alerts.map(({ detector }) => detector).toSorted();
  // The worker follows the feeds by itself.
  await expect.poll(raised, { timeout: 60_000, interval: 100 }).toEqual(expect.arrayContaining(['CN-SV-01', 'CN-SV-13']));
  const [alert] = await rig.server.database.sql<{ figures: unknown; pairs: number }[]>`select figures,
    (select count(*)::int from surveillance.facts where kind = 'link') as pairs from surveillance.alerts where detector = 'CN-SV-01'`;
  expect(alert).toMatchObject({ figures: { trades: '1', refused: '1', link: 'declared, same_device, same_payout_account' }, pairs: 3 });
  const { links } = await tax.api.look.person.query({ ref: rig.bob.acct });
  expect(links.map(({ ref, reason }) => [ref === rig.amy.acct ? 'amy' : 'studio', reason])).toEqual([
    ['amy', 'card'],
    ['studio', 'declared'],
    ['amy', 'device'],
  ]);
  // What was recorded stays, though card and device have changed since; and no hash is among it.
  expect((await tax.api.look.person.query({ ref: rig.amy.acct })).links.map(({ reason }) => reason)).toEqual(['card', 'device']);
});

test('a supervisor whose certificate is revoked signs nothing more, though the session still lives', async () => {
  const order = wishOf(await newCase());
  const before = await counts();
  const now = rig.server.clock.now();
  await revokeStaff(rig.server, 'staff-market');
  rig.server.clock.advance(1_000);
  expect((await refusalOf(ask(market, order))).code).toBe('certificate_revoked');
  const freeze = await market.freezeInput({
    caseId: order.caseId,
    scope: 'item',
    targetId: world.items[0] ?? '',
    until: new Date(now + DAY).toISOString(),
  });
  expect((await refusalOf(market.api.case.freeze.mutate(freeze))).code).toBe('certificate_revoked');
  expect(await counts()).toEqual(before);

  // Every door: whatever changes something and asks for a certificate, those that are still to be built too.
  const knock = async (door: string, cookie: string): Promise<string> => {
    const { base } = rig.server;
    const headers = { 'content-type': 'application/json', origin: base, cookie };
    const answer = await fetch(`${base}/api/trpc/${door}`, { method: 'POST', headers, body: '{"json":{}}' });
    return refusedAnswer.safeParse(await answer.json()).data?.error.json.data.refusal.code ?? '';
  };
  const doors: string[] = [];
  // A question answers no POST, so what is left are the acts.
  for (const door of Object.keys(appRouter._def.procedures)) {
    if (door === 'staff.signOut' || (await knock(door, '')) !== 'staff_sign_in_required') continue;
    const code = await knock(door, market.cookies());
    if (code !== 'role_missing') doors.push(`${door}: ${code}`);
  }
  expect(doors.filter((door) => !door.endsWith(': certificate_revoked'))).toEqual([]);
  expect(doors.map((door) => door.split(':')[0])).toEqual(expect.arrayContaining(DOORS_OF_A_SUPERVISOR));
  expect(await counts()).toEqual(before);

  // Reading ends half a minute later at the most.
  expect((await market.api.case.list.query({})).cases.length).toBeGreaterThan(0);
  rig.server.clock.advance(31_000);
  expect((await refusalOf(market.api.case.list.query({}))).code).toBe('staff_sign_in_required');
  expect((await refusalOf(market.signIn())).code).toBe('certificate_revoked');
});

const refusedAnswer = z.object({
  error: z.object({ json: z.object({ data: z.object({ refusal: z.object({ code: z.string() }) }) }) }),
});
const DOORS_OF_A_SUPERVISOR = [
  'packs.propose',
  'packs.publish',
  'packs.approve',
  'packs.activate',
  'packs.withdraw',
  'experimentDesk.draft',
  'experimentDesk.approve',
  'experimentDesk.move',
  'alert.act',
  'case.open',
  'case.step',
  'case.freeze',
  'look.readIdentity',
  'report.order',
  'replay.start',
];

test('every refusal of this door was met', () => {
  expect([...reached].sort()).toEqual(Object.keys(OPENING_REFUSALS).sort());
});
