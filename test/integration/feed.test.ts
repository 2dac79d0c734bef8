/** The feed as a supervisor's program reads it: over Socket.IO, by number, with the chain checked (product V-04, V-25). */
import { io, type Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import { parseCertificate } from '#ledger/pki/certificate.ts';
import { concat, fromBase64, fromHex, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { insertStaffSession } from '#server/identity/sessions.repo.ts';
import { drawToken, hashToken, openSession } from '#server/identity/sessions.ts';
import {
  type ClientToServer,
  type FeedBatch,
  type FeedHead,
  type FeedMessage,
  importProgressBody,
  type JoinAnswer,
  type ServerToClient,
} from '#server/realtime/events.ts';
import { insertJob } from '#server/studio/jobs.repo.ts';
import type { StaffRole } from '#server/trpc/views.ts';
import { openVisitor, refusalOf, startTestServer, type TestServer } from '#test/support/server.ts';
import { openStaff, revokeStaff } from '#test/support/staff.ts';

type Client = Socket<ServerToClient, ClientToServer>;

let server: TestServer;
const clients: Client[] = [];
beforeAll(async () => {
  server = await startTestServer({ outbox: { activeHeadMs: 50, idleHeadMs: 60_000, attestMs: 400 }, sessionCheckMs: 100 });
});
afterAll(() => server.stop());
afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
});

async function staffCookie(role: StaffRole, organisation = 'o'): Promise<string> {
  const { random, clock, sql } = server.services;
  const { token, sessionId } = drawToken(random);
  const staff = { staffId: 's', name: 's', role, organisation, certificateSerial: '01' };
  await insertStaffSession(sql, { sessionId, tokenHash: hashToken(token), now: clock.now(), staff });
  return `daoju_staff=${token}`;
}

async function playerCookie(): Promise<{ readonly cookie: string; readonly acct: string }> {
  const [account] = server.services.identity.listDemonstrationAccounts();
  if (account === undefined || account.acct === null) throw new Error('there is no demonstration player');
  return {
    cookie: `daoju_session=${(await openSession(server.services, account.acct, { device: 'test', deviceId: 'test' })).token}`,
    acct: account.acct,
  };
}

function connect(namespace: string, cookie = ''): Client {
  const client: Client = io(`${server.base}${namespace}`, { transports: ['websocket'], extraHeaders: { cookie }, forceNew: true });
  clients.push(client);
  return client;
}

const joinRoom = (client: Client, room: string, afterSeq: number): Promise<JoinAnswer> =>
  new Promise((resolve) => client.emit('join', { room, afterSeq }, resolve));

/** Collects messages and acknowledges each batch. */
function collect(client: Client): FeedMessage[] {
  const received: FeedMessage[] = [];
  client.on('feed.batch', (batch: FeedBatch, acknowledge) => {
    received.push(...batch.messages);
    acknowledge(batch.toSeq);
  });
  return received;
}

async function until(isTrue: () => boolean): Promise<void> {
  await expect.poll(isTrue, { interval: 20 }).toBe(true);
}

async function append(room: string, count: number): Promise<void> {
  const { sql, outbox, clock } = server.services;
  const messages = Array.from({ length: count }, (_, n) => ({ room, type: 'mkt.trade', body: { n }, at: clock.now() }));
  await sql.begin((tx) => outbox.append(tx, messages));
}

/** What any client can compute, on the portable hash. */
function hashOf({ body: _, ...envelope }: FeedMessage): string {
  return toHex(sm3(canonicalBytes(envelope)));
}

