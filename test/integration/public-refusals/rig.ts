/** What the tests of refusals share: one whole server over HTTP, people with items and money, and the proof that a refusal changed nothing. */
import { expect, vi } from 'vitest';
import { encodeTxEnv, type TxBody, type TxEnv } from '#ledger/codec/tx.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import { fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { type SigningKey, signTx } from '#ledger/tx/sign.ts';
import { demonstrationPlayerAcct } from '#server/identity/demonstration.ts';
import { createStudioClient, type StudioClient } from '#server/sdk/studio-client.ts';
import { createPlayerClient, type PlayerClient } from '#server/workers/demonstration/player-client.ts';
import { STUDIO_READ_KEY, STUDIO_WRITE_KEY_ID } from '#server/workers/demonstration/studio-account.ts';
import { describedStudio } from '#test/support/described-answers.ts';
import { startTestServer, type TestServer } from '#test/support/server.ts';

export type Actor = {
  readonly name: string;
  readonly acct: string;
  readonly privateKey: Uint8Array;
  readonly client: PlayerClient;
  /** Of the account's key now. */
  key(): SigningKey;
};
export type Kind = { readonly classRef: string; readonly classId: string };

export interface Rig {
  readonly server: TestServer;
  readonly studio: StudioClient;
  /** The same studio at another server. */
  studioAt(base: string): StudioClient;
  /** Signs as it should and names another content type. */
  readonly plainTextStudio: StudioClient;
  readonly gameId: string;
  readonly amy: Actor;
  readonly bob: Actor;
  /** 16 years old. */
  readonly kim: Actor;
  /** Another of the published demonstration people. */
  actor(name: string): Promise<Actor>;
  kind(classRef: string, more?: Readonly<Record<string, unknown>>): Promise<Kind>;
  mint(kind: Kind, to: Actor, quantity: number): Promise<readonly string[]>;
  itemOf(itemId: string): Promise<{ readonly serial: bigint; readonly ver: bigint }>;
  body(op: TxBody['op'], window?: Partial<Pick<TxBody, 'notBefore' | 'notAfter' | 'chain'>>): TxBody;
  sign(by: Actor, op: TxBody['op'], window?: Partial<Pick<TxBody, 'notBefore' | 'notAfter' | 'chain'>>): TxEnv;
  /** The supervisor's own acts reach the ledger from inside; there is no public door for them yet. */
  supervise(op: TxBody['op']): Promise<void>;
  settled(): Promise<void>;
  digest(): Promise<string>;
  /** Runs what must be refused: the tables say the same before and after. */
  unchanged<T>(work: () => Promise<T>): Promise<T>;
}

/** Everything that a refused command must leave alone. Stored answers and logs of calls are not among it: they are the refusal's own. */
const TABLES = [
  'market.orders',
  'market.order_items',
  'market.trades',
  'market.gifts',
  'market.offers',
  'market.offer_rounds',
  'market.offer_settings',
  'custody.items',
  'custody.item_holds',
  'journal.holds',
  'journal.entries',
  'journal.postings',
  'payments.transfers',
  'experiments.participants',
  'catalogue.games',
  'catalogue.item_classes',
  'studio."references"',
  'identity.players',
  'identity.cards',
];

let references = 0;
export const newReference = () => `public-refusal-${references++}`;

