/** The certified chain in one member's memory: the real state and the real execution of blocks. */
import { type BlockTx, buildBlock, executeBlock } from '#ledger/block/block.ts';
import { genesisState } from '#ledger/block/genesis.ts';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { Header } from '#ledger/codec/header.ts';
import type { BlockBody } from '#ledger/codec/peer-body.ts';
import type { Recovery } from '#ledger/codec/recovery.ts';
import type { TxEnv } from '#ledger/codec/tx.ts';
import { checkBlock, type MemberChecks } from '#ledger/node/reducer/check-block.ts';
import type { Effect } from '#ledger/node/reducer/effects.ts';
import type { AdmittedTx, BlockVerdict, DroppedTx } from '#ledger/node/reducer/events.ts';
import type { PendingTx } from '#ledger/node/reducer/state.ts';
import { type Bytes, equalBytes } from '#ledger/primitives/bytes.ts';
import { apply } from '#ledger/state/apply.ts';
import { configInForce } from '#ledger/state/config-in-force.ts';
import type { LedgerState } from '#ledger/state/ledger-state.ts';
import { configAt } from '#ledger/state/ops-consortium.ts';
import { isTransient, type LedgerCode } from '#ledger/tx/codes.ts';
import { configHash, txIdOf } from '#ledger/tx/ids.ts';
import { FOUNDING, simSm2 } from './founding.ts';

type Build = Extract<Effect, { kind: 'build_block' }>;
type Check = Extract<Effect, { kind: 'check_block' }>;

export class SimChain {
  readonly ledger: LedgerState = genesisState(FOUNDING.genesis);
  tip: Header = FOUNDING.header;
  /** Oldest first. */
  readonly inForce: ConsortiumConfig[] = [FOUNDING.genesis.config];
  readonly #recoveries: readonly Recovery[];

  /** Follows the member's stored Recoveries as they come. */
  constructor(recoveries: readonly Recovery[]) {
    this.#recoveries = recoveries;
  }

  /** In force at the height after the tip. */
  get config(): ConsortiumConfig {
    return this.#configAt(this.tip.height + 1n);
  }

  /** A later one than that in force waits for its height. */
  get isConfigPending(): boolean {
    return this.#configAt(2n ** 63n).epoch !== this.config.epoch;
  }

  /** Those that were in force, and those of Recoveries: never one that a Recovery has made void. */
  get configs(): readonly ConsortiumConfig[] {
    const known = [...this.#recoveries.map((each) => each.config), ...this.inForce];
    return known.filter((config, at) => known.findIndex((each) => each.epoch === config.epoch) === at);
  }

  /** The configuration that a header names. */
  configOf(header: Header): ConsortiumConfig | null {
    return this.configs.find((config) => equalBytes(configHash(config), header.configHash)) ?? null;
  }

  #configAt(height: bigint): ConsortiumConfig {
    return configInForce(configAt(this.ledger, height, FOUNDING.genesis.config), this.#recoveries, height);
  }

  readonly #former = (epoch: number): ConsortiumConfig | null => this.inForce.find((each) => each.epoch === epoch) ?? null;

  readonly #origin = { formerConfig: this.#former, firstEntry: 0n };

  #ground(config: ConsortiumConfig) {
    return { state: this.ledger, config, prevHeader: this.tip, ...this.#origin, demonstration: true, verify: simSm2.verify };
  }

  /** Moves by one block, or not at all: `null`. */
  execute(block: BlockBody): readonly BlockTx[] | null {
    const config = this.configOf(block.header);
    if (config === null) return null;
    const { header, entries } = block;
    const executed = executeBlock({ ...this.#ground(config), header, entries });
    if (executed.kind === 'rejected') return null;
    this.tip = header;
    const next = this.config;
    if (!this.inForce.some((each) => equalBytes(configHash(each), configHash(next)))) this.inForce.push(next);
    return executed.txs;
  }

  build({ config, sealedAt, ext, envs }: Build): { readonly block: BlockBody; readonly dropped: readonly DroppedTx[] } {
    this.ledger.begin();
    const built = buildBlock({ ...this.#ground(config), sealedAt, envs, ext });
    this.ledger.rollback();
    return {
      block: { header: built.header, entries: built.entries },
      dropped: built.dropped.filter((each) => !isTransient(each.code)),
    };
  }

  check(effect: Check, self: number, checks: MemberChecks): BlockVerdict {
    return checkBlock({ ...this.#ground(effect.config), ...effect, self, checks });
  }

  /** What `apply` says to it on top of the tip; `null`: it passes. */
  codeOf(env: TxEnv, clock: bigint): LedgerCode | null {
    const now = clock > this.tip.sealedAt ? clock : this.tip.sealedAt + 1n;
    const height = this.tip.height + 1n;
    const context = { now, height, chain: FOUNDING.chain, config: this.config, demonstration: true, verify: simSm2.verify };
    const result = apply(this.ledger, { ...context, ...this.#origin }, env);
    return result.kind === 'rejected' ? result.code : null;
  }

  /** Those that pass, or may pass later. */
  admissible(envs: readonly TxEnv[], clock: bigint): readonly AdmittedTx[] {
    return envs.filter((env) => this.#isHopeful(env, clock)).map((env) => ({ txId: txIdOf(env.body), env }));
  }

  /** In the block, or refused for good on top of it. */
  settled(block: BlockBody, waiting: Iterable<PendingTx>): readonly Bytes[] {
    const dead = [...waiting].filter(({ env }) => !this.#isHopeful(env, 0n));
    return [...block.entries.map((entry) => txIdOf(entry.env.body)), ...dead.map((tx) => tx.txId)];
  }

  #isHopeful(env: TxEnv, clock: bigint): boolean {
    const code = this.codeOf(env, clock);
    return code === null || isTransient(code);
  }
}
