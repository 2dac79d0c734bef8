/**
 * A chain executed again from genesis (`ledger.md` 11 "audit"): every Finality, link, signature, effect and root. Signatures of blocks that
 * come later are verified by worker threads meanwhile: SM2 is the cost of an audit, and execution needs one thread.
 */
import { type BlockTx, executeBlock } from '#ledger/block/block.ts';
import { genesisHeader, genesisState } from '#ledger/block/genesis.ts';
import { refuseRecovery } from '#ledger/block/recovery.ts';
import { refuseFinality } from '#ledger/block/vote.ts';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { Genesis } from '#ledger/codec/genesis.ts';
import type { Finality, Header } from '#ledger/codec/header.ts';
import type { Recovery } from '#ledger/codec/recovery.ts';
import type { Entry } from '#ledger/codec/tx.ts';
import type { TxSig } from '#ledger/codec/tx-sig.ts';
import { type Bytes, equalBytes } from '#ledger/primitives/bytes.ts';
import { configInForce } from '#ledger/state/config-in-force.ts';
import type { LedgerState } from '#ledger/state/ledger-state.ts';
import { configAt } from '#ledger/state/ops-consortium.ts';
import { keyRingOf } from '#ledger/state/signers.ts';
import { headerHash, orderIdOf, txIdOf } from '#ledger/tx/ids.ts';
import type { BatchTag } from '#ledger/tx/sign.ts';
import { signedBatchOf } from '#ledger/tx/signed-batch.ts';
import { LedgerDamage } from './damage.ts';
import { FormerConfigs } from './former-configs.ts';
import type { SignatureCheck } from './types.ts';
import type { VerifyPool } from './verify-pool.ts';

export interface ReplayBlock {
  readonly header: Header;
  readonly finality: Finality | null;
  readonly entries: readonly Entry[];
}

export interface ReplayOptions {
  readonly genesis: Genesis;
  /** Oldest first. */
  readonly recoveries: readonly Recovery[];
  readonly pool: VerifyPool;
}

/** Blocks whose signatures are verified ahead of the one that is executed. */
const BLOCKS_AHEAD = 4;

type Signed = { readonly tag: BatchTag; readonly id: Bytes; readonly sig: TxSig };
/** Signatures of a block that waits: those whose account no executed block has brought yet, and the verification of the others. */
type Ahead = { unknown: readonly Signed[]; verified: Promise<void> };

