/** The end of a game (T-27) through the public API, and by the members after thirty days of silence (T-28), with the movable clock. */
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unzipArchive } from '#ledger/bin/unzip-archive.ts';
import { runVerify } from '#ledger/bin/verify.ts';
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { RECORD } from '#ledger/codec/leaves.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { fromHex, fromUtf8, toHex, utf8, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { parseClassId, parseItemId } from '#ledger/primitives/ids.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { listSilentGames } from '#server/market/sunset-notices.repo.ts';
import { silenceStep, watchSilence } from '#server/studio/watch-silence.ts';
import { demonstrationStudioAcct } from '#server/workers/demonstration/studio-account.ts';
import { refusalOf } from '#test/support/server.ts';
import { openStaff } from '#test/support/staff.ts';
import { type Actor, type Kind, newReference, openRig, type Rig } from './public-refusals/rig.ts';

const DAY_MS = 86_400_000;
type Files = Record<string, Uint8Array>;
const flipped = (bytes: Uint8Array | undefined): Uint8Array =>
  (bytes ?? new Uint8Array(1)).map((byte, at) => (at === 400 ? byte ^ 1 : byte));

/** Puts another file in the place of one, or none, under a manifest that says so. */
function relist(files: Files, name: string | null, bytes: Uint8Array | null, more: object = {}): void {
  const manifest = JSON.parse(fromUtf8(files['manifest.json'] ?? new Uint8Array(0)));
  if (name !== null) {
    const others = manifest.files.filter((each: { readonly path: string }) => each.path !== name);
    const entry = bytes === null ? [] : [{ path: name, sm3: toHex(sm3(bytes)), size: bytes.length }];
    manifest.files = [...others, ...entry].sort((a, b) => (a.path < b.path ? -1 : 1));
    if (bytes === null) delete files[name];
    else files[name] = bytes;
    if (name.startsWith('entries/')) manifest.entries = 0;
  }
  files['manifest.json'] = canonicalBytes({ ...manifest, ...more });
}

const verifyIo = (bytes: Uint8Array, lines: string[]) => ({
  readFile: () => bytes,
  out: (line: string) => void lines.push(line),
  err: (line: string) => void lines.push(line),
  now: () => 0,
});

async function verify(zip: Uint8Array, chain: string, more: readonly string[] = []): Promise<Record<string, unknown>> {
  const lines: string[] = [];
  const exit = await runVerify(['archive.zip', '--chain', chain, '--json', ...more], verifyIo(zip, lines));
  return { ...JSON.parse(lines[0] ?? '{}'), exit };
}

const studioAcct = () => fromHex(demonstrationStudioAcct(), 32);

async function list(who: Actor, kind: Kind, itemId: string) {
  const { api, signSheet } = who.client;
  const quote = await api.quote.get.mutate({
    intent: 'listing',
    classId: parseClassId(kind.classId),
    itemIds: [parseItemId(itemId)],
    targetOrderId: null,
    priceFen: '10000',
    quantity: 1,
  });
  const [input] = signSheet([{ quote, referenceId: newReference() }]);
  if (input === undefined) throw new Error('one draft, one order');
  return api.order.place.mutate(input);
}

