/**
 * Product T-07 over real members and HTTP: a studio or the operator cannot move, burn, change or hold a player's item without the
 * player's signature, a consent in force, or due process by those who may. Each attempt goes to the operator's server, and straight to
 * another member, which does not take anybody's word for it.
 */
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Op } from '#ledger/codec/op-types.ts';
import type { SignedOrder } from '#ledger/codec/order.ts';
import { encodeTxEnv, type TxEnv } from '#ledger/codec/tx.ts';
import { demonstrationOrganisation } from '#ledger/node/account-signer.ts';
import { ledgerHttp } from '#ledger/node/ledger-http.ts';
import type { AccountSigner } from '#ledger/node/types.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { buildOrder } from '#ledger/tx/build-order.ts';
import { extOf } from '#ledger/tx/ids.ts';
import { signOrders } from '#ledger/tx/sign.ts';
import { openTestConsortium, type TestConsortium } from '#test/support/consortium.ts';
import { populate, testOwner } from '#test/support/ledger.ts';

const HOUR = 3_600_000n;
const DAY = 24n * HOUR;
const PACK = new Uint8Array(32).fill(6);
const SUPERVISOR_MEMBER = 3;
/** Amy's in the order of minting; the last of them are in a state of their own. */
const SWORD = 0n;
const LOCKED = 1n;
const FROZEN = 2n;
const PROTECTED = 3n;
const BURNT_BY_CONSENT = 4n;

type Who = 'studio' | 'amy' | 'bob' | 'operator' | 'supervisor' | 'notary' | 'court';
let consortium: TestConsortium;
let signers: Record<Who, AccountSigner>;
let server: string;
let member: string;
const servers: Server[] = [];

beforeAll(async () => {
  consortium = await openTestConsortium();
  const { node } = consortium.operator;
  node.start();
  await Promise.all(consortium.members.map((each) => each.start()));
  const people = await populate(consortium.operator, 8);
  assert(node.demo !== null, 'a demonstration chain');
  signers = { ...people, operator: node.operator, ...node.demo };
  await prepare();
  await node.sealNow();
  server = await serve((exportDir) =>
    ledgerHttp(node, {
      exportDir,
      submit: async (env) => {
        const [result] = await consortium.operator.sequence([env]);
        assert(result !== undefined, 'one LedgerTx has one result');
        return result;
      },
    }),
  );
  const supervisor = consortium.members.find(({ id }) => id === SUPERVISOR_MEMBER)?.node;
  assert(supervisor !== null && supervisor !== undefined, 'the supervisor runs');
  await vi.waitUntil(() => supervisor.certified.height === node.certified.height, { timeout: 60_000 });
  member = await serve((exportDir) => ledgerHttp(supervisor, { exportDir, submit: (env) => supervisor.submit(env), takes: () => true }));
});
afterAll(async () => {
  for (const each of servers) each.close();
  await consortium?.stop();
});

async function serve(handler: (exportDir: string) => ReturnType<typeof ledgerHttp>): Promise<string> {
  const handle = handler('/nowhere');
  const http = createServer((req, res) => void handle(req, res));
  servers.push(http);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  assert(typeof address === 'object' && address !== null, 'it listens');
  return `http://127.0.0.1:${address.port}`;
}

async function prepare(): Promise<void> {
  const now = BigInt(consortium.operator.clock.now);
  await act({ kind: 'rule_pack_activate', jurisdiction: 'CN', pack: PACK, from: now, tighten: 1 }, 'supervisor');
  await act({ kind: 'lock', serial: LOCKED, ver: 1n, locker: signers.amy.acct, until: now + DAY }, 'amy');
  await act({ kind: 'freeze', target: { kind: 'item', serial: FROZEN }, until: now + DAY, doc: ZERO_32 }, 'supervisor');
  await act(tradeOf(PROTECTED, order('amy', 'sell', PROTECTED), order('bob', 'buy')), 'operator');
}

async function act(op: Op, ...by: readonly Who[]): Promise<void> {
  const [result] = await consortium.operator.sequence([signed(op, by)]);
  expect(result?.kind === 'rejected' ? result.code : 'sequenced').toBe('sequenced');
}

function signed(op: Op, by: readonly Who[]): TxEnv {
  const [first, ...others] = by.map((name) => signers[name]);
  const [env] = first?.batchSign([consortium.operator.body(op)]) ?? [];
  assert(env !== undefined, 'one body, one env');
  return others.reduce((each, signer) => signer.coSign(each), env);
}

