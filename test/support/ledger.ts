/** A ledger with its node on a test database, and bodies for it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Op } from '#ledger/codec/op-types.ts';
import type { TxBody, TxEnv } from '#ledger/codec/tx.ts';
import { demonstrationKeys, singleKeyPolicy } from '#ledger/node/demonstration-keys.ts';
import {
  type AccountSigner,
  type GroupResult,
  type LedgerNode,
  type LedgerOptions,
  type OrgKeys,
  openLedger,
} from '#ledger/node/ledger-node.ts';
import { type Bytes, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { accountIdFromPolicy, extOf } from '#ledger/tx/ids.ts';
import { signTx } from '#ledger/tx/sign.ts';
import type { Sql } from '#server/db.ts';
import { seededRandom } from './seeded-random.ts';

export const START_MS = 1_790_000_000_000;

export interface TestLedger {
  readonly node: LedgerNode;
  readonly keysDir: string;
  /** Milliseconds; tests move it. */
  readonly clock: { now: number };
  readonly random: (length: number) => Bytes;
  body(op: Op, window?: { readonly notBefore?: number; readonly notAfter?: number }): TxBody;
  /** Sequences in one group and one database transaction of its own. */
  sequence(envs: readonly TxEnv[]): Promise<readonly GroupResult[]>;
}

export async function openTestLedger(
  sql: Sql,
  options: Partial<LedgerOptions> & { readonly seed?: string; readonly clock?: { now: number } } = {},
): Promise<TestLedger> {
  const keysDir = options.keysDir ?? mkdtempSync(path.join(tmpdir(), 'daoju-keys-'));
  const clock = options.clock ?? { now: START_MS };
  const seeded = seededRandom(options.seed ?? 'ledger');
  const random = (length: number): Bytes => seeded.bytes(length);
  const node = await openLedger({ sql, now: () => clock.now, random, keysDir, demonstration: true, workers: 0, ...options });
  return {
    node,
    keysDir,
    clock,
    random,
    body: (op, { notBefore = clock.now - 1000, notAfter = clock.now + 3_600_000 } = {}) => ({
      chain: node.chain,
      salt: random(16),
      notBefore: BigInt(notBefore),
      notAfter: BigInt(notAfter),
      op,
    }),
    sequence: (envs) => sequenceIn(node, sql, envs),
  };
}

export function sequenceIn(node: LedgerNode, sql: Sql, envs: readonly TxEnv[]): Promise<readonly GroupResult[]> {
  return node.runGroup((group) =>
    sql.begin(async (tx) => {
      const results = envs.map((env) => group.apply(env));
      await group.persist(tx);
      return results;
    }),
  );
}

export function removeKeys(ledger: TestLedger): void {
  rmSync(ledger.keysDir, { recursive: true, force: true });
}

/** A person or studio with one published key. */
export function testOwner(name: string): OrgKeys {
  const { privateKey, publicKey } = demonstrationKeys(name);
  return { name, privateKey, publicKey, acct: accountIdFromPolicy(singleKeyPolicy(publicKey)) };
}

const KIND = { player: 0, studio: 1 } as const;

/** Opens accounts, declares one class and mints `count` Items of it to the first player. */
export async function populate(
  ledger: TestLedger,
  count: number,
): Promise<{ readonly studio: AccountSigner; readonly amy: AccountSigner; readonly bob: AccountSigner }> {
  const { node, body } = ledger;
  const owners = {
    studio: node.signerFor(testOwner('studio')),
    amy: node.signerFor(testOwner('amy')),
    bob: node.signerFor(testOwner('bob')),
  };
  const open = (keys: AccountSigner, accountKind: number): TxEnv => {
    const policy = singleKeyPolicy(keys.publicKey);
    const unsigned = body({ kind: 'account_open', policy, accountKind, kyc: ZERO_32, env: ZERO_32 });
    const [own] = signFirst(ledger, keys, [unsigned]);
    if (own === undefined) throw new Error('one body, one env');
    const withOperator = node.operator.coSign(own);
    return accountKind === KIND.player || node.demo === null ? withOperator : node.demo.supervisor.coSign(withOperator);
  };
  await ledger.sequence([open(owners.studio, KIND.studio), open(owners.amy, KIND.player), open(owners.bob, KIND.player)]);
  const definition = { ext: extOf('sword'), transferRule: 0, supplyCap: 0n, meta: ZERO_32, media: ZERO_32, terms: ZERO_32 };
  await ledger.sequence(owners.studio.batchSign([body({ kind: 'class_define', issuer: owners.studio.acct, classes: [definition] })]));
  for (let first = 0; first < count; first += 200) {
    const items = Array.from({ length: Math.min(200, count - first) }, (_, at) => ({
      cls: 0,
      to: owners.amy.acct,
      ext: extOf(`sword-${first + at}`),
      meta: ZERO_32,
    }));
    await ledger.sequence(owners.studio.batchSign([body({ kind: 'mint', items })]));
  }
  return owners;
}

/** Signs with a key whose account does not exist yet: epoch 0, first key. */
export function signFirst(ledger: TestLedger, keys: OrgKeys, bodies: readonly TxBody[]): readonly TxEnv[] {
  return signTx(ledger.node.sm2, { acct: keys.acct, keyIdx: 0, keyEpoch: 0, privateKey: keys.privateKey }, bodies);
}