describe('the feed', () => {
  test('an open feed ends when the certificate behind it is revoked, and a feed of another official goes on', async () => {
    const [revoked, other] = [await openStaff(server, 'staff-market'), await openStaff(server, 'staff-finance')];
    const [ending, staying] = [connect('/supervisor', revoked.cookies()), connect('/supervisor', other.cookies())];
    expect(await joinRoom(ending, 'sup:market', -1)).toMatchObject({ ok: true });
    expect(await joinRoom(staying, 'sup:finance', -1)).toMatchObject({ ok: true });
    const closed = new Promise((resolve) => ending.on('feed.closed', resolve));
    await revokeStaff(server, 'staff-market');
    server.clock.advance(31_000);
    expect(await closed).toEqual({ code: 'session_ended' });
    expect(staying.connected).toBe(true);
    await until(() => !ending.connected);
    ending.connect();
    expect(await joinRoom(ending, 'sup:market', -1)).toEqual({ ok: false, code: 'sign_in_required' });
  });

  test('a certificate revoked between the challenge and the answer opens no session', async () => {
    const account = server.services.identity.listDemonstrationAccounts().find(({ name }) => name === 'staff-finance');
    const { api } = openVisitor(server.base);
    const { chain, challenge, issuedAt } = await api.staff.challenge.mutate();
    const certificate = account?.certificate ?? '';
    const certificateSerial = toHex(parseCertificate(fromBase64(certificate)).serial);
    const message = concat(utf8('daoju.sign-in/1\n'), canonicalBytes({ chain, certificateSerial, challenge, issuedAt }));
    const signature = toHex(server.services.ledger.sm2.sign(demonstrationKeys('staff-finance').privateKey, message));
    const sessions = () => server.database.sql`select count(*)::int as n from identity.staff_sessions`;
    await revokeStaff(server, 'staff-finance');
    const before = await sessions();
    const refused = await refusalOf(api.staff.signIn.mutate({ certificate, challenge, issuedAt, signature }));
    expect(refused.code).toBe('certificate_revoked');
    expect(await sessions()).toEqual(before);
    expect((await refusalOf(api.report.list.query())).code).toBe('staff_sign_in_required');
  });

  test('delivers every number once in order, chained, and goes on where a client left', async () => {
    await append('sup:tax', 450);
    const first = connect('/supervisor', await staffCookie('sup_tax'));
    const before = collect(first);
    expect(await joinRoom(first, 'sup:tax', 0)).toMatchObject({ ok: true, headSeq: 450 });
    await until(() => before.length === 450);
    first.disconnect();
    await append('sup:tax', 30);
    const second = connect('/supervisor', await staffCookie('sup_tax'));
    const after = collect(second);
    await joinRoom(second, 'sup:tax', 450);
    await until(() => after.length === 30);
    await append('sup:tax', 1);
    await until(() => after.length === 31);
    const all = [...before, ...after];
    expect(all.map((message) => message.seq)).toEqual(Array.from({ length: 481 }, (_, n) => n + 1));
    let prevHash = '0'.repeat(64);
    for (const message of all) {
      expect(message.prevHash).toBe(prevHash);
      expect(message.bodyHash).toBe(toHex(sm3(canonicalBytes(message.body))));
      prevHash = hashOf(message);
    }
  });

  test('a long room begins with its newest messages, pages back by number to the first, and refuses numbers from the future', async () => {
    const { seq } = await server.services.outbox.getHead('sup:tax');
    const cookie = await staffCookie('sup_tax');
    const client = connect('/supervisor', cookie);
    const received = collect(client);
    const joined = await new Promise((resolve) => client.emit('join', { room: 'sup:tax', afterSeq: 0, newest: 40 }, resolve));
    expect(joined).toMatchObject({ ok: true, afterSeq: seq - 40, headSeq: seq });
    await until(() => received.length === 40);
    const { api } = openVisitor(server.base, { cookie });
    const { messages } = await api.feed.before.query({ room: 'sup:tax', beforeSeq: seq - 39 });
    expect(messages.map((message) => message.seq)).toEqual(
      Array.from({ length: messages.length }, (_, n) => seq - 39 - messages.length + n),
    );
    const last = messages.at(-1);
    expect(last === undefined ? '' : hashOf(last)).toBe(received[0]?.prevHash);
    expect(await joinRoom(client, 'sup:tax', seq + 1)).toEqual({ ok: false, code: 'seq_ahead' });
    expect((await refusalOf(api.feed.before.query({ room: 'sup:tax', beforeSeq: seq + 2 }))).code).toBe('feed_seq_ahead');
    expect((await refusalOf(api.feed.before.query({ room: 'sup:market', beforeSeq: 2 }))).code).toBe('room_forbidden');
  });

  test('signs heads that name the last message, and writes them on the ledger', async () => {
    const client = connect('/supervisor', await staffCookie('sup_finance'));
    const received = collect(client);
    const heads: FeedHead[] = [];
    client.on('feed.head', (head) => heads.push(head));
    const answer = await joinRoom(client, 'sup:finance', 0);
    if (!answer.ok) throw new Error(answer.code);
    await append('sup:finance', 3);
    await until(() => heads.some((head) => head.room === 'sup:finance' && head.seq === 3) && received.length === 3);
    const head = heads.find((each) => each.seq === 3);
    const last = received.at(-1);
    if (head === undefined || last === undefined) throw new Error('there is no head');
    expect(head.hash).toBe(hashOf(last));
    const { sig, ...document } = head;
    const message = concat(utf8('daoju.feed-head/1\n'), canonicalBytes(document));
    const { sm2, operator } = server.services.ledger;
    expect(answer.publicKey).toBe(toHex(operator.publicKey));
    expect(sm2.verify(fromHex(answer.publicKey), message, fromHex(sig))).toBe(true);
    expect(sm2.verify(fromHex(answer.publicKey), concat(message, Uint8Array.of(0)), fromHex(sig))).toBe(false);

    type Row = { readonly tx_id: Uint8Array; readonly doc: Uint8Array; readonly document: string };
    let row: Row | undefined;
    await expect
      .poll(async () => {
        [row] = await server.database.sql<
          Row[]
        >`select tx_id, doc, document from outbox.attestations where document like '%sup:finance%' limit 1`;
        return row?.document ?? '';
      })
      .toContain(head.hash);
    if (row === undefined) throw new Error('there is no attestation');
    expect(toHex(sm3(utf8(row.document)))).toBe(toHex(row.doc));
    expect(await server.services.ledger.status(new Uint8Array(row.tx_id))).not.toBeNull();
  });

  test('a client that does not acknowledge gets one batch and no more', async () => {
    await append('sup:all', 750);
    const client = connect('/supervisor', await staffCookie('auditor'));
    const batches: FeedBatch[] = [];
    client.on('feed.batch', (batch) => batches.push(batch));
    await joinRoom(client, 'sup:all', 0);
    await until(() => batches.length === 1);
    await append('sup:all', 1);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(batches.map((batch) => [batch.fromSeq, batch.toSeq])).toEqual([[1, 500]]);
  });

  test('a studio hears how far its import is, step by step, and nobody else does', async () => {
    const { sql, studio, clock } = server.services;
    const [own] = await sql<{ acct: string; name_en: string }[]>`select acct, name_en from studio.studios limit 1`;
    if (own === undefined) throw new Error('there is no studio');
    const room = `studio:${own.acct}`;
    const client = connect('/studio', await staffCookie('studio', own.name_en));
    const received = collect(client);
    expect(await joinRoom(client, room, -1)).toMatchObject({ ok: true });
    const stranger = connect('/studio', await staffCookie('studio', 'another studio'));
    expect(await joinRoom(stranger, room, -1)).toEqual({ ok: false, code: 'room_forbidden' });
    const jobId = `job_${'1'.repeat(32)}`;
    await sql`insert into catalogue.games (game_id, studio_acct, game_ref, name_en, approval_no, heartbeat_at, created_at)
      values ('gam_00000000000000000000000000000009', ${own.acct}, 'g9', 'G', 'ISBN', now(), now())`;
    const job = { jobId, acct: own.acct, referenceId: 'j', kind: 'mints', gameId: 'gam_00000000000000000000000000000009', at: clock.now() };
    const row = (rowRef: string, state: 'waiting' | 'refused') => ({ rowRef, body: {}, units: 1, state, code: null });
    await sql.begin(async (tx) => {
      await insertJob(tx, job, [row('a', 'waiting'), row('b', 'refused'), row('c', 'refused')]);
      // From its first moment, or the market's own runner may begin it before anybody pauses it.
      await tx`update studio.jobs set state = 'paused' where job_id = ${jobId}`;
    });
    expect(await studio.actOnJob(null, jobId, 'pause')).toBe('done');
    await until(() => received.length === 1);
    expect(await studio.actOnJob(null, jobId, 'cancel')).toBe('done');
    await until(() => received.length === 2);
    expect(received.map(({ type, body }) => [type, importProgressBody.parse(body)])).toEqual(
      ['paused', 'finished'].map((state) => [
        'import.progress',
        { jobId, state, done: 2, total: 3, certified: 0, rejected: 2, perMinute: 0, etaSeconds: null },
      ]),
    );
  });

  test('market data reaches those who look at the kind, after the commit, numbered', async () => {
    const room = `class:cls_${'ab'.repeat(16)}`;
    const client = connect('/market');
    const received = collect(client);
    expect(await joinRoom(client, room, -1)).toMatchObject({ ok: true });
    const at = server.services.clock.now();
    server.services.outbox.publish([{ room, type: 'book.delta', body: { bookSeq: 1 }, at }]);
    server.services.outbox.publish([{ room, type: 'book.delta', body: { bookSeq: 2 }, at }]);
    await until(() => received.length === 2);
    expect(received.map((message) => message.seq)).toEqual([1, 2]);
  });
});

