/** Gifts (product P-28) through the procedures of the pages: signed by both, held meanwhile, taxed, or nothing at all. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeTxBody, encodeTxEnv } from '#ledger/codec/tx.ts';
import { fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { type AccountId, type ItemId, parseAccountId, parseItemId } from '#ledger/primitives/ids.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { buildTransfers, transferFor } from '#ledger/tx/build-transfer.ts';
import { signTx } from '#ledger/tx/sign.ts';
import { decide } from '#sandbox/decisions/decide.ts';
import { getPackByHash } from '#sandbox/packs/pack.ts';
import { listDecisions } from '#server/exchange/decisions.repo.ts';
import { reconcile } from '#server/journal/reconcile.ts';
import type { GiftId } from '#server/settlement/sale-id.ts';
import type { Gift, GiftQuote } from '#server/trpc/views.ts';
import { listBroken } from '#test/support/invariants.ts';
import { seededRandom } from '#test/support/seeded-random.ts';
import { refusalOf } from '#test/support/server.ts';
import { type MarketWorld, openMarketWorld } from './public-refusals/market-cases.ts';
import { type Actor, newReference, openRig, type Rig } from './public-refusals/rig.ts';

const WEEK_MS = 7 * 86_400_000;
const random = seededRandom('gifts');
let rig: Rig;
let market: MarketWorld;
let keptLong: string;
let bound: string;
/** Bob's, bought for 600.00, 500.00 and 1,500.00 yuan. */
let bought: readonly string[];

type Row = { readonly referenceId: string; readonly itemId: ItemId; readonly to: AccountId; readonly transfers: readonly string[] };

function sheet(
  giver: Actor,
  quote: GiftQuote,
  more: { readonly signer?: Actor; readonly to?: string; readonly until?: number } = {},
): readonly Row[] {
  const to = more.to ?? quote.recipient.acct;
  const from = Date.parse(quote.quotedAt);
  const until = more.until ?? Date.parse(quote.acceptUntil);
  return quote.rows.map(({ itemId, serial, ver }) => {
    const bodies = buildTransfers(
      {
        chain: fromHex(quote.chain, 32),
        serial: BigInt(serial),
        ver: BigInt(ver),
        to: fromHex(to, 32),
        from,
        until,
      },
      (length) => random.bytes(length),
    );
    const envs = signTx(rig.server.services.ledger.sm2, (more.signer ?? giver).key(), bodies);
    return {
      referenceId: newReference(),
      itemId,
      to: parseAccountId(quote.recipient.acct),
      transfers: envs.map((env) => toHex(encodeTxEnv(env))),
    };
  });
}
const quoteOf = (giver: Actor, itemIds: readonly string[], to: string) =>
  giver.client.api.gift.quote.mutate({ itemIds: itemIds.map(parseItemId), to });
const send = (giver: Actor, rows: readonly Row[]) =>
  giver.client.api.gift.sendMany.mutate({ rows: rows.map((row) => ({ ...row, transfers: [...row.transfers] })) });
const refused = async (call: () => Promise<unknown>) => {
  const refusal = await rig.unchanged(() => refusalOf(call()));
  expect(refusal.message).toMatch(/.{15}/);
  expect(refusal.traceId).toMatch(/^[0-9a-f]{32}$/);
  return refusal.code;
};
const refusedRows = async (giver: Actor, rows: readonly Row[]) => {
  const answers = await rig.unchanged(() => send(giver, rows));
  return answers.map((answer) => (answer.kind === 'rejected' ? answer.code : answer.kind));
};
async function give(giver: Actor, itemId: string, to: Actor): Promise<GiftId> {
  const [answer] = await send(giver, sheet(giver, await quoteOf(giver, [itemId], to.acct)));
  if (answer?.kind !== 'sent') throw new Error(`not sent: ${JSON.stringify(answer)}`);
  return answer.giftId;
}
const giftOf = async (who: Actor, giftId: GiftId): Promise<Gift> => {
  const gift = (await who.client.api.gift.list.query()).gifts.find((each) => each.giftId === giftId);
  if (gift === undefined) throw new Error('no such gift in the list');
  return gift;
};
function acceptance(who: Actor, bodies: readonly string[]): string {
  const body = transferFor(
    bodies.map((hex) => decodeTxBody(fromHex(hex))),
    rig.server.clock.now(),
  );
  if (body === null) throw new Error('no window is open');
  const [env] = signTx(rig.server.services.ledger.sm2, who.key(), [body]);
  return env === undefined ? '' : toHex(encodeTxEnv(env));
}
async function accept(who: Actor, giftId: GiftId, signer = who) {
  const { bodies } = await giftOf(who, giftId);
  return who.client.api.gift.accept.mutate({ giftId, transfer: acceptance(signer, bodies) });
}
const end = (who: Actor, giftId: GiftId) => who.client.api.gift.end.mutate({ giftId });
const holds = async (itemId: string) =>
  (await rig.server.database.sql`select state from custody.item_holds where item_id = ${itemId} order by state`).map((row) =>
    String(row.state),
  );