export async function openRig(): Promise<Rig> {
  // No feed head is written on the ledger meanwhile, so that its length is the commands' doing alone.
  const server = await startTestServer({ outbox: { activeHeadMs: 600_000, idleHeadMs: 600_000, attestMs: 86_400_000 } });
  const { ledger, market, random } = server.services;
  const { clock } = server;
  const { sql } = server.database;
  const drawn = (length: number) => random.bytes(length);
  const actor = async (name: string): Promise<Actor> => {
    const acct = demonstrationPlayerAcct(ledger, name);
    const { privateKey } = demonstrationKeys(name);
    const client = createPlayerClient({ base: server.base, acct, privateKey, sm2: ledger.sm2, random: drawn });
    await client.signIn();
    const key = () => {
      const account = ledger.pending.accountById(fromHex(acct, 32));
      const policy = account === null ? null : ledger.pending.policyByHash(account.policy);
      const keyIdx = policy?.keys.findIndex(({ use }) => use === 1) ?? 0;
      return { acct: fromHex(acct, 32), keyIdx, keyEpoch: account?.keyEpoch ?? 0, privateKey };
    };
    return { name, acct, privateKey, client, key };
  };
  const studioOptions = {
    base: server.base,
    keyId: STUDIO_WRITE_KEY_ID,
    privateKey: demonstrationKeys('studio-rest').privateKey,
    readKey: STUDIO_READ_KEY,
    sm2: ledger.sm2,
    now: () => clock.now(),
    random: drawn,
  };
  const studioAt = (base: string) => describedStudio(createStudioClient({ ...studioOptions, base }));
  const studio = studioAt(server.base);
  const plainTextStudio = createStudioClient({
    ...studioOptions,
    fetch: (input, init) => fetch(input, { ...init, headers: { ...Object(init?.headers), 'content-type': 'text/plain' } }),
  });
  const write = async (path: string, body: Readonly<Record<string, unknown>>) => {
    const answer = await studio.write('POST', path, { reference_id: newReference(), ...body });
    expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
    return Object(answer.body) as Readonly<Record<string, unknown>>;
  };
  const settled = async () => {
    clock.advance(300);
    await ledger.sealNow();
    await market.turnClocks();
  };
  const game = await write('/api/v1/games', { game_ref: 'g', name: { en: 'Game' }, approval_no: 'ISBN-1' });
  const gameId = String(game.game_id);
  const body: Rig['body'] = (op, window = {}) => ({
    chain: ledger.chain,
    salt: drawn(16),
    notBefore: BigInt(clock.now() - 60_000),
    notAfter: BigInt(clock.now() + 3_600_000),
    op,
    ...window,
  });
  const digest = async () => {
    const parts = TABLES.map((table) => `(select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from ${table} t)`);
    // The market attests its feeds' heads and the reports that are due by its own clock, whatever is asked of it meanwhile.
    parts.push(`(select md5(coalesce(string_agg(tx_id::text, '|' order by seq), '')) from ledger.ledger_txs
      where tx_id not in (select tx_id from outbox.attestations union select tx_id from reports.reports))`);
    const [row] = await sql.unsafe(`select concat_ws(' ', ${parts.join(', ')}) as digest`);
    return String(row?.digest);
  };
  /** What is on its way from what came before has arrived: its block is certified, and a turn of the market's clocks changes nothing more. */
  const quiet = async (): Promise<string> => {
    for (let was = ''; ; ) {
      await ledger.sealNow();
      await market.turnClocks();
      const now = await digest();
      if (now === was) return now;
      was = now;
    }
  };
  return {
    server,
    studio,
    studioAt,
    plainTextStudio,
    gameId,
    amy: await actor('lin-yue'),
    bob: await actor('chen-hai'),
    kim: await actor('xiao-he'),
    actor,
    kind: async (classRef, more = {}) => {
      const row = { class_ref: classRef, name: { en: classRef }, category: 'Mods', type: 'Mod', icon: 'processor', ...more };
      await write('/api/v1/item-classes', { game_id: gameId, rows: [row] });
      await settled();
      const find = async () => {
        const [found] = await sql`select class_id from catalogue.item_classes where class_ref = ${classRef} and certified_at is not null`;
        return found === undefined ? null : { classRef, classId: String(found.class_id) };
      };
      return vi.waitUntil(find, { timeout: 30_000 });
    },
    mint: async (kind, to, quantity) => {
      const before = new Set((await sql`select item_id from custody.items`).map((row) => String(row.item_id)));
      await write('/api/v1/mints', { game_id: gameId, rows: [{ class_ref: kind.classRef, to: to.acct, quantity }] });
      await settled();
      const rows = await sql`select item_id from custody.items order by ledger_serial`;
      return rows.map((row) => String(row.item_id)).filter((itemId) => !before.has(itemId));
    },
    itemOf: async (itemId) => {
      const [row] = await sql`select ledger_serial from custody.items where item_id = ${itemId}`;
      const leaf = ledger.pending.itemBySerial(BigInt(String(row?.ledger_serial)));
      if (leaf === null) throw new Error(`no item ${itemId}`);
      return { serial: leaf.serial, ver: leaf.ver };
    },
    body,
    sign: (by, op, window) => {
      const [env] = signTx(ledger.sm2, by.key(), [body(op, window)]);
      if (env === undefined) throw new Error('one body gives one LedgerTx');
      return env;
    },
    supervise: async (op) => {
      if (ledger.demo === null) throw new Error('a demonstration chain');
      const [result] = await market.sequence(ledger.demo.supervisor.batchSign([body(op)]));
      expect(result?.kind).toBe('sequenced');
      await settled();
    },
    settled,
    digest,
    unchanged: async (work) => {
      const before = await quiet();
      const result = await work();
      expect(await digest()).toBe(before);
      return result;
    },
  };
}

/** A refusal as any client sees it: code, sentence, trace id; nothing of the inside. */
export async function expectRefusal(response: Response, code: string): Promise<void> {
  const text = await response.text();
  expect(response.status, text).toBeGreaterThanOrEqual(400);
  expect(response.status, text).toBeLessThan(500);
  expect(text).not.toMatch(INSIDE);
  const traceId = response.headers.get('x-trace-id') ?? '';
  expect(traceId).toMatch(/^[0-9a-f]{32}$/);
  const parsed: unknown = JSON.parse(text);
  const refusal = refusalIn(parsed);
  expect(refusal.code, text).toBe(code);
  expect(refusal.sentence.length, text).toBeGreaterThan(15);
  expect(refusal.traceId, text).toBe(traceId);
}
export const INSIDE = /node_modules|\.ts:\d|at \w+ \(|\bselect\b .* from |PostgresError|"stack"/i;

function refusalIn(answer: unknown): { readonly code: string; readonly sentence: string; readonly traceId: string } {
  const root = Object(answer);
  const inner = Object(root.error?.json?.data?.refusal ?? root);
  return {
    code: String(inner.code),
    sentence: String(inner.message ?? inner.title ?? ''),
    traceId: String(inner.traceId ?? inner.trace_id ?? ''),
  };
}

export const submit = (rig: Rig, env: TxEnv | Uint8Array): Promise<Response> =>
  fetch(`${rig.server.base}/ledger/v1/submit`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: Buffer.from(env instanceof Uint8Array ? env : encodeTxEnv(env)),
  });
export const hexOf = (env: TxEnv): string => toHex(encodeTxEnv(env));
