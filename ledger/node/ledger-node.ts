/**
 * The member node: one sequencer, one sealer, one state. `openLedger` checks what is stored before anything may be signed.
 * Groups and blocks take turns on the pending state; while a block is on its way to the disk, the next group already runs.
 */
import { ROLE } from '#ledger/codec/config.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { configInForce } from '#ledger/state/config-in-force.ts';
import { configAt } from '#ledger/state/ops-consortium.ts';
import { accountIdFromPolicy } from '#ledger/tx/ids.ts';
import { buildGenesis, operatorPolicy } from './genesis.ts';
import { ForeignInstallation, loadNodeKeys, type NodeKeys, pinChain, pinnedChain } from './keys.ts';
import { MemberNode } from './member-node.ts';
import { holdsRole } from './membership.ts';
import { holdNode } from './node-lock.ts';
import { beginChain, type OpenStore, openStore } from './open-store.ts';
import { startSm2 } from './sm2-openssl.ts';
import { readChain } from './store/blocks.ts';
import type { LedgerLog, LedgerNode, LedgerOptions, OrgKeys } from './types.ts';
import { createVerifyPool } from './verify-pool.ts';

export { LedgerDamage } from './damage.ts';
export { pinnedChain } from './keys.ts';
export type * from './types.ts';

const SILENT: LedgerLog = { info: () => undefined, error: () => undefined };

/** @throws {LedgerDamage} when what is stored contradicts itself; the message names the place */
export async function openLedger(options: LedgerOptions): Promise<LedgerNode> {
  const { sql, keysDir, random, now, log = SILENT } = options;
  const { sm2: fast, route, failures } = startSm2();
  if (failures.length > 0) log.error('the fast SM2 route failed its self-test; the portable one is used', { failed: failures.join(' ') });
  const lock = await holdNode(sql);
  try {
    const isNew = (await readChain(sql)) === null;
    const pinned = pinnedChain(keysDir);
    if (isNew && pinned !== null) {
      throw new ForeignInstallation(
        `couldn't start the node: this installation keeps chain ${pinned}, and the database holds none. Restore the database, or remove ${keysDir} to begin another chain`,
      );
    }
    const { passphraseFile } = options;
    const keys = loadNodeKeys({
      ...{ dir: keysDir, sm2: fast, random, create: isNew },
      ...(passphraseFile === undefined ? {} : { passphraseFile }),
    });
    if (isNew) {
      const genesis = buildGenesis({
        keys,
        sm2: fast,
        sealedAt: BigInt(now()),
        demonstration: options.demonstration,
        accounts: options.genesisAccounts ?? [],
        members: options.consortium?.founders ?? [],
        ...(options.consortium === undefined || options.blockMs === undefined ? {} : { blockMs: options.blockMs }),
      });
      await beginChain(sql, genesis, fast);
    }
    const opened = await openStore(sql, fast, BigInt(now()));
    if (opened === null) throw new Error("couldn't start the node: the chain that was just begun is gone");
    const chain = toHex(opened.chain);
    if (pinned === null) pinChain(keysDir, opened.chain);
    else if (pinned !== chain)
      throw new ForeignInstallation(`couldn't start the node: this installation keeps chain ${pinned}, the database holds ${chain}`);
    const operator = options.operator ?? operatorKeys(keys);
    if (options.operator !== undefined) assertPromoted(opened, options.operator);
    const pool = createVerifyPool({
      sm2: fast,
      workers: options.workers ?? 1,
      onWorkerLost: (error) => log.error(`a verify worker ended and is replaced: ${error.message}`),
    });
    log.info(isNew ? 'a new chain begins' : 'the chain is loaded and checked', { chain, height: opened.tip.header.height });
    return new MemberNode({ options, opened, pool, route, nodeKeys: keys, operator, log, release: lock.release });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Nobody makes itself operator: the configuration in force at the next height says so, or the market does not open. */
function assertPromoted({ state, tip, recoveries, genesis }: OpenStore, { name, acct }: OrgKeys): void {
  const height = tip.header.height + 1n;
  const config = configInForce(configAt(state, height, genesis.config), recoveries, height);
  if (holdsRole(config, ROLE.operator, acct)) return;
  throw new Error(`couldn't start the node: the members have not made the ${name} operator, or their decision is not in force yet`);
}

function operatorKeys(keys: NodeKeys): OrgKeys {
  return { name: 'operator', acct: accountIdFromPolicy(operatorPolicy(keys)), ...keys.account };
}