const ownerOf = async (itemId: string) =>
  String((await rig.server.database.sql`select owner from custody.items where item_id = ${itemId}`)[0]?.owner);
async function sell(seller: Actor, itemId: string, priceFen: string, buyer: Actor): Promise<void> {
  const listing = await seller.client.api.order.place.mutate(
    market.input(seller, await market.quote(seller, { intent: 'listing', itemIds: [itemId], priceFen })),
  );
  if (listing.kind !== 'placed') throw new Error(`not listed: ${listing.code}`);
  const wish = { intent: 'take_listing', itemIds: [itemId], targetOrderId: listing.order.orderId, priceFen } as const;
  expect(await market.place(buyer, market.input(buyer, await market.quote(buyer, wish)))).toBe('placed');
  await rig.settled();
}
async function fund(who: Actor, amountFen: string): Promise<void> {
  await who.client.deposit({ referenceId: newReference(), amountFen });
  for (let turn = 0; turn < 4; turn++) {
    rig.server.clock.advance(5_000);
    await rig.settled();
  }
}

beforeAll(async () => {
  rig = await openRig();
  market = await openMarketWorld(rig);
  bound = (await rig.mint(await rig.kind('keepsake', { terms: { is_giftable: false } }), rig.amy, 1))[0] ?? '';
  for (const [index, priceFen] of ['60000', '50000', '150000'].entries())
    await sell(rig.amy, market.items[index + 1] ?? '', priceFen, rig.bob);
  bought = market.items.slice(1, 4);
  await fund(rig.amy, '400000');
  keptLong = (await rig.mint(await rig.kind('old-key-charm'), await rig.actor('zhou-ning'), 1))[0] ?? '';
});
afterAll(() => rig.server.stop());

test('an item that came within the week is not given, nor to nobody, oneself, or a minor', async () => {
  const [, , , , fresh = ''] = market.items;
  expect(await refused(() => quoteOf(rig.amy, [fresh], rig.bob.acct))).toBe('gift_wait');
  expect(await refused(() => quoteOf(rig.amy, [fresh], 'nobody-of-this-name'))).toBe('recipient_unknown');
  expect(await refused(() => quoteOf(rig.amy, [fresh], rig.amy.acct))).toBe('self_gift');
  expect(await refused(() => quoteOf(rig.amy, [fresh], rig.kim.acct))).toBe('recipient_unfit');
  expect(await refused(() => quoteOf(rig.amy, [`itm_${'0'.repeat(32)}`], rig.bob.acct))).toBe('item_unknown');
});