let salt = 0;
function order(who: 'amy' | 'bob' | 'studio', side: 'sell' | 'buy', serial?: bigint, signer = who): SignedOrder {
  const now = BigInt(consortium.operator.clock.now);
  const built = buildOrder(
    {
      chain: consortium.operator.node.chain,
      acct: signers[who].acct,
      side,
      cls: 0,
      items: serial === undefined ? [] : [{ serial, ver: 1n }],
      quantity: 1,
      notBefore: now - HOUR,
      notAfter: now + DAY,
      termsRoot: ZERO_32,
    },
    (length) => new Uint8Array(length).fill(++salt),
  );
  const { privateKey, acct } = testOwner(signer);
  const key = { acct, keyIdx: 0, keyEpoch: 0, privateKey };
  const [first] = signOrders(consortium.operator.node.sm2, key, [built]);
  assert(first !== undefined, 'one order');
  return first;
}

function tradeOf(serial: bigint, sell: SignedOrder, buy: SignedOrder): Op {
  const tradeId = new Uint8Array(16).fill(++salt);
  const protectMs = Number(3n * DAY);
  return { kind: 'trade', tradeId, sell, buy, items: [serial], pay: ZERO_32, env: ZERO_32, rulePack: PACK, protectMs, experiment: null };
}

async function send(base: string, env: TxEnv): Promise<{ readonly status: number; readonly code: string | null }> {
  const response = await fetch(`${base}/ledger/v1/submit`, { method: 'POST', body: encodeTxEnv(env) });
  const body: unknown = await response.json();
  const code = typeof body === 'object' && body !== null && 'code' in body ? String(body.code) : null;
  return { status: response.status, code };
}

type Attempt = {
  readonly name: string;
  readonly op: () => Op;
  readonly by: readonly Who[];
  readonly member: string;
  /** When the server answers otherwise: ops that go through the market alone. */
  readonly server?: string;
};
const MARKET_ONLY = 'op_not_submittable';
const transfer = (serial: bigint, to: Who, ver = 1n): Op => ({
  kind: 'transfer',
  serial,
  ver,
  to: signers[to].acct,
  pay: ZERO_32,
  env: ZERO_32,
});
const move = (serial: bigint, to: Who, ver = 1n) => ({ serial, ver, to: signers[to].acct });
const until = (ms: bigint) => BigInt(consortium.operator.clock.now) + ms;
const lock = (locker: Who): Op => ({ kind: 'lock', serial: SWORD, ver: 1n, locker: signers[locker].acct, until: until(DAY) });
const itemFreeze = (serial: bigint, ms: bigint): Op => ({
  kind: 'freeze',
  target: { kind: 'item', serial },
  until: until(ms),
  doc: ZERO_32,
});
const reverse = (serial: bigint, to: Who, ver: bigint): Op => ({
  kind: 'trade_reverse',
  entry: 0n,
  items: [move(serial, to, ver)],
  doc: ZERO_32,
  pay: ZERO_32,
  env: ZERO_32,
  rulePack: PACK,
});
const rotation = (mode: number): Op => ({
  kind: 'account_rotate',
  acct: signers.amy.acct,
  mode,
  policy: {
    threshold: 1,
    keys: [{ pub: demonstrationOrganisation('studio').publicKey, weight: 1, use: 1 }],
    recoveryDelayMs: 0,
    encKey: null,
  },
});
const update: () => Op = () => ({ kind: 'item_update', serial: SWORD, ver: 1n, meta: filled(1) });
const filled = (byte: number): Bytes => new Uint8Array(32).fill(byte);

