/** A member's installation for one command: its keys, its place among the members, the configuration in force, its account's signature. */

import { decodeAuthPolicy } from '#ledger/codec/auth-policy.ts';
import { type ConsortiumConfig, decodeConsortiumConfig, type Member } from '#ledger/codec/config.ts';
import { decodeGenesis } from '#ledger/codec/genesis.ts';
import { decodeAccountLeaf, decodeRecordLeaf, RECORD } from '#ledger/codec/leaves.ts';
import type { Op } from '#ledger/codec/op-types.ts';
import { decodeRecovery, type Recovery } from '#ledger/codec/recovery.ts';
import { encodeTxEnv, type TxBody, type TxEnv } from '#ledger/codec/tx.ts';
import { OPERATOR_MEMBER } from '#ledger/node/genesis.ts';
import { loadSiteKeys, type SiteKeys } from '#ledger/node/keys.ts';
import { DEMONSTRATION_MEMBERS } from '#ledger/node/membership.ts';
import { readRecoveries } from '#ledger/node/signer/signing-records.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { readChain, readTip } from '#ledger/node/store/blocks.ts';
import { readBodies } from '#ledger/node/store/leaves.ts';
import type { OrgKeys } from '#ledger/node/types.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { configInForce } from '#ledger/state/config-in-force.ts';
import { configHash } from '#ledger/tx/ids.ts';
import { coSignTx, type SigningKey, signTx } from '#ledger/tx/sign.ts';
import type { Sql } from '#server/db.ts';
import type { Environment } from '#server/env.ts';
import type { Random } from '#server/random.ts';
import { readAccount, readConfigRecord } from './ledger-rows.repo.ts';
import { accountOf } from './run-member.ts';
import { ownAccount } from './state-record.ts';

const { sm2 } = startSm2();
const WINDOW_MS = 3_600_000n;

export type MemberSite = {
  readonly chain: Bytes;
  readonly height: bigint;
  /** In force at the height after the tip. */
  readonly config: ConsortiumConfig;
  /** Of every epoch that was ever begun here. */
  readonly configs: readonly ConsortiumConfig[];
  readonly keys: SiteKeys;
  /** Null: this installation's node key belongs to no member of the configuration in force. */
  readonly self: Member | null;
};

type Place = { readonly sql: Sql; readonly keysDir: string; readonly environment: Pick<Environment, 'keyPassphraseFile'> };

export async function openMemberSite({ sql, keysDir, environment }: Place, random: Random): Promise<MemberSite> {
  const stored = await readChain(sql);
  const tip = await readTip(sql);
  if (stored === null || tip === null) throw new Error('there is no chain here yet');
  const { keyPassphraseFile } = environment;
  const keys = loadSiteKeys({
    ...{ dir: keysDir, sm2, random: (length) => random.bytes(length), create: false },
    ...(keyPassphraseFile === null ? {} : { passphraseFile: keyPassphraseFile }),
  });
  const genesis = decodeGenesis(stored.genesis);
  const known = {
    bodies: (await readBodies(sql)).flatMap((each) => (each.kind === 'config' ? [decodeConsortiumConfig(each.body)] : [])),
    recoveries: (await readRecoveries(sql)).map(decodeRecovery),
  };
  const config = await readConfigInForce(sql, genesis.config, known, tip.height + 1n);
  return {
    chain: stored.chain,
    height: tip.height,
    config,
    configs: [genesis.config, ...known.bodies, ...known.recoveries.map((each) => each.config)],
    keys,
    self: config.members.find((each) => equalBytes(each.pub, keys.node.publicKey)) ?? null,
  };
}

type KnownConfigs = { readonly bodies: readonly ConsortiumConfig[]; readonly recoveries: readonly Recovery[] };

async function readConfigInForce(
  sql: Sql,
  genesis: ConsortiumConfig,
  { bodies, recoveries }: KnownConfigs,
  height: bigint,
): Promise<ConsortiumConfig> {
  const row = await readConfigRecord(sql, RECORD.config);
  if (row === null) return configInForce(genesis, recoveries, height);
  const record = decodeRecordLeaf(row);
  const hash = height >= record.a ? record.value : record.prior;
  return configInForce(bodies.find((each) => equalBytes(configHash(each), hash)) ?? genesis, recoveries, height);
}

/** The organisation's account and its key. */
export function accountKeys({ self, keys }: MemberSite): OrgKeys {
  assert(self !== null, 'this installation is a member');
  const own = ownAccount(self.id === OPERATOR_MEMBER ? 'operator' : self.org, keys);
  if (equalBytes(own.acct, self.acct)) return own;
  const org = DEMONSTRATION_MEMBERS.find((each) => each.id === self.id);
  assert(org !== undefined, 'an organisation has its account key in its folder, or a published one');
  return accountOf(org.name);
}

type SigningGround = { readonly now: number; readonly random: Random };

/** One LedgerTx in the name of the organisation. */
export async function signAsMember(sql: Sql, site: MemberSite, op: Op, { now, random }: SigningGround): Promise<TxEnv> {
  const window = { notBefore: BigInt(now) - 60_000n, notAfter: BigInt(now) + WINDOW_MS };
  return signBodyAsMember(sql, site, { chain: site.chain, salt: new Uint8Array(random.bytes(16)), ...window, op });
}

/** The same for one that others have written down already. */
export async function signBodyAsMember(sql: Sql, site: MemberSite, body: TxBody): Promise<TxEnv> {
  const [env] = signTx(sm2, await signingKey(sql, site), [body]);
  assert(env !== undefined, 'one body, one env');
  return env;
}

/** A LedgerTx that another organisation has signed, with this one's signature beside it. @throws {Error} when it has signed before */
export async function coSignAsMember(sql: Sql, site: MemberSite, env: TxEnv): Promise<TxEnv> {
  const key = await signingKey(sql, site);
  if (env.sigs.some((sig) => equalBytes(sig.acct, key.acct))) throw new Error('this organisation has signed it already');
  const [signed] = coSignTx(sm2, key, [env]);
  assert(signed !== undefined, 'one LedgerTx in, one out');
  return signed;
}

async function signingKey(sql: Sql, site: MemberSite): Promise<SigningKey> {
  const account = accountKeys(site);
  const row = await readAccount(sql, account.acct);
  assert(row !== null, `the ledger has the account of ${account.name}`);
  const keyIdx = decodeAuthPolicy(row.policy).keys.findIndex((key) => equalBytes(key.pub, account.publicKey));
  return { acct: account.acct, keyIdx, keyEpoch: decodeAccountLeaf(row.leaf).keyEpoch, privateKey: account.privateKey };
}

export type SubmitAnswer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

/** To any member's node. */
export async function submitTo(base: string, env: TxEnv): Promise<SubmitAnswer> {
  const response = await fetch(new URL('/ledger/v1/submit', base), { method: 'POST', body: encodeTxEnv(env) });
  const body: unknown = await response.json();
  return { status: response.status, body: typeof body === 'object' && body !== null ? Object.fromEntries(Object.entries(body)) : {} };
}

export const chainHex = ({ chain }: MemberSite): string => toHex(chain);
