/**
 * The certified chain in memory: state, newest header, who listens, what is exported and proved. It moves by whole blocks; whoever
 * moves it, one member alone or the consortium's rounds, does so inside `lock`.
 */
import type postgres from 'postgres';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { Genesis } from '#ledger/codec/genesis.ts';
import type { Recovery } from '#ledger/codec/recovery.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { ProofSource } from '#ledger/proof/build-receipt.ts';
import type { TrustBundle } from '#ledger/proof/receipt.ts';
import { configInForce } from '#ledger/state/config-in-force.ts';
import type { LedgerState } from '#ledger/state/ledger-state.ts';
import { configAt } from '#ledger/state/ops-consortium.ts';
import { ClockWatch } from './clock-watch.ts';
import { Exporter } from './exporter.ts';
import type { FormerConfigs } from './former-configs.ts';
import { Holders } from './holders.ts';
import type { OpenStore, Tip } from './open-store.ts';
import { erases, PayloadEraser } from './payload-eraser.ts';
import { proofSource, trustBundle } from './proofs.ts';
import { SerialLock } from './serial-lock.ts';
import { Snapshots } from './snapshot/snapshots.ts';
import type { StoreBase } from './store/base.ts';
import type { Certified, CertifiedBlock, LedgerLog } from './types.ts';

/** txIds whose window has ended are forgotten this often, in milliseconds of header time. */
const FORGET_MS = 600_000n;

export interface ChainOptions {
  readonly sql: postgres.Sql;
  readonly opened: OpenStore;
  readonly log: LedgerLog;
  readonly exportDir?: string | undefined;
  readonly snapshotDir?: string | undefined;
  /** This member's clock, and one that never steps back; without the second the first is held against headers as it is. */
  readonly now: () => number;
  readonly elapsed?: (() => number) | undefined;
}

export class CertifiedChain {
  readonly sql: postgres.Sql;
  readonly chain: Bytes;
  readonly genesis: Genesis;
  readonly state: LedgerState;
  readonly log: LedgerLog;
  readonly holders: Holders;
  /** Where the store begins; null: with genesis. */
  readonly base: StoreBase | null;
  readonly snapshotDir: string | undefined;
  /** Sealing and proofs take turns: a proof needs a state that stands still at a certified header. */
  readonly lock = new SerialLock();
  readonly #exporter: Exporter | null;
  readonly #snapshots: Snapshots | null;
  readonly #eraser: PayloadEraser;
  readonly #listeners = new Set<(block: CertifiedBlock) => void>();
  readonly #onHalt = new Set<(sentence: string) => void>();
  readonly #recoveries: Recovery[];
  readonly #former: FormerConfigs;
  readonly #clock: ClockWatch;
  #tip: Tip;
  #trust: TrustBundle | null = null;
  #halted: string | null = null;

  constructor({ sql, opened, log, exportDir, snapshotDir, now, elapsed = () => 0 }: ChainOptions) {
    this.sql = sql;
    this.chain = opened.chain;
    this.genesis = opened.genesis;
    this.state = opened.state;
    this.log = log;
    this.holders = new Holders(opened.state);
    this.#tip = opened.tip;
    this.#recoveries = [...opened.recoveries];
    this.#former = opened.former;
    this.base = opened.base;
    this.snapshotDir = snapshotDir;
    this.#snapshots = snapshotDir === undefined ? null : new Snapshots({ sql, dir: snapshotDir, genesis: opened.genesis, log });
    this.#exporter = exportDir === undefined ? null : new Exporter(sql, exportDir, opened.chain, log);
    this.#eraser = new PayloadEraser(sql, log);
    this.#eraser.follow(opened.state);
    this.#clock = new ClockWatch({ now, elapsed, log });
    this.#followClock();
  }

  get tip(): Tip {
    return this.#tip;
  }