describe('announced by the studio', () => {
  let rig: Rig;
  let sword: Kind;
  let items: readonly string[];
  let archive: { readonly zip: Uint8Array; readonly chain: string; readonly sm3: string };
  beforeAll(async () => {
    rig = await openRig();
    sword = await rig.kind('sword', { supply_cap: 50 });
    items = await rig.mint(sword, rig.amy, 3);
  });
  afterAll(() => rig.server.stop());

  const dayIn = (days: number) => new Date(rig.server.clock.now() + days * DAY_MS).toISOString().slice(0, 10);
  const announce = (lastDay: string) =>
    rig.studio.write('POST', `/api/v1/games/${rig.gameId}/sunset`, {
      reference_id: newReference(),
      last_day: lastDay,
      refund_terms: 'Unused coins are paid back.',
    });
  const read = async () => Object(Object((await rig.studio.read(`/api/v1/games/${rig.gameId}/sunset`)).body).sunset);

  test('less than sixty days ahead is refused and changes nothing', async () => {
    const answer = await rig.unchanged(() => announce(dayIn(59)));
    expect(answer).toMatchObject({ status: 422, body: { code: 'sunset_short' } });
    expect(rig.server.services.ledger.pending.recordsOfKind(RECORD.sunset)).toEqual([]);
  });

  test('announced in the console, with notice to everybody: nothing is issued or listed any more, what is listed ends and is free, items stay owned and can be given', async () => {
    const listed = await list(rig.amy, sword, items[0] ?? '');
    expect(listed.kind).toBe('placed');
    const desk = await openStaff(rig.server, 'studio');
    const inConsole = (lastDay: string) => {
      const sunset = { reference_id: newReference(), last_day: lastDay, refund_terms: 'Unused coins are paid back.' };
      return desk.api.studio.announceSunset.mutate({ gameId: rig.gameId, sunset });
    };
    expect((await refusalOf(inConsole(dayIn(59)))).code).toBe('sunset_short');
    expect(await inConsole(dayIn(62))).toMatchObject({ cause: 'studio', refundTerms: 'Unused coins are paid back.' });
    expect(await rig.amy.client.api.market.listSunsets.query()).toMatchObject([
      {
        games: [{ gameId: rig.gameId }],
        lastDay: `${dayIn(62)}T15:59:59.999Z`,
        refundTerms: 'Unused coins are paid back.',
        hasSuccessor: false,
      },
    ]);
    expect(await announce(dayIn(70))).toMatchObject({ status: 409, body: { code: 'sunset_announced' } });
    await rig.settled();
    await rig.server.services.market.turnClocks();

    const orders = await rig.server.database
      .sql`select state, reason from market.orders where ended_at is null or reason = 'studio_sunset'`;
    expect(orders).toMatchObject([{ state: 'canceled', reason: 'studio_sunset' }]);
    expect(await rig.server.database.sql`select 1 from custody.item_holds where state = 'active'`).toHaveLength(0);
    await expect(list(rig.amy, sword, items[1] ?? '')).rejects.toThrow('announced its end');
    const mint = await rig.studio.write('POST', '/api/v1/mints', {
      reference_id: newReference(),
      game_id: rig.gameId,
      rows: [{ class_ref: sword.classRef, to: rig.amy.acct, quantity: 1 }],
    });
    expect(mint.status).toBeGreaterThanOrEqual(400);

    const { serial, ver } = await rig.itemOf(items[2] ?? '');
    const gift = { kind: 'transfer' as const, serial, ver, to: fromHex(rig.bob.acct, 32), pay: ZERO_32, env: ZERO_32 };
    await rig.server.services.ledger
      .runGroup(async (group) => {
        expect(group.apply(rig.sign(rig.amy, gift)).kind).toBe('sequenced');
        throw new Error('only tried');
      })
      .catch((error: unknown) => expect(String(error)).toContain('only tried'));
  });

  test('its checklist says what is done and what runs', async () => {
    expect(await read()).toMatchObject({
      cause: 'studio',
      refund_terms: 'Unused coins are paid back.',
      live_items: 3,
      checklist: [
        { step: 'issue_closed', is_done: true },
        { step: 'orders_closed', is_done: true, left: 0 },
        { step: 'protection_over', is_done: true },
        { step: 'ended', is_done: false },
        { step: 'archived', is_done: false },
      ],
      file: null,
    });
    rig.server.clock.advance(63 * DAY_MS);
    expect((await read()).checklist.at(-2)).toMatchObject({ step: 'ended', is_done: true });
  });

  test('at the end an archive of it is there by itself, its SM3 stands on the ledger, and it proves each item with the market gone', async () => {
    const { services, base } = rig.server;
    await services.archives.turn();
    await services.archives.turn();
    const state = await read();
    expect(state.checklist.at(-1)).toMatchObject({ step: 'archived', is_done: true });
    const [notice] = await rig.amy.client.api.market.listSunsets.query();
    expect(notice?.file).toMatchObject({ sm3: state.file.sm3, size: state.file.size, href: state.file.href });
    await rig.settled();
    const stated = await services.ledger.status(fromHex(String(state.file.tx_id), 32));
    const { entry } = (await services.ledger.entry(stated?.index ?? 0n)) ?? {};
    expect(entry?.env.body.op).toMatchObject({ kind: 'attest', attestKind: 3, doc: fromHex(String(state.file.sm3), 32) });
    // Once, whatever the clock says later.
    await services.archives.turn();
    expect(await read()).toMatchObject({ file: state.file });

    const response = await fetch(new URL(String(state.file.href), base));
    expect(response.headers.get('content-disposition')).toContain('.zip');
    const zip = new Uint8Array(await response.arrayBuffer());
    expect(zip).toHaveLength(Number(state.file.size));
    archive = { zip, chain: toHex(services.ledger.chain), sm3: String(state.file.sm3) };
    expect((await fetch(new URL(`/ledger/v1/archive/${'0'.repeat(64)}`, base))).status).toBe(404);
  });

  test('verify proves the archive from its bytes and the fingerprint; what is altered, left out or of another chain is refused with its code', async () => {
    const { serial } = await rig.itemOf(items[0] ?? '');
    const other = sm3(utf8('somebody else'));
    expect(await verify(archive.zip, archive.chain)).toMatchObject({ exit: 0, code: null, manifest: archive.sm3, items: 3, missing: [] });
    const asked = ['--item', String(serial), '--owner'];
    expect(await verify(archive.zip, archive.chain, [...asked, rig.amy.acct])).toMatchObject({ exit: 0, item: { owner: rig.amy.acct } });
    expect(await verify(archive.zip, archive.chain, [...asked, toHex(other)])).toMatchObject({ exit: 1, code: 'archive_owner' });
    expect(await verify(archive.zip, archive.chain, ['--item', '999999'])).toMatchObject({ exit: 3, code: 'archive_item_unknown' });
    expect(await verify(archive.zip, toHex(other))).toMatchObject({ exit: 2, code: 'archive_other_chain' });

    const files = Object.fromEntries(unzipArchive(archive.zip));
    const altered = async (change: (held: Files) => unknown) => {
      const held = { ...files };
      change(held);
      return (await verify(zipSync(held), archive.chain)).code;
    };
    const proof = Object.keys(files).find((name) => name.startsWith('items/')) ?? '';
    expect(await altered((held) => delete held[proof])).toBe('archive_file_missing');
    expect(await altered((held) => Object.assign(held, { 'media/extra': utf8('x') }))).toBe('archive_file_unlisted');
    expect(await altered((held) => Object.assign(held, { [proof]: flipped(held[proof]) }))).toBe('archive_file_differs');
    // A manifest that fits what it lists proves nothing by itself.
    expect(await altered((held) => relist(held, proof, flipped(held[proof])))).toBe('archive_proof');
    expect(await altered((held) => relist(held, Object.keys(held).find((name) => name.startsWith('entries/')) ?? '', null))).toBe(
      'archive_entries_incomplete',
    );
    const terms = Object.keys(files).find((name) => name.startsWith('documents/')) ?? '';
    expect(await altered((each) => relist(each, terms, null))).toBe('archive_document');
    expect(await altered((each) => relist(each, null, null, { items: 2 }))).toBe('archive_items_incomplete');
    expect(await altered((each) => relist(each, null, null, { height: '1' }))).toBe('archive_other_header');

    // Each proof inside is a receipt like any other.
    const lines: string[] = [];
    const exit = await runVerify([proof, '--chain', archive.chain], verifyIo(files[proof] ?? new Uint8Array(0), lines));
    expect({ exit, said: lines[0] }).toMatchObject({ exit: 0, said: expect.stringContaining('belongs to account') });
  });

  test('after the end its items are what their owners have: one is offered again, and the clocks leave the offer alone', async () => {
    await rig.amy.client.signIn();
    expect((await list(rig.amy, sword, items[1] ?? '')).kind).toBe('placed');
    await rig.server.services.market.turnClocks();
    const open = await rig.server.database.sql`select state from market.orders where ended_at is null`;
    expect(open).toMatchObject([{ state: 'new' }]);
  });
});

