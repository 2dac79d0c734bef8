/** Opens the node of a member that runs no market: keys, chain, checks, then the follower. */
import type postgres from 'postgres';
import { decodeGenesis, type Genesis } from '#ledger/codec/genesis.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { type Bytes, toHex } from '#ledger/primitives/bytes.ts';
import { chainIdOf } from '#ledger/tx/ids.ts';
import { SnapshotFault, verifySnapshot } from '#ledger/verify/verify-snapshot.ts';
import type { ConsortiumOptions } from './consortium/options.ts';
import { FollowerNode } from './follower-node.ts';
import { ForeignInstallation, type NodeKeys, pinChain, pinnedChain } from './keys.ts';
import { holdNode } from './node-lock.ts';
import { beginChain, openStore } from './open-store.ts';
import { fileSigner } from './signer/file-signer.ts';
import type { SignerOpener } from './signer/signer.ts';
import { readSignedAbove } from './signer/signing-records.ts';
import { startSm2 } from './sm2-openssl.ts';
import { beginFromSnapshot } from './snapshot/begin-store.ts';
import { peerSource } from './snapshot/snapshot-source.ts';
import { readChain } from './store/blocks.ts';
import type { LedgerLog, OrgKeys } from './types.ts';
import { createVerifyPool } from './verify-pool.ts';

export interface OpenMember {
  readonly sql: postgres.Sql;
  readonly now: () => number;
  readonly random: (length: number) => Bytes;
  /** Where the ChainId is pinned. */
  readonly keysDir: string;
  /** Its node key in a file, or another form of the signer. */
  readonly nodeKeys: Pick<NodeKeys, 'node'> | { readonly openSigner: SignerOpener };
  /** The organisation's account. */
  readonly account: OrgKeys;
  readonly consortium: ConsortiumOptions;
  /** Genesis of the chain to join, for an empty database. It is believed only if it has the pinned ChainId, or none is pinned. */
  readonly genesis: () => Promise<Bytes>;
  readonly exportDir?: string;
  readonly snapshotDir?: string;
  /** How an empty store begins (`ledger.md` 11): with genesis, every block executed, or with a verified snapshot of another member. Default audit. */
  readonly catchUp?: 'audit' | 'snapshot';
  readonly workers?: number;
  readonly log: LedgerLog;
}

/** @throws {LedgerDamage} when what is stored contradicts itself; the message names the place */
export async function openMember(options: OpenMember): Promise<FollowerNode> {
  const { sql, keysDir, now, log } = options;
  const { sm2: fast, route, failures } = startSm2();
  if (failures.length > 0) log.error('the fast SM2 route failed its self-test; the portable one is used', { failed: failures.join(' ') });
  const lock = await holdNode(sql);
  try {
    const pinned = pinnedChain(keysDir);
    const isNew = (await readChain(sql)) === null;
    if (isNew) await beginStore(options, await joinedGenesis(options, pinned), fast);
    const opened = await openStore(sql, fast, BigInt(now()));
    if (opened === null) throw new Error("couldn't start the node: the chain that was just begun is gone");
    const chain = toHex(opened.chain);
    if (pinned === null) pinChain(keysDir, opened.chain);
    else if (pinned !== chain)
      throw new ForeignInstallation(`couldn't start the node: this installation keeps chain ${pinned}, the database holds ${chain}`);
    const pool = createVerifyPool({
      sm2: fast,
      workers: options.workers ?? 1,
      onWorkerLost: (error) => log.error(`a verify worker ended and is replaced: ${error.message}`),
    });
    log.info('the chain is loaded and checked', { chain, height: opened.tip.header.height });
    // A key that belonged to this chain before its store did may have signed what the store does not know.
    const { nodeKeys } = options;
    // A signer elsewhere knows what it has signed, however new this node's store is.
    const isElsewhere = 'openSigner' in nodeKeys;
    const isRestored = !isElsewhere && isNew && pinned !== null && (await readSignedAbove(sql, 0n)).votes.length === 0;
    const openSigner = isElsewhere ? nodeKeys.openSigner : fileSigner(nodeKeys.node);
    return new FollowerNode({ ...options, openSigner, opened, pool, route, isRestored, release: lock.release });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** With the first snapshot that holds; without any from genesis on. */
async function beginStore(options: OpenMember, genesis: Genesis, sm2: Sm2): Promise<void> {
  const { sql, consortium, log } = options;
  const others = genesis.config.members.filter((member) => member.id !== consortium.member);
  for (const member of options.catchUp === 'snapshot' ? others : []) {
    const endpoint = consortium.endpointOf(member);
    if (endpoint === null) continue;
    try {
      const snapshot = await verifySnapshot(peerSource(endpoint), chainIdOf(genesis), sm2);
      await beginFromSnapshot(sql, snapshot);
      log.info('the store begins with a snapshot', { from: member.org, height: snapshot.manifest.height });
      return;
    } catch (error) {
      if (error instanceof SnapshotFault) log.error(`${member.org} serves a snapshot that does not hold`, { code: error.code });
      else log.info(`no snapshot from ${member.org}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  await beginChain(sql, genesis, sm2);
}

async function joinedGenesis(options: OpenMember, pinned: string | null): Promise<Genesis> {
  const genesis = decodeGenesis(await options.genesis());
  const chain = toHex(chainIdOf(genesis));
  if (pinned !== null && pinned !== chain)
    throw new Error(`couldn't join: this installation keeps chain ${pinned}, and ${chain} was offered`);
  return genesis;
}