  /** In force at the height after the tip. */
  get config(): ConsortiumConfig {
    return this.configAt(this.#tip.header.height + 1n);
  }

  /** Of its log: entries below are the predecessor chain's. */
  get firstEntry(): bigint {
    return this.genesis.predecessor?.header.logSize ?? 0n;
  }

  /** What headers named in earlier epochs: for evidence about them. */
  readonly formerConfig = (epoch: number): ConsortiumConfig | null => this.#former.of(epoch);

  get isDemonstration(): boolean {
    return this.genesis.demonstration === 1;
  }

  /** A later one than that in force is recorded and waits for its height. */
  get isConfigPending(): boolean {
    return this.configAt(2n ** 63n).epoch !== this.config.epoch;
  }

  get certified(): Certified {
    const { header, headerHash, finality } = this.#tip;
    return { height: header.height, header, headerHash, finality, state: this.state, log: this.state.log };
  }

  get halted(): string | null {
    return this.#halted;
  }

  /** The last one activated, by the ledger or by a Recovery. */
  configAt(height: bigint): ConsortiumConfig {
    return configInForce(configAt(this.state, height, this.genesis.config, this.firstEntry), this.#recoveries, height);
  }

  /** Its configuration is in force from the height after the tip that it names; a base at that height keeps its own. */
  acceptRecovery(recovery: Recovery): void {
    this.#recoveries.push(recovery);
    this.state.loadConfig(recovery.config);
    this.#trust = null;
  }

  /** How far this member's own clock is behind what is certified, and whether that is more than the configuration allows. */
  clockBehind(): { readonly ms: number; readonly isTooFar: boolean } {
    const ms = this.#clock.behindMs();
    return { ms, isTooFar: ms > this.config.limits.skewMs };
  }

  #followClock(): void {
    this.#clock.follow(this.#tip.header.sealedAt, this.config.limits.skewMs);
  }

  /** A clock that steps back never takes a check behind the newest header; that it is behind, `clockBehind` tells. */
  notBeforeTip(clock: bigint): bigint {
    const { sealedAt } = this.#tip.header;
    return clock > sealedAt ? clock : sealedAt + 1n;
  }

  /** The state in memory has been moved by this block. */
  moveTo(tip: Tip): void {
    const before = this.#tip;
    this.#tip = tip;
    this.#former.follow(tip.header, this.state);
    this.#followClock();
    if (tip.header.sealedAt / FORGET_MS !== before.header.sealedAt / FORGET_MS) this.state.forgetTxIds(tip.header.sealedAt);
  }

  /** The block is on the disk: tells whoever listens. */
  announce(block: CertifiedBlock): void {
    if (block.txs.some((tx) => tx.entry.env.body.op.kind === 'config_update')) this.#trust = null;
    this.holders.follow(block);
    if (erases(block)) this.#eraser.follow(this.state);
    for (const listener of this.#listeners) {
      try {
        listener(block);
      } catch (error) {
        this.log.error(`a listener failed on block ${block.height}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    this.export();
    this.#snapshots?.follow(this.certified, () => this.#trustNow());
  }

  onCertified(listener: (block: CertifiedBlock) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  export(): void {
    this.#exporter?.follow(this.certified, () => this.#trustNow());
  }

  async exportSettled(): Promise<void> {
    await this.#exporter?.settled();
    await this.#snapshots?.settled();
    await this.#eraser.settled();
  }

  prove<T>(build: (source: ProofSource) => Promise<T | null> | T | null): Promise<T | null> {
    return this.lock.run(async () => {
      this.assertRunning();
      const source = proofSource(this.sql, this.state, this.#tip, await this.#trustNow());
      return source === null ? null : build(source);
    });
  }

  trust(): Promise<TrustBundle> {
    return this.lock.run(() => this.#trustNow());
  }

  assertRunning(): void {
    if (this.#halted !== null) throw new Error(`the ledger is halted: ${this.#halted}`);
  }

  onHalt(listener: (sentence: string) => void): void {
    this.#onHalt.add(listener);
  }

  halt(sentence: string): void {
    if (this.#halted === null) this.log.error(sentence);
    this.#halted ??= sentence;
    for (const listener of this.#onHalt) listener(sentence);
  }

  async #trustNow(): Promise<TrustBundle> {
    this.#trust ??= await trustBundle({
      sql: this.sql,
      state: this.state,
      genesis: this.genesis,
      recoveries: this.#recoveries,
      base: this.base,
    });
    return this.#trust;
  }
}