describe('a silent studio', () => {
  test('steps: warned once at 7, 14 and 21 days, over at 30', () => {
    const at = (days: number) => instant(days * DAY_MS);
    expect(silenceStep(at(0), [], at(6.9))).toEqual({ warn: [], isOver: false });
    expect(silenceStep(at(0), [], at(7))).toEqual({ warn: [7], isOver: false });
    expect(silenceStep(at(0), [7], at(21))).toEqual({ warn: [14, 21], isOver: false });
    expect(silenceStep(at(0), [7, 14, 21], at(29.9))).toEqual({ warn: [], isOver: false });
    expect(silenceStep(at(0), [7, 14, 21], at(30))).toEqual({ warn: [], isOver: true });
  });

  test('is warned, kept by a signed sign of life, and ended by supervisor and notary after thirty days: the market knows from the ledger alone', async () => {
    const rig = await openRig();
    try {
      await rig.mint(await rig.kind('sword', { supply_cap: 50 }), rig.amy, 2);
      const { services, clock, database } = rig.server;
      const watch = watchSilence(services);
      const warned = async () =>
        (await database.sql<{ days: number }[]>`select days from catalogue.silence_warnings order by silent_since, days`).map(
          (row) => row.days,
        );
      clock.advance(15 * DAY_MS);
      await watch.turn();
      await watch.turn();
      expect(new Set(await warned())).toEqual(new Set([7, 14]));
      // Whoever holds something of the game is told, once each time; nobody else is.
      const holders = await database.sql`select distinct i.owner from custody.items i join catalogue.item_classes c using (class_id)
        join identity.players p on p.acct = i.owner where c.game_id = ${rig.gameId}`;
      const told = async () =>
        database.sql<{ room: string; days: number[] }[]>`select room, array_agg((body::json->>'days')::int order by seq) as days
          from outbox.messages where type = 'notice' and body::json->>'code' = 'studio_silent' group by room`;
      expect(holders.length).toBeGreaterThan(0);
      expect(new Map((await told()).map(({ room, days }) => [room, days]))).toEqual(
        new Map(holders.map(({ owner }) => [`player:${owner}`, [7, 14]])),
      );
      expect((await listSilentGames(database.sql, clock.now())).filter(({ gameId }) => gameId === rig.gameId)).toMatchObject([
        { days: 15 },
      ]);

      const before = (await warned()).length;
      const alive = await rig.studio.write('POST', `/api/v1/games/${rig.gameId}/heartbeat`, { reference_id: newReference() });
      expect(alive.status).toBe(200);
      expect((await listSilentGames(database.sql, clock.now())).map(({ gameId }) => gameId)).not.toContain(rig.gameId);
      clock.advance(6 * DAY_MS);
      await watch.turn();
      expect(await warned()).toHaveLength(before);
      expect(services.ledger.pending.record(RECORD.sunset, studioAcct())).toBeNull();

      clock.advance(24 * DAY_MS);
      await watch.turn();
      expect(services.ledger.pending.record(RECORD.sunset, studioAcct())).toMatchObject({ a: BigInt(clock.now() + 60 * DAY_MS) });
      const [row] = await database.sql`select cause from catalogue.sunsets`;
      expect(row).toMatchObject({ cause: 'silence' });
      const over = await database.sql`select distinct room from outbox.messages where body::json->>'code' = 'studio_silent_over'`;
      expect(over.length).toBe(holders.length);

      // As it is where their keys are not published: the LedgerTx of supervisor and notary is all that the market gets.
      await rig.settled();
      await database.sql`delete from catalogue.sunsets`;
      const count = (await warned()).length;
      clock.advance(8 * DAY_MS);
      await watch.turn();
      expect(await warned()).toHaveLength(count);
      const { body } = await rig.studio.read(`/api/v1/games/${rig.gameId}/sunset`);
      expect(body).toMatchObject({
        sunset: {
          cause: 'members',
          days_left: 52,
          checklist: [{ step: 'issue_closed', is_done: true }, {}, {}, {}, { step: 'archived', is_done: false }],
        },
      });
    } finally {
      await rig.server.stop();
    }
  });
});
