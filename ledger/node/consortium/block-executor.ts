/**
 * Builds and checks blocks on the certified state and leaves it as it was; what it executed is kept until the block is final, so that
 * every LedgerTx is executed once. Signatures are verified by the worker threads before the one thread with the state needs them.
 */
import { type BlockTx, buildBlock, executeBlock } from '#ledger/block/block.ts';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { BlockBody } from '#ledger/codec/peer-body.ts';
import type { TxEnv } from '#ledger/codec/tx.ts';
import type { SignatureMemory } from '#ledger/crypto/signature-memory.ts';
import { type Bytes, toHex } from '#ledger/primitives/bytes.ts';
import type { ApplyContext } from '#ledger/state/applied.ts';
import { apply } from '#ledger/state/apply.ts';
import type { StateView } from '#ledger/state/view.ts';
import { headerHash, logLeafHash } from '#ledger/tx/ids.ts';
import type { CertifiedChain } from '../certified-chain.ts';
import { OverlayState } from '../overlay-state.ts';
import { checkBlock, type MemberChecks } from '../reducer/check-block.ts';
import type { Effect } from '../reducer/effects.ts';
import type { BlockVerdict, DroppedTx } from '../reducer/events.ts';
import type { SignatureCheck } from '../types.ts';

type Build = Extract<Effect, { kind: 'build_block' }>;
type Check = Extract<Effect, { kind: 'check_block' }>;

/** Two of one round: one that lost and one that won. */
const KEPT = 4;

export interface ExecutorOptions {
  readonly chain: CertifiedChain;
  readonly self: number;
  readonly memory: SignatureMemory;
  readonly verifyMany: (checks: readonly SignatureCheck[]) => Promise<unknown>;
  /** Fetches what the checks of this block will read. */
  readonly prepareChecks: (block: BlockBody) => Promise<MemberChecks>;
}

export class BlockExecutor {
  readonly #options: ExecutorOptions;
  readonly #executed = new Map<string, readonly BlockTx[]>();

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  build({ config, sealedAt, ext, envs }: Build): { readonly block: BlockBody; readonly dropped: readonly DroppedTx[] } {
    const { chain } = this.#options;
    chain.state.begin();
    try {
      const built = buildBlock({ ...this.#ground(config), sealedAt, ext, envs });
      this.#keep(headerHash(built.header), built.txs);
      return {
        block: { header: built.header, entries: built.entries },
        dropped: built.dropped.map(({ txId, code }) => ({ txId, code })),
      };
    } finally {
      chain.state.rollback();
    }
  }

  async check({ block, config, scope, isOwn, overdue }: Check): Promise<BlockVerdict> {
    const { chain, self } = this.#options;
    const checks = await this.#options.prepareChecks(block);
    if (!isOwn)
      await this.preverify(
        chain.state,
        block.entries.map((entry) => entry.env),
        block.header.sealedAt,
      );
    return checkBlock({
      ...this.#ground(config),
      self,
      block,
      scope,
      isOwn,
      overdue,
      checks,
      onExecuted: (txs) => this.#keep(headerHash(block.header), txs),
    });
  }

  /** Moves the certified state by the block; null, and nothing moved, when it does not follow. */
  absorb({ header, entries }: BlockBody, config: ConsortiumConfig): readonly BlockTx[] | null {
    const { state } = this.#options.chain;
    const known = this.#executed.get(toHex(headerHash(header)));
    this.#executed.clear();
    if (known === undefined) {
      const executed = executeBlock({ ...this.#ground(config), header, entries });
      return executed.kind === 'executed' ? executed.txs : null;
    }
    for (const { applied, entryBytes } of known) state.absorb(applied, logLeafHash(entryBytes));
    return known;
  }

  /** Has the workers verify what `apply` will ask for: it is asked once with a verifier that only takes notes. */
  async preverify(view: StateView, envs: readonly TxEnv[], now: bigint): Promise<void> {
    const { chain, memory, verifyMany } = this.#options;
    const checks: SignatureCheck[] = [];
    const overlay = new OverlayState(view);
    const context: ApplyContext = {
      now,
      height: chain.tip.header.height + 1n,
      chain: chain.chain,
      config: chain.config,
      demonstration: chain.isDemonstration,
      formerConfig: chain.formerConfig,
      firstEntry: chain.firstEntry,
      verify: (publicKey, message, signature) => {
        if (memory.find(publicKey, message, signature) === null) checks.push({ publicKey, message, signature });
        return true;
      },
    };
    for (const env of envs) {
      const applied = apply(overlay, context, env);
      if (applied.kind === 'applied') overlay.absorb(applied);
    }
    if (checks.length > 0) await verifyMany(checks);
  }

  #ground(config: ConsortiumConfig) {
    const { chain, memory } = this.#options;
    const verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => memory.verify(publicKey, message, signature);
    const { state, isDemonstration: demonstration, formerConfig, firstEntry } = chain;
    return { state, config, prevHeader: chain.tip.header, demonstration, formerConfig, firstEntry, verify };
  }

  #keep(hash: Bytes, txs: readonly BlockTx[]): void {
    this.#executed.set(toHex(hash), txs);
    for (const key of this.#executed.keys()) {
      if (this.#executed.size <= KEPT) return;
      this.#executed.delete(key);
    }
  }
}