export class Replay {
  readonly state: LedgerState;
  readonly #options: ReplayOptions;
  #tip: Header;
  #config: ConsortiumConfig;
  readonly #former: FormerConfigs;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.state = genesisState(options.genesis);
    this.#tip = genesisHeader(options.genesis, this.state);
    this.#config = options.genesis.config;
    this.#former = new FormerConfigs(options.genesis);
  }

  get tip(): Header {
    return this.#tip;
  }

  /** Runs all of them in order; `after` sees each with what it did. @throws {LedgerDamage} at the first that does not hold */
  async run<Block extends ReplayBlock>(
    blocks: AsyncIterable<Block>,
    after: (block: Block, txs: readonly BlockTx[]) => Promise<void> | void,
  ): Promise<void> {
    const waiting: { readonly block: Block; readonly ahead: Ahead }[] = [];
    const next = async (): Promise<void> => {
      const first = waiting.shift();
      if (first === undefined) return;
      await first.ahead.verified;
      await after(first.block, this.#execute(first.block));
      // It may have brought the accounts whose signatures stand in the blocks behind it.
      for (const { ahead } of waiting) this.#foresee(ahead);
    };
    for await (const block of blocks) {
      const ahead = { unknown: signaturesOf(block.entries), verified: Promise.resolve() };
      this.#foresee(ahead);
      waiting.push({ block, ahead });
      if (waiting.length > BLOCKS_AHEAD) await next();
    }
    while (waiting.length > 0) await next();
  }

  #execute({ header, finality, entries }: ReplayBlock): readonly BlockTx[] {
    const { genesis, pool } = this.#options;
    const where = `blocks ${header.height}`;
    this.#follow(header.height);
    const verify = pool.memory.verify.bind(pool.memory);
    const fault = this.#refuseFinality(header, finality);
    if (fault !== null) throw new LedgerDamage(where, `the Finality does not certify it (${fault})`);
    const before = this.state.logSize;
    const result = executeBlock({
      state: this.state,
      config: this.#config,
      prevHeader: this.#tip,
      header,
      entries,
      demonstration: genesis.demonstration === 1,
      formerConfig: (epoch) => this.#former.of(epoch),
      firstEntry: genesis.predecessor?.header.logSize ?? 0n,
      verify,
    });
    if (result.kind === 'rejected') {
      const at = result.pos === undefined ? where : `entries ${before + BigInt(result.pos)}`;
      throw new LedgerDamage(at, `a replay refuses it (${result.txCode ?? result.code})`);
    }
    this.#tip = header;
    this.#former.note(this.#config);
    return result.txs;
  }

  /** A header that a Recovery has as its base keeps its own configuration, and is certified by that of the Recovery (13.2). */
  #refuseFinality(header: Header, finality: Finality | null): string | null {
    if (finality === null) return 'there is none';
    const hash = headerHash(header);
    const again = this.#options.recoveries.find((each) => each.base !== null && equalBytes(each.base.set.header, hash));
    const { memory } = this.#options.pool;
    const config = again !== undefined && finality.epoch === again.newEpoch ? again.config : this.#config;
    return refuseFinality(finality, header, config, memory.verify.bind(memory), config.epoch);
  }

  /** The configuration in force at this height; a Recovery that begins here is judged under the one before it. */
  #follow(height: bigint): void {
    const { genesis, recoveries, pool } = this.#options;
    const byLedger = configAt(this.state, height, genesis.config, genesis.predecessor?.header.logSize ?? 0n);
    for (const recovery of recoveries) {
      if (recovery.tip.header.height + 1n !== height) continue;
      const earlier = recoveries.filter((each) => each.newEpoch < recovery.newEpoch);
      const config = configInForce(byLedger, earlier, height);
      const known = [genesis.config, ...this.state.configs(), ...earlier.map((each) => each.config)];
      const fault = refuseRecovery(recovery, {
        chain: this.#tip.chain,
        config,
        tipConfig: this.#config,
        configOfEpoch: (epoch) => known.find((each) => each.epoch === epoch) ?? null,
        verify: pool.memory.verify.bind(pool.memory),
      });
      if (fault !== null) throw new LedgerDamage(`recoveries ${recovery.newEpoch}`, `it may not begin an epoch (${fault})`);
    }
    this.#config = configInForce(byLedger, recoveries, height);
  }

  /** What execution will ask for, as far as the accounts are known by now. A wrong guess costs a verification and changes nothing. */
  #foresee(ahead: Ahead): void {
    const checks: SignatureCheck[] = [];
    ahead.unknown = ahead.unknown.filter((each) => {
      const key = keyRingOf(this.state, each.sig.acct)?.policy.keys[each.sig.keyIdx];
      if (key !== undefined) checks.push(...this.#guess(key.pub, each));
      return key === undefined;
    });
    if (checks.length === 0) return;
    const before = ahead.verified;
    const verified = this.#options.pool.verifyBatch(checks);
    ahead.verified = before.then(async () => void (await verified));
  }

  #guess(publicKey: Bytes, { tag, id, sig }: Signed): readonly SignatureCheck[] {
    const batch = signedBatchOf(tag, this.#tip.chain, id, sig);
    return batch.kind === 'message' ? [{ publicKey, message: batch.message, signature: sig.sig }] : [];
  }
}

function signaturesOf(entries: readonly Entry[]): readonly Signed[] {
  return entries.flatMap(({ env: { body, sigs } }) => {
    const own = sigs.map((sig): Signed => ({ tag: 'PLP1/txsig', id: txIdOf(body), sig }));
    if (body.op.kind !== 'trade') return own;
    const orders = [body.op.sell, body.op.buy];
    return [
      ...own,
      ...orders.flatMap(({ order, sigs: signed }) => signed.map((sig): Signed => ({ tag: 'PLP1/order', id: orderIdOf(order), sig }))),
    ];
  });
}
