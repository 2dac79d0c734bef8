/** What a studio changes of a declared kind, through the public API: terms with their notice, art, and what neither can do to others. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeTxBody, encodeTxEnv } from '#ledger/codec/tx.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { certifiedPast } from '#ledger/node/consortium/certified-past.ts';
import { fromHex, toHex, utf8, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { parseClassId, parseItemId, parseOrderId } from '#ledger/primitives/ids.ts';
import { signTx } from '#ledger/tx/sign.ts';
import { hideContent, showContent } from '#server/desk/hidden-content.repo.ts';
import { silentLog } from '#server/log.ts';
import { memberChecks } from '#server/members/checks/member-checks.ts';
import { openDocuments } from '#server/members/documents.ts';
import { openMedia } from '#server/members/media.ts';
import type { Answer } from '#server/sdk/studio-client.ts';
import { findArtFile } from '#server/studio/class-changes.repo.ts';
import { mediaSm3 } from '#server/studio/update-class.ts';
import { restoreArt } from '#server/takeover/restore-art.ts';
import { ensureDemonstrationStudio } from '#server/workers/demonstration/studio-account.ts';
import { picture } from '#test/support/picture.ts';
import { refusalOf } from '#test/support/server.ts';
import { type Actor, expectRefusal, type Kind, newReference, openRig, type Rig } from './public-refusals/rig.ts';

const DAY_MS = 86_400_000;
let rig: Rig;
let sword: Kind;
beforeAll(async () => {
  rig = await openRig();
  await fund(rig.bob, '1000000');
  sword = await rig.kind('sword', { supply_cap: 50 });
});
afterAll(() => rig.server.stop());

async function fund(who: Actor, amountFen: string): Promise<void> {
  await who.client.deposit({ referenceId: newReference(), amountFen });
  for (let turn = 0; turn < 4; turn++) {
    rig.server.clock.advance(5_000);
    await rig.settled();
  }
}

const patch = (kind: Kind, body: Readonly<Record<string, unknown>>): Promise<Answer> =>
  rig.studio.write('PATCH', `/api/v1/item-classes/${kind.classId}`, { reference_id: newReference(), ...body });
const page = (kind: Kind) => rig.bob.client.api.itemClass.get.query({ classId: parseClassId(kind.classId) });
async function leafOf(kind: Kind) {
  const [row] = await rig.server.database.sql`select ledger_serial from catalogue.item_classes where class_id = ${kind.classId}`;
  const leaf = rig.server.services.ledger.pending.classById(Number(row?.ledger_serial));
  if (leaf === null) throw new Error(`no leaf of ${kind.classRef}`);
  return leaf;
}
async function refused(call: () => Promise<Answer>, code: string): Promise<Answer> {
  const answer = await rig.unchanged(call);
  expect(answer.body).toMatchObject({ code, trace_id: answer.traceId, title: expect.stringMatching(/.{15}/) });
  return answer;
}

async function list(who: Actor, kind: Kind, itemId: string, priceFen = '10000') {
  const { api, signSheet } = who.client;
  const quote = await api.quote.get.mutate({
    intent: 'listing',
    classId: parseClassId(kind.classId),
    itemIds: [parseItemId(itemId)],
    targetOrderId: null,
    priceFen,
    quantity: 1,
  });
  const [input] = signSheet([{ quote, referenceId: newReference() }]);
  if (input === undefined) throw new Error('one draft, one order');
  const answer = await api.order.place.mutate(input);
  if (answer.kind !== 'placed') throw new Error(`not listed: ${answer.code}`);
  return { order: answer.order, quote };
}

async function take(who: Actor, kind: Kind, orderId: string, itemId: string, priceFen = '10000') {
  const { api, signSheet } = who.client;
  const quote = await api.quote.get.mutate({
    intent: 'take_listing',
    classId: parseClassId(kind.classId),
    itemIds: [parseItemId(itemId)],
    targetOrderId: parseOrderId(orderId),
    priceFen,
    quantity: 1,
  });
  const [input] = signSheet([{ quote, referenceId: newReference() }]);
  if (input === undefined) throw new Error('one draft, one order');
  const answer = await api.order.place.mutate(input);
  if (answer.kind !== 'placed') throw new Error(`not bought: ${answer.code}`);
  const [row] = await rig.server.database
    .sql`select royalty_fen::text from market.trades where trade_id = ${answer.trades[0]?.tradeId ?? ''}`;
  return String(row?.royalty_fen);
}

describe('terms', () => {
  test('a higher royalty is announced seven days ahead, shown with its days left, and never touches an order that stands', async () => {
    const [old = '', fresh = ''] = await rig.mint(sword, rig.amy, 2);
    const standing = await list(rig.amy, sword, old);
    const answer = await patch(sword, { terms: { royalty_bps: 300, protection_hours: 72 } });
    const { terms } = answer.body as { terms: { effective_from: string; terms_sm3: string } };
    expect(answer.body).toMatchObject({
      state: 'sequenced',
      terms: {
        state: 'announced',
        changes: [
          { term: 'royalty_bps', before: 200, now: 300 },
          { term: 'protection_hours', before: 168, now: 72 },
        ],
      },
    });
    const from = Date.parse(terms.effective_from);
    expect(from - rig.server.clock.now()).toBeGreaterThan(7 * DAY_MS);
    expect(from - rig.server.clock.now()).toBeLessThan(7 * DAY_MS + 2 * 3_600_000);
    await rig.settled();
    const leaf = await leafOf(sword);
    expect(toHex(leaf.nextTerms)).toBe(terms.terms_sm3);
    expect(leaf.nextTermsAt).toBe(BigInt(from));
    expect(await page(sword)).toMatchObject({
      terms: { royaltyBps: 200, protectionHours: 168 },
      announced: { from: terms.effective_from, daysLeft: 7, changes: [{ term: 'royalty_bps', before: 200, now: 300 }, {}] },
    });
    expect(await rig.bob.client.api.rules.announced.query()).toMatchObject([{ classId: sword.classId, from: terms.effective_from }]);

    rig.server.clock.set(new Date(from - 60_000).toISOString());
    await signInAgain();
    expect((await list(rig.amy, sword, fresh)).quote.document.royaltyBps).toBe(200);

    rig.server.clock.set(new Date(from).toISOString());
    await rig.settled();
    expect(await page(sword)).toMatchObject({ terms: { royaltyBps: 300, protectionHours: 72 }, announced: null });
    const [late = ''] = await rig.mint(sword, rig.amy, 1);
    const after = await list(rig.amy, sword, late);
    expect(after.quote.document.royaltyBps).toBe(300);
    // Amy agreed to two percent for what she listed before, to three for what she lists now.
    expect(await take(rig.bob, sword, standing.order.orderId, old)).toBe('200');
    expect(await take(rig.bob, sword, after.order.orderId, late)).toBe('300');
  });

  test('the cap may go down and art may change in the middle of the notice; the announcement stays', async () => {
    const bow = await rig.kind('bow', { supply_cap: 9 });
    const { terms } = (await patch(bow, { terms: { fee_bps: 400 } })).body as { terms: { effective_from: string } };
    await rig.settled();
    rig.server.clock.advance(5 * DAY_MS);
    await rig.settled();
    expect((await patch(bow, { supply_cap: 7 })).body).toMatchObject({ state: 'sequenced', supply_cap: { before: '9', now: '7' } });
    expect(
      (await rig.studio.putArt(bow.classId, { referenceId: newReference(), bytes: picture(8, 8), contentType: 'image/png' })).status,
    ).toBe(200);
    await rig.settled();
    expect(await leafOf(bow)).toMatchObject({ supplyCap: 7n, nextTermsAt: BigInt(Date.parse(terms.effective_from)) });
    expect((await page(bow)).announced).toMatchObject({ from: terms.effective_from });
  });

  test('an announcement can be replaced and taken back; every step keeps old and new value', async () => {
    const axe = await rig.kind('axe');
    await patch(axe, { terms: { royalty_bps: 1000 } });
    const reference_id = newReference();
    const second = await patch(axe, { reference_id, terms: { is_giftable: false } });
    expect(second.body).toMatchObject({ terms: { changes: [{ term: 'is_giftable', before: true, now: false }] } });
    expect((await patch(axe, { reference_id, terms: { is_giftable: false } })).body).toEqual({ ...Object(second.body), replayed: true });
    expect((await patch(axe, { terms: {} })).body).toMatchObject({ terms: { state: 'withdrawn', effective_from: null, changes: [] } });
    expect((await page(axe)).announced).toBeNull();
    await rig.settled();
    const rows = await rig.server.database.sql`
      select before->>'royalty_bps' as before, after->>'royalty_bps' as after, from_at is null as taken_back
      from catalogue.term_changes where class_id = ${axe.classId} order by announced_at, from_at`;
    expect(rows.map((row) => [row.before, row.after, row.taken_back])).toContainEqual(['200', '1000', false]);
    expect(rows.map((row) => row.taken_back)).toContain(true);
    rig.server.clock.advance(9 * DAY_MS);
    await signInAgain();
    expect((await page(axe)).terms).toMatchObject({ royaltyBps: 200, isGiftable: true });
  });

  test('a studio that keeps its key signs what the dry run says, for the moment it named', async () => {
    const pike = await rig.kind('pike');
    const effective_from = new Date(rig.server.clock.now() + 8 * DAY_MS).toISOString();
    const body = { reference_id: newReference(), terms: { royalty_bps: 0 }, effective_from };
    const dry = await rig.unchanged(() => patch(pike, { ...body, dry_run: true }));
    const bodies = (dry.body as { ledger_tx_bodies: string[] }).ledger_tx_bodies.map((hex) => decodeTxBody(fromHex(hex)));
    const signer = await ensureDemonstrationStudio(rig.server.services);
    const ledger_txs = signer.batchSign(bodies).map((env) => toHex(encodeTxEnv(env)));
    expect((await patch(pike, { ...body, ledger_txs })).body).toMatchObject({ state: 'sequenced', terms: { effective_from } });
  });

  test('what a supervisor has frozen is neither changed nor issued, and a signature of somebody else moves nothing', async () => {
    const maul = await rig.kind('maul', { supply_cap: 9 });
    const own = { reference_id: newReference(), supply_cap: 8 };
    const dry = await patch(maul, { ...own, dry_run: true });
    const bodies = (dry.body as { ledger_tx_bodies: string[] }).ledger_tx_bodies.map((hex) => decodeTxBody(fromHex(hex)));
    // The very body, by another's key.
    const forged = signTx(rig.server.services.ledger.sm2, rig.amy.key(), bodies).map((env) => toHex(encodeTxEnv(env)));
    const foreign = await refused(() => patch(maul, { ...own, ledger_txs: forged }), 'ledger_refused');
    expect(foreign.body).toMatchObject({ ledger_code: 'signer_missing' });
    const { serial } = await leafOf(maul);
    const until = BigInt(rig.server.clock.now() + DAY_MS);
    await rig.supervise({ kind: 'freeze', target: { kind: 'class', cls: Number(serial) }, until, doc: ZERO_32 });
    expect((await refused(() => patch(maul, { supply_cap: 8 }), 'ledger_refused')).body).toMatchObject({ ledger_code: 'class_frozen' });
    const mint = { reference_id: newReference(), game_id: rig.gameId, rows: [{ class_ref: 'maul', to: rig.amy.acct }] };
    const issued = await refused(() => rig.studio.write('POST', '/api/v1/mints', mint), 'ledger_refused');
    expect(issued.body).toMatchObject({ ledger_code: 'class_frozen' });
    const art = await refused(
      () => rig.studio.putArt(maul.classId, { referenceId: newReference(), bytes: picture(8, 8), contentType: 'image/png' }),
      'ledger_refused',
    );
    expect(art.body).toMatchObject({ ledger_code: 'class_frozen' });
  });

  test('a mint schedule opens step by step, and resale closes after its notice for everybody but what was settled', async () => {
    const at = (ms: number) => new Date(rig.server.clock.now() + ms).toISOString();
    const mint_schedule = [
      { from: at(-3_600_000), total: 3 },
      { from: at(10 * DAY_MS), total: 5 },
    ];
    const lamp = await rig.kind('lamp', { terms: { mint_schedule } });
    expect((await page(lamp)).terms).toMatchObject({ isResalable: true, mintSchedule: mint_schedule });
    const mint = (quantity: number) => ({
      reference_id: newReference(),
      game_id: rig.gameId,
      rows: [{ class_ref: 'lamp', to: rig.amy.acct, quantity }],
    });
    const many = await refused(() => rig.studio.write('POST', '/api/v1/mints', mint(4)), 'batch_refused');
    expect(many.body).toMatchObject({ rows: [{ code: 'mint_schedule_exceeded' }] });
    const [listed = '', kept = ''] = await rig.mint(lamp, rig.amy, 3);
    await refused(() => rig.studio.write('POST', '/api/v1/mints', mint(1)), 'batch_refused');
    const standing = await list(rig.amy, lamp, listed);

    const { body } = await patch(lamp, { terms: { is_resalable: false } });
    expect(body).toMatchObject({ terms: { changes: [{ term: 'is_resalable', before: true, now: false }] } });
    expect(await page(lamp)).toMatchObject({ terms: { isResalable: true }, announced: { changes: [{ term: 'is_resalable' }] } });
    // Sealed before the clock jumps: a block of eight days later would find the notice too short.
    await rig.settled();
    rig.server.clock.advance(8 * DAY_MS);
    await signInAgain();
    expect(await page(lamp)).toMatchObject({ terms: { isResalable: false }, announced: null });
    const closed = async (call: () => Promise<unknown>) =>
      expect((await rig.unchanged(() => refusalOf(call()))).code).toBe('not_resalable');
    await closed(() => list(rig.amy, lamp, kept));
    await closed(() => take(rig.bob, lamp, standing.order.orderId, listed));
    await refused(() => rig.studio.write('POST', '/api/v1/mints', mint(1)), 'batch_refused');
    rig.server.clock.advance(3 * DAY_MS);
    await signInAgain();
    expect(await rig.mint(lamp, rig.amy, 2)).toHaveLength(2);
    await refused(() => rig.studio.write('POST', '/api/v1/mints', mint(1)), 'batch_refused');
  });

  test('a kind has its own smallest offer, and a listing keeps the one that it was signed with', async () => {
    const harp = await rig.kind('harp', { terms: { smallest_offer_bps: 8_000 } });
    expect((await page(harp)).terms).toMatchObject({ smallestOfferBps: 8_000 });
    const [first = '', second = ''] = await rig.mint(harp, rig.amy, 2);
    await list(rig.amy, harp, first);
    const offered = { intent: 'offer', classId: parseClassId(harp.classId), itemIds: [parseItemId(first)], targetOrderId: null } as const;
    const low = rig.bob.client.api.quote.get.mutate({ ...offered, priceFen: '7999', quantity: 1 });
    expect(await refusalOf(low)).toMatchObject({ code: 'offer_too_low', facts: { smallestFen: '8000' } });

    const { body } = await patch(harp, { terms: { smallest_offer_bps: 2_000 } });
    expect(body).toMatchObject({ terms: { changes: [{ term: 'smallest_offer_bps', before: 8_000, now: 2_000 }] } });
    await rig.settled();
    rig.server.clock.advance(8 * DAY_MS);
    await signInAgain();
    await list(rig.amy, harp, second);
    expect((await page(harp)).listings.map(({ smallestOfferFen }) => smallestOfferFen)).toEqual(['8000', '2000']);
    await refused(() => patch(harp, { terms: { smallest_offer_bps: 10_001 } }), 'body_malformed');
  });

  test('refusals: too soon, nothing new, out of range, a date alone, nothing at all, another studio’s kind', async () => {
    const soon = new Date(rig.server.clock.now() + 7 * DAY_MS).toISOString();
    await refused(() => patch(sword, { terms: { royalty_bps: 400 }, effective_from: soon }), 'notice_short');
    await refused(() => patch(sword, { terms: {} }), 'terms_unchanged');
    await refused(() => patch(sword, { terms: { royalty_bps: 1001 } }), 'body_malformed');
    await refused(() => patch(sword, { terms: { protection_hours: 24 } }), 'body_malformed');
    await refused(() => patch(sword, { terms: { colour: 1 } }), 'body_malformed');
    await refused(() => patch(sword, { terms: { mint_schedule: [{ from: 'soon', total: 1 }] } }), 'body_malformed');
    await refused(() => patch(sword, { effective_from: soon }), 'body_malformed');
    await refused(() => patch(sword, {}), 'body_malformed');
    await refused(() => patch(sword, { supply_cap: 1000 }), 'cap_raise');
    await refused(() => patch({ ...sword, classId: `cls_${'0'.repeat(32)}` }, { terms: { royalty_bps: 1 } }), 'class_unknown');
  });
});

describe('art', () => {
  const put = (kind: Kind, bytes: Uint8Array, more: Readonly<Record<string, unknown>> = {}) =>
    rig.studio.putArt(kind.classId, { referenceId: newReference(), bytes, contentType: 'image/png', ...more });

  test('is on the ledger by its digest, served by it for ever, shown instead of the icon, and keeps its history', async () => {
    const shield = await rig.kind('shield');
    expect((await page(shield)).card.icon).toBe('processor');
    const [first, second] = [picture(64, 40, 10), picture(64, 40, 200)];
    const referenceId = newReference();
    const dry = await rig.unchanged(() => put(shield, first, { referenceId, dryRun: true }));
    expect(dry.body).toMatchObject({ state: 'dry_run', art: { sm3: toHex(sm3(first)), width: 64, height: 40 } });
    const set = await put(shield, first, { referenceId });
    expect(set.body).toMatchObject({ state: 'sequenced', replayed: false, art: { sm3: toHex(sm3(first)), media_type: 'image/png' } });
    expect((await put(shield, first, { referenceId })).body).toEqual({ ...Object(set.body), replayed: true });
    await refused(() => put(shield, second, { referenceId }), 'reference_conflict');
    // RFC 8785 of the list of files, written out: what anyone with the bytes can work out.
    const media = toHex(sm3(utf8(`[{"path":"art.png","size":${first.length},"sm3":"${toHex(sm3(first))}"}]`)));
    expect(toHex((await leafOf(shield)).media)).toBe(media);

    const href = `${rig.server.base}/media/${toHex(sm3(first))}`;
    const served = await fetch(href);
    expect(new Uint8Array(await served.arrayBuffer())).toEqual(first);
    expect(Object.fromEntries(served.headers)).toMatchObject({
      'content-type': 'image/png',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
    expect((await fetch(href, { headers: { 'if-none-match': served.headers.get('etag') ?? '' } })).status).toBe(304);

    const shown = async () => {
      const found = await rig.bob.client.api.search.list.query({ text: 'shield' });
      return [(await page(shield)).card.icon, found.rows[0]?.icon];
    };
    const [before, after] = [first, second].map((bytes) => `sm3:${toHex(sm3(bytes))}`);
    expect(await shown()).toEqual([before, before]);
    await put(shield, second);
    expect(await shown()).toEqual([after, after]);
    expect((await fetch(href)).status).toBe(200);
    const { rows } = (await rig.studio.read(`/api/v1/item-classes/${shield.classId}/art`)).body as { rows: { sm3: string }[] };
    expect(rows.map((row) => row.sm3)).toEqual([toHex(sm3(second)), toHex(sm3(first))]);
    await rig.settled();
  });

  test('of a kind whose content is hidden is answered by nobody, and what came meanwhile is there when it is shown again', async () => {
    const helm = await rig.kind('helm');
    const [first, second] = [picture(16, 16, 10), picture(16, 16, 200)];
    await put(helm, first);
    const status = async (bytes: Uint8Array) => (await fetch(`${rig.server.base}/media/${toHex(sm3(bytes))}`)).status;
    const { sql } = rig.server.database;
    const at = rig.server.clock.now();
    const classId = parseClassId(helm.classId);
    expect(await sql.begin((tx) => hideContent(tx, classId, at))).toBe(true);
    expect([await status(first), (await page(helm)).card.icon]).toEqual([404, 'locked-chest']);
    await put(helm, second);
    expect([await status(second), (await page(helm)).card.icon]).toEqual([404, 'locked-chest']);
    expect(await sql.begin((tx) => showContent(tx, classId, at))).toBe(true);
    expect([await status(first), await status(second), (await page(helm)).card.icon]).toEqual([200, 200, `sm3:${toHex(sm3(second))}`]);
    await rig.settled();
  });

  test('is what its bytes are: other formats, a false header, too many pixels or bytes are refused', async () => {
    const mail = await rig.kind('mail');
    const svg = utf8('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
    await refused(() => put(mail, svg), 'art_type_refused');
    await refused(() => put(mail, utf8('GIF89a'.padEnd(64))), 'art_type_refused');
    await refused(() => put(mail, new Uint8Array(0)), 'art_type_refused');
    await refused(() => put(mail, picture(8, 8), { contentType: 'image/webp' }), 'art_type_mismatch');
    await refused(() => put(mail, picture(4097, 1)), 'art_side_exceeded');
    await refused(() => put(mail, picture(8, 8), { referenceId: 'with space' }), 'query_malformed');
    await refused(() => put(mail, picture(8, 8), { ledgerTx: '00' }), 'body_malformed');
    await refused(() => put({ ...mail, classId: 'cls_unknown' }, picture(8, 8)), 'class_unknown');
    const huge = new Uint8Array(2 * 1024 * 1024 + 1);
    huge.set(picture(8, 8));
    await refused(() => put(mail, huge), 'body_too_large');
    const largest = huge.slice(0, 2 * 1024 * 1024);
    expect((await put(mail, largest, { dryRun: true })).status).toBe(200);
    expect(toHex((await leafOf(mail)).media)).toBe(toHex(ZERO_32));
    await expectRefusal(await fetch(`${rig.server.base}/media/${'0'.repeat(64)}`), 'route_unknown');
    await expectRefusal(await fetch(`${rig.server.base}/media/..%2f..%2fetc%2fpasswd`), 'route_unknown');
  });

  test('a mirror endorses neither the change nor an issue before it holds the art, and has it when the market is gone', async () => {
    const kite = await rig.kind('kite');
    const bytes = picture(12, 12, 33);
    await put(kite, bytes);
    await rig.mint(kite, rig.amy, 1);
    const { sql } = rig.server.database;
    const { ledger } = rig.server.services;
    const { certified } = ledger;
    const { logSize } = certified.header;
    const last = await Promise.all([8n, 7n, 6n, 5n, 4n, 3n, 2n, 1n].map((back) => ledger.entry(logSize - back)));
    const entries = last
      .flatMap((each) => (each !== null && /class_update|mint/.test(each.entry.env.body.op.kind) ? [each.entry] : []))
      .slice(-2);
    expect(entries.map(({ env }) => env.body.op.kind)).toEqual(['class_update', 'mint']);
    const folder = mkdtempSync(path.join(tmpdir(), 'daoju-art-'));
    let sources: readonly string[] = [];
    let elapsed = 0;
    const told = { sources: () => sources, log: silentLog };
    const documents = openDocuments({ dir: path.join(folder, 'documents'), elapsed: () => elapsed, ...told });
    const media = openMedia({ dir: path.join(folder, 'media'), documents, bytesMax: () => 1_000_000n, ...told });
    const judge = async () => {
      elapsed += 2_000;
      const block = { header: { ...certified.header, sealedAt: BigInt(rig.server.clock.now()) }, entries };
      const given = {
        block,
        envelopes: new Map(),
        grants: [],
        state: certified.state,
        past: certifiedPast({ sql, base: null, certified }),
      };
      const checks = await memberChecks({ documents, media, encryptionKey: null })(given);
      return entries.map((entry) => checks.media?.({ pos: entry.pos, txId: ZERO_32, entry }) ?? null);
    };
    expect(await judge()).toEqual(['media_missing', 'media_missing']);
    sources = [rig.server.base];
    expect(await judge()).toEqual([null, null]);
    sources = [];
    expect(await judge()).toEqual([null, null]);
    expect((await media.find(toHex(sm3(bytes))))?.bytes).toEqual(Buffer.from(bytes));

    // What a member alone has, on a market that never saw it: a change of something else in between is no change of art.
    const asked = { sm3: toHex(sm3(bytes)) };
    expect(await rig.bob.client.api.itemClass.artHolders.query(asked)).toEqual({ holders: 1, members: 1 });
    expect(await rig.bob.client.api.itemClass.artHolders.query({ sm3: '0'.repeat(64) })).toBeNull();

    const other = picture(13, 13, 34);
    const list = mediaSm3({ path: 'art.png', sm3: toHex(sm3(other)), size: other.length });
    const kept = { art: async () => ({ bytes: other }), bytesMax: 1_000_000n };
    const document = (name: string) =>
      name === toHex(list) ? utf8(`[{"path":"art.png","size":${other.length},"sm3":"${toHex(sm3(other))}"}]`) : null;
    const recorded = [1, 2].map((n) => ({
      cls: 7,
      media: list,
      txId: new Uint8Array(32).fill(n),
      salt: ZERO_32,
      at: rig.server.clock.now(),
    }));
    const undone = new Error('undone');
    const restored = sql.begin(async (tx) => {
      expect(await restoreArt(tx, { document, ...kept }, recorded, new Map([[7, kite.classId]]))).toBe(1);
      expect((await findArtFile(tx, toHex(sm3(other))))?.bytes).toEqual(Buffer.from(other));
      const [row] = await tx`select art_sm3 from catalogue.item_classes where class_id = ${kite.classId}`;
      expect(row?.art_sm3).toBe(toHex(sm3(other)));
      throw undone;
    });
    await expect(restored).rejects.toBe(undone);
    rmSync(folder, { recursive: true });
    await rig.settled();
  });

  test('the same picture of two kinds is kept once, and two changes at once lose neither', async () => {
    const [one, two] = [await rig.kind('one', { supply_cap: 5 }), await rig.kind('two')];
    const bytes = picture(10, 10, 77);
    await put(one, bytes);
    await put(two, bytes);
    const [row] = await rig.server.database.sql`select count(*)::int as count from catalogue.art_files where sm3 = ${toHex(sm3(bytes))}`;
    expect(row?.count).toBe(1);
    const other = picture(11, 11, 78);
    const answers = await Promise.all([put(one, other), patch(one, { supply_cap: 4 }), patch(one, { terms: { royalty_bps: 50 } })]);
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
    const leaf = await leafOf(one);
    expect([leaf.supplyCap, toHex(leaf.media), leaf.nextTermsAt > 0n]).toEqual([4n, Object(Object(answers[0]?.body).art).media_sm3, true]);
    await rig.settled();
  });
});

async function signInAgain(): Promise<void> {
  await Promise.all([rig.amy.client.signIn(), rig.bob.client.signIn()]);
  await rig.settled();
}

test('trades and listings of the studio take the same expression, and say nothing of the parties', async () => {
  const orb = await rig.kind('orb', { rarity: 'Rare' });
  const [sold = '', offered = ''] = await rig.mint(orb, rig.amy, 2);
  const first = await list(rig.amy, orb, sold, '7000');
  await take(rig.bob, orb, first.order.orderId, sold, '7000');
  await list(rig.amy, orb, offered, '8000');
  const read = async (path: string) =>
    (await rig.studio.read(`/api/v1/${path}`)).body as { rows: Record<string, unknown>[]; next_cursor: string | null };
  const rare = `where=${encodeURIComponent('rarity = "rare" and class_ref = "orb"')}`;
  const trades = await read(`trades?${rare}`);
  expect(trades.rows).toMatchObject([{ class_ref: 'orb', price_fen: '7000', quantity: 1, royalty_fen: '140', item_ids: [sold] }]);
  expect(Object.keys(trades.rows[0] ?? {})).not.toEqual(expect.arrayContaining(['seller', 'buyer']));
  expect((await read(`listings?${rare}`)).rows).toMatchObject([{ price_fen: '8000', item_ids: [offered] }]);
  expect((await read(`trades?where=${encodeURIComponent('rarity = "common"')}`)).rows).toEqual([]);

  // All pages of a list are of the moment in which it began: what ends or changes hands meanwhile is told by the next list (T-18).
  const ring = await rig.kind('ring');
  const rings = await rig.mint(ring, rig.amy, 2);
  const orders = [await list(rig.amy, ring, rings[0] ?? '', '6000'), await list(rig.amy, ring, rings[1] ?? '', '6000')];
  const only = `where=${encodeURIComponent('class_ref = "ring"')}`;
  rig.server.clock.advance(1_000);
  const [shown, held] = [await read(`listings?limit=1&${only}`), await read(`items?limit=1&${only}`)];
  rig.server.clock.advance(1_000);
  await take(rig.bob, ring, orders[1]?.order.orderId ?? '', rings[1] ?? '', '6000');
  const rest = async (first: Awaited<ReturnType<typeof read>>, path: string) =>
    (await read(`${path}?${only}&cursor=${encodeURIComponent(first.next_cursor ?? '')}`)).rows;
  expect(await rest(shown, 'listings')).toMatchObject([{ order_id: orders[1]?.order.orderId, item_ids: [rings[1]] }]);
  expect(await rest(held, 'items')).toMatchObject([{ item_id: rings[1], owner: rig.amy.acct }]);
  expect((await read(`listings?${only}`)).rows).toHaveLength(1);
  expect((await read(`items?${only}`)).rows).toMatchObject([{ owner: rig.amy.acct }, { item_id: rings[1], owner: rig.bob.acct }]);

  const page = await read('trades?limit=1');
  const next = await read(`trades?limit=1&cursor=${encodeURIComponent(page.next_cursor ?? '')}`);
  expect(Number(next.rows[0]?.seq)).toBeGreaterThan(Number(page.rows[0]?.seq));
});