const ATTEMPTS: readonly Attempt[] = [
  { name: 'move: the studio sends it to itself', op: () => transfer(SWORD, 'studio'), by: ['studio'], member: 'signer_missing' },
  { name: 'move: the operator sends it to the studio', op: () => transfer(SWORD, 'studio'), by: ['operator'], member: 'signer_missing' },
  { name: 'move: both together', op: () => transfer(SWORD, 'bob'), by: ['studio', 'operator'], member: 'signer_missing' },
  { name: 'move: even with the supervisor', op: () => transfer(SWORD, 'bob'), by: ['operator', 'supervisor'], member: 'signer_missing' },
  {
    name: 'move: a sale with an order that the studio signed for the player',
    op: () => tradeOf(SWORD, order('amy', 'sell', SWORD, 'studio'), order('bob', 'buy')),
    by: ['operator'],
    member: 'order_invalid',
    server: MARKET_ONLY,
  },
  {
    name: "move: a sale by the studio of what is not the studio's",
    op: () => tradeOf(SWORD, order('studio', 'sell', SWORD), order('bob', 'buy')),
    by: ['operator'],
    member: 'not_owner',
    server: MARKET_ONLY,
  },
  {
    name: 'move: a sale beside the operator',
    op: () => tradeOf(SWORD, order('amy', 'sell', SWORD), order('bob', 'buy')),
    by: ['studio'],
    member: 'role_missing',
    server: MARKET_ONLY,
  },
  {
    name: 'move: keys of the player replaced by the studio',
    op: () => rotation(0),
    by: ['studio'],
    member: 'signer_missing',
  },
  { name: 'move: a recovery that nobody was made recoverer for', op: () => rotation(1), by: ['operator'], member: 'signer_missing' },
  { name: 'burn: by the studio', op: () => ({ kind: 'burn', serial: SWORD, ver: 1n }), by: ['studio'], member: 'signer_missing' },
  { name: 'burn: by the operator', op: () => ({ kind: 'burn', serial: SWORD, ver: 1n }), by: ['operator'], member: 'signer_missing' },
  { name: 'change: by the studio alone', op: update, by: ['studio'], member: 'signer_missing', server: MARKET_ONLY },
  { name: 'change: by the operator', op: update, by: ['operator'], member: 'signer_missing', server: MARKET_ONLY },
  {
    name: 'change: the same unit minted again for somebody else',
    op: () => ({ kind: 'mint', items: [{ cls: 0, to: signers.bob.acct, ext: extOf('sword-0'), meta: ZERO_32 }] }),
    by: ['studio'],
    member: 'item_exists',
    server: MARKET_ONLY,
  },
  { name: 'hold: locked by the studio', op: () => lock('studio'), by: ['studio'], member: 'signer_missing' },
  { name: 'hold: locked by the operator', op: () => lock('operator'), by: ['operator'], member: 'signer_missing' },
  {
    name: "hold: the player's own lock opened by the studio",
    op: () => ({ kind: 'unlock', serial: LOCKED, ver: 2n }),
    by: ['studio'],
    member: 'signer_missing',
  },
  { name: 'hold: frozen by the studio', op: () => itemFreeze(SWORD, DAY), by: ['studio'], member: 'role_missing', server: MARKET_ONLY },
  {
    name: 'hold: frozen by the operator for longer than seven days',
    op: () => itemFreeze(SWORD, 8n * DAY),
    by: ['operator'],
    member: 'until_range',
    server: MARKET_ONLY,
  },
  {
    name: 'hold: the whole kind frozen by the operator',
    op: () => ({ kind: 'freeze', target: { kind: 'class', cls: 0 }, until: until(DAY), doc: ZERO_32 }),
    by: ['operator', 'studio'],
    member: 'role_missing',
    server: MARKET_ONLY,
  },
  {
    name: 'hold: the player frozen by the operator',
    op: () => ({ kind: 'freeze', target: { kind: 'account', acct: signers.amy.acct }, until: until(DAY), doc: ZERO_32 }),
    by: ['operator'],
    member: 'role_missing',
    server: MARKET_ONLY,
  },
  {
    name: "due process: the operator over the supervisor's freeze",
    op: () => ({ kind: 'unfreeze', target: { kind: 'item', serial: FROZEN }, doc: ZERO_32 }),
    by: ['operator'],
    member: 'freeze_rank',
    server: MARKET_ONLY,
  },
  {
    name: 'due process: an order of court without the court',
    op: () => ({ kind: 'court_order', items: [move(SWORD, 'studio')], doc: ZERO_32 }),
    by: ['operator', 'supervisor'],
    member: 'role_missing',
    server: MARKET_ONLY,
  },
  {
    name: 'due process: an order of court without the supervisor',
    op: () => ({ kind: 'court_order', items: [move(SWORD, 'studio')], doc: ZERO_32 }),
    by: ['court', 'operator'],
    member: 'role_missing',
    server: MARKET_ONLY,
  },
  {
    name: 'due process: a reversal by the operator alone',
    op: () => reverse(PROTECTED, 'amy', 2n),
    by: ['operator'],
    member: 'role_missing',
    server: MARKET_ONLY,
  },
  {
    name: 'due process: a reversal by operator and studio',
    op: () => reverse(PROTECTED, 'amy', 2n),
    by: ['operator', 'studio'],
    member: 'role_missing',
    server: MARKET_ONLY,
  },
  {
    name: 'due process: a reversal when the protection is over or never was',
    op: () => reverse(SWORD, 'bob', 1n),
    by: ['operator', 'supervisor'],
    member: 'not_reversible',
    server: MARKET_ONLY,
  },
  {
    name: 'consent: given by the studio in the player’s name',
    op: () => ({ kind: 'consent', acct: signers.amy.acct, cls: 0, powers: 7, until: until(DAY) }),
    by: ['studio'],
    member: 'signer_missing',
  },
  {
    name: 'the end of a game declared by the studio alone',
    op: () => ({ kind: 'studio_sunset', studio: signers.studio.acct, at: until(61n * DAY), archive: ZERO_32, successor: null }),
    by: ['studio'],
    member: 'role_missing',
    server: MARKET_ONLY,
  },
  { name: 'protection: the new owner moves it at once', op: () => transfer(PROTECTED, 'amy', 2n), by: ['bob'], member: 'item_protected' },
  { name: 'freeze: the owner moves what is frozen', op: () => transfer(FROZEN, 'bob'), by: ['amy'], member: 'item_frozen' },
];