describe('after a week', () => {
  beforeAll(async () => {
    rig.server.clock.advance(WEEK_MS + 60_000);
    await rig.settled();
    for (const who of [rig.amy, rig.bob, rig.kim]) await who.client.signIn();
  });

  test('a sheet of items tells of each whether it can go, and what it would cost in tax', async () => {
    const quote = await quoteOf(rig.amy, [market.items[4] ?? '', market.items[0] ?? '', bound], rig.bob.acct);
    expect(quote.rows.map(({ refusal }) => refusal?.code ?? null)).toEqual([null, 'item_held', 'not_giftable']);
    expect(quote.recipient.acct).toBe(rig.bob.acct);
    expect(await refused(() => quoteOf(rig.amy, [bound], rig.bob.acct))).toBe('not_giftable');
    // CN-GIFT: 1,500.00 without a reference price counts at its cost: VAT 14.85 and half of UMCT, ES and LES.
    const costly = await quoteOf(rig.bob, [bought[2] ?? ''], rig.amy.acct);
    expect(costly).toMatchObject({ baseFen: '150000', taxFen: '1574' });
  });

  test('bytes that say something else, are signed by another, or do not cover the moment, are refused', async () => {
    const [item = ''] = market.items.slice(4);
    const quote = await quoteOf(rig.amy, [item], rig.bob.acct);
    expect(await refusedRows(rig.amy, sheet(rig.amy, quote, { to: rig.amy.acct }))).toEqual(['gift_malformed']);
    expect(await refusedRows(rig.amy, sheet(rig.amy, quote, { signer: rig.bob }))).toEqual(['sig_invalid']);
    expect(await refusedRows(rig.amy, sheet(rig.amy, quote, { until: rig.server.clock.now() + 40 * 3_600_000 }))).toEqual(['gift_window']);
    const [row] = sheet(rig.amy, quote);
    if (row === undefined) throw new Error('one row');
    expect(await refusedRows(rig.amy, [{ ...row, transfers: ['00'] }])).toEqual(['gift_malformed']);
    expect(await refusedRows(rig.amy, [{ ...row, itemId: parseItemId(bound) }])).toEqual(['item_unknown']);
    expect(await refusedRows(rig.bob, [row])).toEqual(['self_gift']);
  });

  test('a gift is held for its recipient, once, and given with both signatures', async () => {
    const [itemId = ''] = market.items.slice(4);
    const rows = sheet(rig.amy, await quoteOf(rig.amy, [itemId], rig.bob.acct));
    const [sent] = await send(rig.amy, rows);
    if (sent?.kind !== 'sent') throw new Error('not sent');
    const { giftId } = sent;
    expect(await rig.unchanged(() => send(rig.amy, rows))).toMatchObject([{ kind: 'sent', replayed: true, giftId }]);
    const other = rows.map((row) => ({ ...row, transfers: row.transfers.slice(1) }));
    expect(await refusedRows(rig.amy, other)).toEqual(['reference_conflict']);
    const twice = sheet(rig.bob, await quoteOf(rig.bob, [bought[2] ?? ''], rig.amy.acct)).flatMap((row) => [
      row,
      { ...row, referenceId: newReference() },
    ]);
    const [one, two] = await send(rig.bob, twice);
    expect([one?.kind, two]).toMatchObject(['sent', { kind: 'rejected', code: 'item_held' }]);
    if (one?.kind === 'sent') await end(rig.bob, one.giftId);
    expect(await refused(() => market.quote(rig.amy, { intent: 'listing', itemIds: [itemId] }))).toBe('item_held');
    expect(await refused(() => quoteOf(rig.amy, [itemId], rig.bob.acct))).toBe('item_held');
    expect(await rig.amy.client.api.item.get.query({ itemId: parseItemId(itemId) })).toMatchObject({
      state: 'held',
      stateReason: 'item_given',
    });
    expect((await giftOf(rig.amy, giftId)).bodies).toEqual([]);
    const { bodies } = await giftOf(rig.bob, giftId);
    const stranger = await rig.actor('zhou-ning');
    const transfer = acceptance(rig.bob, bodies);
    expect(await refused(() => stranger.client.api.gift.accept.mutate({ giftId, transfer }))).toBe('not_your_gift');
    expect(await refused(() => end(stranger, giftId))).toBe('not_your_gift');
    const stray = `gft_${'0'.repeat(32)}`;
    expect(await refused(() => rig.bob.client.api.gift.accept.mutate({ giftId: stray, transfer }))).toBe('gift_unknown');
    expect(await refused(() => rig.bob.client.api.gift.end.mutate({ giftId: stray }))).toBe('gift_unknown');
    expect(await refused(() => accept(rig.bob, giftId, stranger))).toBe('sig_invalid');
    expect(await refused(() => rig.bob.client.api.gift.accept.mutate({ giftId, transfer: '00' }))).toBe('gift_malformed');
    expect(await ownerOf(itemId)).toBe(rig.amy.acct);
    expect(await rig.bob.client.api.gift.accept.mutate({ giftId, transfer })).toMatchObject({ state: 'given', replayed: false });
    expect(await rig.unchanged(() => rig.bob.client.api.gift.accept.mutate({ giftId, transfer }))).toMatchObject({ replayed: true });
    expect(await ownerOf(itemId)).toBe(rig.bob.acct);
    expect(await refused(() => end(rig.amy, giftId))).toBe('gift_over');
    await rig.settled();
    expect(await giftOf(rig.bob, giftId)).toMatchObject({ state: 'given', isCertified: true, direction: 'incoming', taxFen: null });
    const page = await rig.bob.client.api.item.get.query({ itemId: parseItemId(itemId) });
    expect(page.hops.at(-1)).toMatchObject({ act: 'given', fromRef: rig.amy.acct, toRef: rig.bob.acct, tradeId: null });
    expect((await rig.bob.client.api.passport.get.query({ itemId: parseItemId(itemId) })).file.length).toBeGreaterThan(1_000);
  });

  test('taken back or declined, the item is free again; twice is harmless, anything else is over', async () => {
    const [, , , , , first = '', second = ''] = market.items;
    const [withdrawn, declined] = [await give(rig.amy, first, rig.bob), await give(rig.amy, second, rig.bob)];
    const { bodies } = await giftOf(rig.bob, withdrawn);
    expect(await end(rig.amy, withdrawn)).toMatchObject({ state: 'withdrawn', replayed: false });
    expect(await rig.unchanged(() => end(rig.amy, withdrawn))).toMatchObject({ state: 'withdrawn', replayed: true });
    expect(await end(rig.bob, declined)).toMatchObject({ state: 'declined' });
    expect(await refused(() => end(rig.amy, declined))).toBe('gift_over');
    expect(await refused(() => rig.bob.client.api.gift.accept.mutate({ giftId: withdrawn, transfer: acceptance(rig.bob, bodies) }))).toBe(
      'gift_over',
    );
    expect([await holds(first), await holds(second)]).toEqual([['released'], ['released']]);
  });

  test('a deemed sale counts in the day: a later sale passes the line and the gift is assessed again', async () => {
    const [given = '', sold = ''] = bought;
    const giftId = await give(rig.bob, given, rig.amy);
    await accept(rig.amy, giftId);
    await rig.settled();
    expect((await giftOf(rig.bob, giftId)).taxFen).toBe('0');
    await sell(rig.bob, sold, '50000', rig.amy);
    // 600.00 of a day of 1,100.00: sales 594.06, VAT 5.94, UMCT 0.21, ES 0.09, LES 0.06.
    expect((await giftOf(rig.bob, giftId)).taxFen).toBe('630');
    const rows = await rig.server.database.sql`
      select version, cause, gross_fen::text as gross, input->>'txType' as type from compliance.assessments where trade_id = ${giftId} order by version`;
    expect(rows.map((row) => ({ ...row }))).toEqual([
      { version: 1, cause: 'settled', gross: '60000', type: 'GIFT' },
      { version: 2, cause: 'day_line', gross: '60000', type: 'GIFT' },
    ]);
    const [crossing] = await rig.server.database
      .sql`select reassessed, gross_fen::text as gross from compliance.crossings where acct = ${rig.bob.acct} order by at desc`;
    expect(crossing).toMatchObject({ reassessed: [giftId], gross: '110000' });
    const feed = await rig.server.database
      .sql`select type, body::text from outbox.messages where body::text like ${`%${giftId}%`} and room like 'sup:%' order by room, seq`;
    expect(feed.map((row) => String(row.type))).toEqual([
      'mkt.gift',
      'tax.trade.assessed',
      'tax.trade.corrected',
      'tax.day.threshold.crossed',
    ]);
  });

  test('accepting and taking back at once end in one of the two, and the item is with whom it says', async () => {
    const items = await rig.mint(market.sword, rig.amy, 6);
    rig.server.clock.advance(WEEK_MS + 60_000);
    await rig.settled();
    for (const who of [rig.amy, rig.bob]) await who.client.signIn();
    for (const [index, itemId] of items.entries()) {
      const giftId = await give(rig.amy, itemId, rig.bob);
      const { bodies } = await giftOf(rig.bob, giftId);
      const transfer = acceptance(rig.bob, bodies);
      const acts = [() => rig.bob.client.api.gift.accept.mutate({ giftId, transfer }), () => end(rig.amy, giftId)];
      const order = index % 2 === 0 ? acts : acts.toReversed();
      await Promise.allSettled(order.map((act) => act()));
      const { state } = await giftOf(rig.amy, giftId);
      expect(['given', 'withdrawn']).toContain(state);
      expect(await ownerOf(itemId)).toBe(state === 'given' ? rig.bob.acct : rig.amy.acct);
    }
  });

  test('a frozen item waits with its gift; after three days the gift is over', async () => {
    const [itemId = ''] = market.items.slice(7);
    const giftId = await give(rig.amy, itemId, rig.bob);
    const { serial } = await rig.itemOf(itemId);
    await rig.supervise({
      kind: 'freeze',
      target: { kind: 'item', serial },
      until: BigInt(rig.server.clock.now() + 3_600_000),
      doc: new Uint8Array(32),
    });
    expect(await refused(() => accept(rig.bob, giftId))).toBe('item_frozen');
    rig.server.clock.advance(60 * 3_600_000);
    await rig.settled();
    for (const who of [rig.amy, rig.bob]) await who.client.signIn();
    // Days later another window of the giver's is open.
    expect((await giftOf(rig.bob, giftId)).state).toBe('open');
    rig.server.clock.advance(13 * 3_600_000);
    await rig.settled();
    await rig.amy.client.signIn();
    expect((await giftOf(rig.amy, giftId)).state).toBe('expired');
    expect(await holds(itemId)).toEqual(['released']);
  });

  test('an account whose gifts are on hold gives nothing', async () => {
    const [itemId = ''] = market.items.slice(7);
    await rig.server.database.sql`insert into identity.risk_holds (acct, code, until)
      values (${rig.amy.acct}, 'gift_withdrawal', ${new Date(rig.server.clock.now() + 3_600_000)})`;
    expect(await refused(() => quoteOf(rig.amy, [itemId], rig.bob.acct))).toBe('gift_on_hold');
  });

  test('attempts to give are kept with what decided them, and decide again to themselves', async () => {
    const stored = (await listDecisions(rig.server.database.sql, { from: instant(0), to: instant(rig.server.clock.now() + 1) })).filter(
      ({ intent }) => intent === 'gift',
    );
    const sent = await rig.server.database.sql`select gift_id from market.gifts`;
    const placed = stored.filter(({ outcome }) => outcome === 'placed');
    expect(new Set(placed.map(({ referenceId }) => referenceId))).toEqual(new Set(sent.map(({ gift_id }) => String(gift_id))));
    expect(placed[0]).toMatchObject({ stage: 'gift', kind: 'allow', attempt: { act: 'gift' }, facts: { items: [{}] } });
    expect(stored).toContainEqual(expect.objectContaining({ stage: 'quote', kind: 'deny', outcome: 'not_giftable' }));
    for (const { attempt, facts, packHash, kind, reasons } of stored) {
      const again = decide(attempt, facts, getPackByHash(packHash));
      expect({ kind: again.kind, reasons: again.reasons }).toEqual({ kind, reasons });
    }
  });

  test('a gift of somebody whose key is replaced ends with it, and the item is free', async () => {
    const cid = await rig.actor('zhou-ning');
    const giftId = await give(cid, keptLong, rig.bob);
    expect(await holds(keptLong)).toEqual(['active']);
    const { ledger, market: exchange } = rig.server.services;
    const acct = fromHex(cid.acct, 32);
    const policy = ledger.pending.policyByHash(ledger.pending.accountById(acct)?.policy ?? acct);
    if (policy === null) throw new Error('an account has a policy');
    await exchange.sequence([rig.sign(cid, { kind: 'account_rotate', acct, mode: 0, policy })]);
    await exchange.turnClocks();
    const [row] = await rig.server.database.sql`select state, reason from market.gifts where gift_id = ${giftId}`;
    expect(row).toEqual({ state: 'failed', reason: 'key_epoch_stale' });
    expect(await holds(keptLong)).toEqual(['released']);
  });

  test('books, custody and windows agree with all that was given', async () => {
    const { ledger } = rig.server.services;
    expect(await reconcile({ sql: rig.server.database.sql, clock: rig.server.clock, random, ledger })).toEqual([]);
    expect(await listBroken(rig.server.database.sql)).toEqual([]);
  });
});
