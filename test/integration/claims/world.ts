/** The market, its people and the acts of a dispute, for the tests of claims. Opened once for all of them. */
import { expect } from 'vitest';
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { concat, fromHex, toBase64, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { parseTradeId } from '#ledger/primitives/ids.ts';
import { type CaseDocument, documentHash } from '#sandbox/cases/case-order.ts';
import {
  answerDocument,
  type ClaimKind,
  claimAppealDocument,
  claimAttest,
  claimDocument,
  reverseOp,
  rulingDocument,
} from '#sandbox/cases/claim-order.ts';
import { CLAIM_REFUSALS, type ClaimCode } from '#server/claims/claim-codes.ts';
import { reconcile } from '#server/journal/reconcile.ts';
import type { ClaimView } from '#server/trpc/views.ts';
import { listBroken } from '#test/support/invariants.ts';
import { type Official, openOfficial } from '#test/support/officials.ts';
import { refusalOf } from '#test/support/server.ts';
import { type MarketWorld, openMarketWorld } from '../public-refusals/market-cases.ts';
import { type Actor, openRig, type Rig } from '../public-refusals/rig.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export let rig: Rig;
export let world: MarketWorld;
export let desk: Official;
export let market: Official;
export let finance: Official;
export let items: readonly string[];
let place = 1;
export const nextItem = (): string => items[place++] ?? '';
export const reached = new Set<string>();

export async function openWorld(): Promise<void> {
  rig = await openRig();
  world = await openMarketWorld(rig);
  items = [...world.items, ...(await rig.mint(world.sword, rig.amy, 14))];
  [desk, market, finance] = await Promise.all([
    openOfficial(rig.server, 'staff-operator'),
    openOfficial(rig.server, 'staff-market'),
    openOfficial(rig.server, 'staff-finance'),
  ]);
  await rig.bob.client.deposit({ referenceId: desk.newActId(), amountFen: '900000' });
  for (let turn = 0; turn < 4; turn++) await wait(5_000);
}

export const signIn = () =>
  Promise.all([...[desk, market, finance].map((official) => official.signIn()), rig.amy.client.signIn(), rig.bob.client.signIn()]);
export async function wait(ms: number): Promise<void> {
  await rig.server.services.ledger.sealNow(); // what waits longer than its window is refused
  rig.server.clock.advance(ms);
  await rig.settled();
  await rig.server.services.cases.turn();
  // Their own round comes within ten seconds after the clock has moved, and what it writes on the ledger is no refusal's doing.
  await rig.server.services.reports.turn();
  await rig.settled();
  await signIn();
}

export async function refuses(call: Promise<unknown>, code: ClaimCode): Promise<void> {
  expect(await refusalOf(call)).toMatchObject({ code, message: CLAIM_REFUSALS[code].message });
  reached.add(code);
}

/** Amy sells the next of her items to Bob; certified. */
export async function sell(isCertified = true): Promise<{ readonly tradeId: string; readonly itemId: string }> {
  const itemId = nextItem();
  const listed = await world.list(itemId);
  const quote = await world.quote(rig.bob, { intent: 'take_listing', itemIds: [itemId], targetOrderId: listed.orderId });
  const answer = await rig.bob.client.api.order.place.mutate(world.input(rig.bob, quote));
  if (answer.kind !== 'placed') throw new Error(answer.code);
  if (isCertified) await rig.settled();
  return { tradeId: answer.trades[0]?.tradeId ?? '', itemId };
}

export async function proof(who: Actor, document: CaseDocument) {
  const { chain, challenge, issuedAt } = await who.client.api.session.challenge.mutate();
  const facts = { document: toHex(documentHash(document)), chain, acct: who.acct, challenge, issuedAt };
  const message = concat(utf8('daoju.claim/1\n'), canonicalBytes(facts));
  return { challenge, issuedAt, signature: toHex(rig.server.services.ledger.sm2.sign(who.privateKey, message)) };
}

export const PICTURE = new Uint8Array([1, 2, 3]);
export const FILE = { name: 'screen.png', mime: 'image/png', base64: toBase64(PICTURE) };
export const FILE_SM3 = toHex(sm3(PICTURE));
export const REASON = 'The item is not the one that was shown.';

export async function open(
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
export async function answer(who: Actor, claimId: string, stance: 'agrees' | 'contests' = 'contests'): Promise<unknown> {
  const given = { actId: desk.newActId(), claimId, stance, text: 'The picture in the listing is right.' };
  const signed = await proof(who, answerDocument({ ...given, files: [] }));
  return who.client.api.claim.answer.mutate({ ...given, files: [], proof: signed });
}
export async function decide(claimId: string, isUpheld: boolean): Promise<unknown> {
  const ruling = { actId: desk.newActId(), claimId, isUpheld, reason: 'Listing and item were compared.' };
  return desk.api.claim.decide.mutate({ ...ruling, signature: desk.sign(rulingDocument('desk', ruling)) });
}
export async function appeal(who: Actor, claimId: string): Promise<unknown> {
  const given = { actId: desk.newActId(), claimId, text: 'The desk did not look at the serial.' };
  return who.client.api.claim.appeal.mutate({ ...given, proof: await proof(who, claimAppealDocument(given)) });
}
export const viewOf = (official: Official, claimId: string): Promise<ClaimView> => official.api.claim.get.query({ claimId, as: 'staff' });
export const sideOf = (who: Actor, claimId: string): Promise<ClaimView> => who.client.api.claim.get.query({ claimId, as: 'party' });

export async function review(
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
export const tradeOf = (who: Actor, tradeId: string) => who.client.api.trade.get.query({ tradeId: parseTradeId(tradeId) });
export const ownerOf = async (itemId: string) =>
  (await rig.server.database.sql`select owner from custody.items where item_id = ${itemId}`)[0]?.owner;
export const moneyOf = async (who: Actor) => {
  const { availableFen, comingFen } = await who.client.api.money.get.query();
  return { availableFen, comingFen };
};
export async function booksAgree(): Promise<void> {
  await rig.server.services.market.turnClocks();
  const { services, database, clock } = rig.server;
  expect(await reconcile({ sql: database.sql, clock, random: services.random, ledger: services.ledger })).toEqual([]);
  expect(await listBroken(database.sql)).toEqual([]);
}