describe('joins that nobody means', () => {
  test.each<readonly [what: string, request: unknown, code: string]>([
    ['nothing', null, 'join_malformed'],
    ['a list', [], 'join_malformed'],
    ['a number below what comes from now on', { room: 'sup:tax', afterSeq: -2 }, 'join_malformed'],
    ['no number', { room: 'sup:tax', afterSeq: Number.NaN }, 'join_malformed'],
    ['a word', { room: 'sup:tax', afterSeq: '1' }, 'join_malformed'],
    ['half a number', { room: 'sup:tax', afterSeq: 0.5 }, 'join_malformed'],
    ['a number beyond all', { room: 'sup:tax', afterSeq: 2 ** 60 }, 'join_malformed'],
    ['the largest number', { room: 'sup:tax', afterSeq: Number.MAX_SAFE_INTEGER }, 'seq_ahead'],
    ['none of the newest', { room: 'sup:tax', afterSeq: 0, newest: 0 }, 'join_malformed'],
    ['a field too many', { room: 'sup:tax', afterSeq: 0, role: 'operator' }, 'join_malformed'],
    ['a room without an end', { room: `sup:${'x'.repeat(101)}`, afterSeq: 0 }, 'join_malformed'],
    ['a room of the prototype', { room: '__proto__', afterSeq: 0 }, 'room_unknown'],
    ['a room of more than one line', { room: 'sup:tax\nsup:market', afterSeq: 0 }, 'room_unknown'],
  ])('%s is refused by its code, joins nothing, and the socket stays', async (_what, request, code) => {
    const client = connect('/supervisor', await staffCookie('sup_tax'));
    const received = collect(client);
    const answer = await new Promise((resolve) => Reflect.apply(client.emit, client, ['join', request, resolve]));
    expect(answer).toEqual({ ok: false, code });
    expect([client.connected, received.length]).toEqual([true, 0]);
  });

  test('the page before a number takes numbers alone', async () => {
    const { api } = openVisitor(server.base, { cookie: await staffCookie('sup_tax') });
    for (const beforeSeq of [-1, 0, 0.5, Number.NaN, '2', 2 ** 60]) {
      const call = Reflect.apply(api.feed.before.query, undefined, [{ room: 'sup:tax', beforeSeq }]);
      expect((await refusalOf(call)).code).toBe('input_malformed');
    }
  });
});

