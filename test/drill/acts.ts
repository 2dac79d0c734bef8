/** What happens on a drill's chain: a studio issues Items through the API, people give and sell them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DEMONSTRATION_STUDIO } from '#drizzle/seed/demonstration-keys.ts';
import { decodeGenesis } from '#ledger/codec/genesis.ts';
import { decodeItemLeaf, type ItemLeaf, REGISTER } from '#ledger/codec/leaves.ts';
import type { Op } from '#ledger/codec/op-types.ts';
import type { TxEnv } from '#ledger/codec/tx.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import { startSm2, systemRandom } from '#ledger/node/sm2-openssl.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, compareBytes, toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { decodeReceipt } from '#ledger/proof/receipt.ts';
import { accountIdFromPolicy, chainIdOf, txIdOf } from '#ledger/tx/ids.ts';
import { signTx } from '#ledger/tx/sign.ts';
import { openDatabase } from '#server/db.ts';
import { playerPolicy, signingKeyOf } from '#server/identity/player-policy.ts';
import { type SubmitAnswer, submitTo } from '#server/members/member-site.ts';
import { accountOf } from '#server/members/run-member.ts';
import { createStudioClient } from '#server/sdk/studio-client.ts';
import { STUDIO_READ_KEY, STUDIO_WRITE_KEY_ID } from '#server/workers/demonstration/studio-account.ts';
import type { DrillSite, Org } from './site.ts';

const { sm2 } = startSm2();
const WINDOW_MS = 3_600_000n;
const clock = () => Math.round(performance.timeOrigin + performance.now());

export async function untilHeight(site: DrillSite, org: Org, height: number, ms = 60_000): Promise<void> {
  await until(async () => (await site.height(org)) >= height, ms, `height ${height} at the ${org}`);
}

export async function until(holds: () => Promise<boolean>, ms: number, what: string): Promise<void> {
  const end = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited ${Math.round(ms / 1000)} s for ${what}`);
    await sleep(100);
  }
}

export async function chainOf(site: DrillSite, org: Org): Promise<Bytes> {
  const response = await fetch(`${site.baseOf(org)}/peer/v1/genesis`);
  return chainIdOf(decodeGenesis(new Uint8Array(await response.arrayBuffer())));
}

export interface Person {
  readonly acct: Bytes;
  readonly privateKey: Bytes;
  readonly keyIdx: number;
}

/** A player of the demonstration: its account depends on the operator's key, which this site drew. */
export function player(site: DrillSite, name: 'lin-yue' | 'chen-hai' | 'zhou-ning'): Person {
  const { privateKey, publicKey, encPublicKey } = demonstrationKeys(name);
  const recovery = [site.keysOf('operator').account.publicKey, demonstrationKeys('notary').publicKey].sort(compareBytes);
  const policy = playerPolicy(publicKey, encPublicKey, recovery);
  return { acct: accountIdFromPolicy(policy), privateKey, keyIdx: signingKeyOf(policy)?.keyIdx ?? 0 };
}

/** An organisation with a published account. */
export function organisation(name: 'supervisor' | 'notary'): Person {
  const { acct, privateKey } = accountOf(name);
  return { acct, privateKey, keyIdx: 0 };
}

function studioClient(site: DrillSite, org: Org) {
  return createStudioClient({
    base: site.baseOf(org),
    keyId: STUDIO_WRITE_KEY_ID,
    privateKey: demonstrationKeys(DEMONSTRATION_STUDIO.restKey).privateKey,
    readKey: STUDIO_READ_KEY,
    sm2,
    now: clock,
    random: systemRandom,
  });
}