describe('refused by the server and by a member', () => {
  test.each(ATTEMPTS)('$name', async ({ op, by, member: code, server: atServer }) => {
    const before = consortium.operator.node.pending.count(1);
    expect(await send(server, signed(op(), by)), 'at the server').toMatchObject({ code: atServer ?? code });
    expect(await send(member, signed(op(), by)), 'at a member').toEqual({ status: 422, code });
    const sword = consortium.operator.node.pending.itemBySerial(SWORD);
    expect(sword).toMatchObject({ owner: signers.amy.acct, ver: 1n, frozenUntil: 0n, lockUntil: 0n });
    expect(consortium.operator.node.pending.count(1)).toBe(before);
  });
});

test('a supervisor member endorses no block with a Trade that names no envelope, and takes no such Trade', async () => {
  // One was sequenced above: it is certified by the members that see no price.
  const refusals = consortium.operator.node.consortium()?.refusals ?? [];
  expect(refusals.map(({ member, code }) => `${member} ${code}`)).toContain(`${SUPERVISOR_MEMBER} envelope_open`);
  const env = signed(tradeOf(SWORD, order('amy', 'sell', SWORD), order('bob', 'buy')), ['operator']);
  expect(await send(member, env)).toEqual({ status: 422, code: 'envelope_open' });
});

test('with a consent in force the studio burns what it was allowed to, and not after it is taken back', async () => {
  const consent = (powers: number): Op => ({ kind: 'consent', acct: signers.amy.acct, cls: 0, powers, until: until(DAY) });
  const burn = (serial: bigint): Op => ({ kind: 'burn', serial, ver: 1n });
  await act(consent(1), 'amy');
  await act(burn(BURNT_BY_CONSENT), 'studio');
  await act(consent(0), 'amy');
  const [refused] = await consortium.operator.sequence([signed(burn(5n), ['studio'])]);
  expect(refused).toMatchObject({ kind: 'rejected', code: 'signer_missing' });
});

test("the player's own signature moves it", async () => {
  expect((await send(member, signed(transfer(6n, 'bob'), ['amy']))).status).toBe(202);
});

test('while two of four members are away for more than thirty seconds no further Trade is sequenced; when they return what waited is certified, and trading goes on', async () => {
  const { operator } = consortium;
  const { node } = operator;
  await vi.waitUntil(() => node.health().waiting === 0, { timeout: 20_000 });
  // The supervisor endorses none of these Trades, because they name no envelope: the other three certify them.
  const away = consortium.members.filter(({ id }) => id !== SUPERVISOR_MEMBER);
  for (const each of away) await each.stop();
  const { height } = node.certified;
  const trade = (serial: bigint) => [signed(tradeOf(serial, order('amy', 'sell', serial), order('bob', 'buy')), ['operator'])];
  const [waiting] = await operator.sequence(trade(7n));
  assert(waiting?.kind === 'sequenced', 'the members are not late yet');
  consortium.advance(30_001);
  expect(await operator.sequence(trade(5n))).toMatchObject([{ kind: 'rejected', code: 'finality_late' }]);
  expect(await operator.sequence([signed(transfer(SWORD, 'bob'), ['amy'])])).toMatchObject([{ kind: 'sequenced' }]);
  expect([node.certified.height, (await node.status(waiting.txId))?.status]).toEqual([height, 'sequenced']);
  for (const each of away) await each.start();
  await vi.waitUntil(() => node.health().waiting === 0, { timeout: 60_000 });
  const [late] = await operator.sequence(trade(5n));
  assert(late?.kind === 'sequenced', 'what was refused is taken now');
  for (const { txId } of [waiting, late])
    await vi.waitUntil(async () => (await node.status(txId))?.status === 'certified', { timeout: 60_000 });
});