describe('rooms', () => {
  test.each<[string, StaffRole, string, string | null]>([
    ['/supervisor', 'sup_tax', 'sup:tax', null],
    ['/supervisor', 'sup_tax', 'sup:market', 'room_forbidden'],
    ['/supervisor', 'sup_market', 'sup:tax', 'room_forbidden'],
    ['/supervisor', 'sup_finance', 'sup:finance', null],
    ['/supervisor', 'auditor', 'sup:finance', 'room_forbidden'],
    ['/supervisor', 'operator', 'sup:all', 'room_forbidden'],
    ['/supervisor', 'sup_tax', `player:${'a'.repeat(64)}`, 'room_forbidden'],
    ['/supervisor', 'sup_tax', 'sup:everything', 'room_unknown'],
    ['/market', 'sup_tax', 'sup:tax', 'room_forbidden'],
    ['/studio', 'sup_tax', `studio:${'a'.repeat(64)}`, 'room_forbidden'],
    // Whose studio a session is for, the room cannot tell.
    ['/studio', 'studio', `studio:${'a'.repeat(64)}`, 'room_forbidden'],
    ['/studio', 'studio', 'public', null],
  ])('%s, %s: %s → %s', async (namespace, role, room, code) => {
    const client = connect(namespace, await staffCookie(role));
    const answer = await joinRoom(client, room, 0);
    expect(answer.ok ? null : answer.code).toBe(code);
  });

  test('a player hears of nobody else, and nobody without a session hears anything private', async () => {
    const { cookie, acct } = await playerCookie();
    const player = connect('/player', cookie);
    expect(await joinRoom(player, `player:${acct}`, 0)).toMatchObject({ ok: true });
    expect(await joinRoom(player, `player:${'b'.repeat(64)}`, 0)).toEqual({ ok: false, code: 'room_forbidden' });
    const stranger = connect('/player', 'daoju_session=forged');
    expect(await joinRoom(stranger, `player:${acct}`, 0)).toEqual({ ok: false, code: 'sign_in_required' });
    const open = connect('/supervisor');
    expect(await joinRoom(open, 'sup:tax', 0)).toEqual({ ok: false, code: 'sign_in_required' });
  });

  test('a page of another site is not connected', async () => {
    const client: Client = io(`${server.base}/market`, {
      transports: ['websocket'],
      extraHeaders: { origin: 'http://evil.example' },
      forceNew: true,
      reconnection: false,
    });
    clients.push(client);
    await expect(new Promise((resolve) => client.once('connect_error', resolve))).resolves.toBeInstanceOf(Error);
  });

  test('keys of the demonstration are the published ones', () => {
    const [linYue] = server.services.identity.listDemonstrationAccounts();
    expect(linYue?.privateKey).toBe(toHex(demonstrationKeys('lin-yue').privateKey));
  });
});