/** A picture for the one kind, at the operator's market. @returns its address there, once every member holds what its ledger names */
export async function putArt(site: DrillSite, bytes: Uint8Array): Promise<string> {
  const database = openDatabase((await site.databaseOf('operator')).url, { max: 1 });
  const [kind] = await database<{ class_id: string }[]>`select class_id from catalogue.item_classes`;
  await database.end();
  const answer = await studioClient(site, 'operator').putArt(kind?.class_id ?? '', {
    referenceId: 'drill-art',
    bytes,
    contentType: 'image/png',
  });
  const address = `/media/${toHex(sm3(new Uint8Array(bytes)))}`;
  assert(JSON.stringify(answer.body).includes(address), `art: ${JSON.stringify(answer)}`);
  const isAt = async (org: Org) => (await fetch(`${site.baseOf(org)}${address}`)).ok;
  await until(async () => (await isAt('supervisor')) && (await isAt('notary')), 60_000, 'the art at supervisor and notary');
  return address;
}

/** The demonstration studio's program at one organisation's market. */
function studioAt(site: DrillSite, org: Org) {
  const studio = studioClient(site, org);
  return async (what: string, path: string, body: object): Promise<Readonly<Record<string, unknown>>> => {
    const answer = await studio.write('POST', path, body, { prefer: 'wait=30' });
    assert(answer.status >= 200 && answer.status < 300, `${what}: ${JSON.stringify(answer)}`);
    return typeof answer.body === 'object' && answer.body !== null ? Object.fromEntries(Object.entries(answer.body)) : {};
  };
}

const mintOf = (owner: Person, count: number) => [{ class_ref: 'sword', to: toHex(owner.acct), quantity: count }];

/** The same Mint under the same reference, sent to whoever runs the market now. */
export async function repeatIssue(site: DrillSite, org: Org, owner: Person, count: number): Promise<Readonly<Record<string, unknown>>> {
  const database = openDatabase((await site.databaseOf(org)).url, { max: 1 });
  const [game] = await database<{ game_id: string }[]>`select game_id from catalogue.games`;
  await database.end();
  return studioAt(site, org)('the items again', '/api/v1/mints', {
    reference_id: 'drill-items',
    game_id: game?.game_id,
    rows: mintOf(owner, count),
  });
}

/** Through the operator's public REST API: one game, one kind, `count` Items for `owner`. Their serials begin with 0. */
export async function issueItems(site: DrillSite, owner: Person, count: number): Promise<void> {
  const write = studioAt(site, 'operator');
  const names = { zh: '演练', en: 'Drill' };
  const game = await write('a game', '/api/v1/games', {
    reference_id: 'drill-game',
    game_ref: 'drill',
    name: names,
    approval_no: 'drill 1',
  });
  const rows = [{ class_ref: 'sword', name: names, category: 'Weapons', type: 'Sword', icon: 'broadsword' }];
  await write('a kind', '/api/v1/item-classes', { reference_id: 'drill-kind', game_id: game.game_id, rows });
  // On a crowded machine the kind may take longer to be certified than a request waits.
  const database = openDatabase((await site.databaseOf('operator')).url, { max: 1 });
  await until(async () => (await database`select 1 from ledger.classes`).length > 0, 120_000, 'the kind to be certified');
  await database.end();
  await write('items', '/api/v1/mints', { reference_id: 'drill-items', game_id: game.game_id, rows: mintOf(owner, count) });
}

/** Every Item's leaf hash as a member proves it; the serials that it does not prove are missing. */
export async function provenItems(site: DrillSite, org: Org, count: number): Promise<ReadonlyMap<number, ItemLeaf>> {
  const found = new Map<number, ItemLeaf>();
  for (let serial = 0; serial < count; serial++) {
    const response = await fetch(`${site.baseOf(org)}/ledger/v1/item/${serial}/proof`);
    if (!response.ok) continue;
    const { claims } = decodeReceipt(new Uint8Array(await response.arrayBuffer()));
    for (const claim of claims) if (claim.kind === 'leaf' && claim.reg === REGISTER.items) found.set(serial, decodeItemLeaf(claim.leaf));
  }
  return found;
}

/** `clockShiftMs`: on a site whose clocks are ahead of the machine's. */
export function signed(chain: Bytes, by: Person, op: Op, keyEpoch = 0, clockShiftMs = 0): TxEnv {
  const now = BigInt(clock() + clockShiftMs);
  const [env] = signTx(sm2, { acct: by.acct, keyIdx: by.keyIdx, keyEpoch, privateKey: by.privateKey }, [
    { chain, salt: systemRandom(16), notBefore: now - 60_000n, notAfter: now + WINDOW_MS, op },
  ]);
  assert(env !== undefined, 'one body, one env');
  return env;
}

export async function submit(site: DrillSite, org: Org, env: TxEnv): Promise<SubmitAnswer> {
  return submitTo(site.baseOf(org), env);
}

export async function untilCertified(site: DrillSite, org: Org, env: TxEnv, ms = 60_000): Promise<void> {
  const id = toHex(txIdOf(env.body));
  await until(
    async () => {
      const response = await fetch(`${site.baseOf(org)}/ledger/v1/tx/${id}`).catch(() => null);
      const body: unknown = await response?.json().catch(() => null);
      return typeof body === 'object' && body !== null && 'status' in body && body.status === 'certified';
    },
    ms,
    `a LedgerTx certified at the ${org}`,
  );
}

export const transferOp = (serial: bigint, ver: bigint, to: Bytes): Op => ({
  kind: 'transfer',
  serial,
  ver,
  to,
  pay: ZERO_32,
  env: ZERO_32,
});

export const ORGS_ALL = ['operator', 'studio', 'supervisor', 'notary'] as const satisfies readonly Org[];

/** All four up, the first block certified, `count` Items of Lin Yue proven. */
export async function begin(
  site: DrillSite,
  count: number,
): Promise<{ readonly chain: Bytes; readonly lin: Person; readonly chen: Person }> {
  await Promise.all(ORGS_ALL.map((org) => site.start(org)));
  await untilHeight(site, 'operator', 1);
  const [lin, chen] = [player(site, 'lin-yue'), player(site, 'chen-hai')];
  await issueItems(site, lin, count);
  await until(async () => (await provenItems(site, 'operator', count)).size === count, 60_000, 'the items to be certified');
  return { chain: await chainOf(site, 'operator'), lin, chen };
}

/** One Item from one to the other and certified, given to `at`. Its version is asked there. */
export async function give(
  site: DrillSite,
  at: Org,
  chain: Bytes,
  { serial, by, to }: { readonly serial: number; readonly by: Person; readonly to: Person },
): Promise<TxEnv> {
  const item = (await provenItems(site, at, serial + 1)).get(serial);
  assert(item !== undefined, `item ${serial} is proven at the ${at}`);
  const env = signed(chain, by, transferOp(item.serial, item.ver, to.acct));
  const answer = await submit(site, at, env);
  assert(answer.status === 202, `the transfer is taken: ${JSON.stringify(answer)}`);
  await untilCertified(site, at, env);
  return env;
}

/** Everybody has reached the height that is the operator's now. */
export async function untilEven(site: DrillSite, orgs: readonly Org[], ms = 60_000): Promise<number> {
  const heights = await Promise.all(orgs.map((org) => site.height(org)));
  const top = Math.max(...heights);
  await Promise.all(orgs.map((org) => untilHeight(site, org, top, ms)));
  return top;
}

/** Headers of one height, as each member's static files show them: one, or there is a fork. */
export async function headersAt(site: DrillSite, orgs: readonly Org[], height: number): Promise<ReadonlySet<string>> {
  const headers = await Promise.all(
    orgs.map(async (org) => {
      let header = '';
      await until(
        async () => {
          const response = await fetch(`${site.baseOf(org)}/ledger/v1/block/${height}`).catch(() => null);
          if (response?.ok !== true) return false;
          header = toHex(new Uint8Array(await response.arrayBuffer()).subarray(0, 226));
          return true;
        },
        30_000,
        `block ${height} at the ${org}`,
      );
      return header;
    }),
  );
  return new Set(headers);
}
