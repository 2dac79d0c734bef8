/** Sealing with one member (`ledger.md` 10, stage 1): what waits becomes a block whose one Vote is Finality. */
import type { SignatureMemory } from '#ledger/crypto/signature-memory.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import type { CertifiedChain } from './certified-chain.ts';
import { besideBlock, isDisplaced } from './displaced.ts';
import type { KeyPair } from './keys.ts';
import { type SealedBlock, sealBlock } from './seal.ts';
import type { Sequencer } from './sequencer.ts';
import { storeBlock } from './store-block.ts';
import type { CertifiedBlock, DisplacedSerials, LedgerOptions } from './types.ts';

/** While a ConfigUpdate waits for its height, empty blocks come faster (10.2). */
const CONFIG_PENDING_MS = 1000;

export interface SoloSealerOptions {
  readonly chain: CertifiedChain;
  readonly sequencer: Sequencer;
  readonly memory: SignatureMemory;
  readonly nodeKey: KeyPair;
  readonly now: () => bigint;
  readonly judge: LedgerOptions['judge'];
  readonly onDisplaced: LedgerOptions['onDisplaced'];
  /** Overrides the chain's `blockMs`; tests only. */
  readonly blockMs: number | undefined;
  /** The configuration at the next height has several members: their rounds go on from here. */
  readonly onConsortium: () => void;
}

/** LedgerTx wait, or nothing has for the chain's `idleMs`. */
type Why = 'waiting' | 'idle';

interface Built {
  readonly sealed: SealedBlock;
  /** What stands otherwise than sequencing told: something was refused. */
  readonly displaced: DisplacedSerials;
}

export class SoloSealer {
  readonly #options: SoloSealerOptions;
  /** In a block that is on its way to the disk. */
  #sealing = new Set<string>();
  #isRunning = false;
  #blockTimer: NodeJS.Timeout | null = null;
  #idleTimer: NodeJS.Timeout | null = null;

  constructor(options: SoloSealerOptions) {
    this.#options = options;
    options.chain.onHalt(() => this.#disarm());
  }

  isSealing(txIdHex: string): boolean {
    return this.#sealing.has(txIdHex);
  }

  start(): void {
    this.#isRunning = true;
    this.arm();
    this.#armIdle();
  }

  stop(): void {
    this.#isRunning = false;
    this.#disarm();
  }

  async sealAll(): Promise<void> {
    const { chain, sequencer } = this.#options;
    while (sequencer.waiting.length > 0 && !this.#isConsortium()) await this.#seal('waiting');
    // What no longer waits may still be on its way to the disk, in a block that the timer began.
    await chain.lock.run(async () => chain.assertRunning());
  }

  /** Called when LedgerTx begin to wait. */
  arm(): void {
    const { chain, sequencer, blockMs } = this.#options;
    if (!this.#isRunning || chain.halted !== null || sequencer.waiting.length === 0) return;
    const isFull = sequencer.waiting.length >= chain.config.limits.blockTx;
    if (this.#blockTimer !== null && !isFull) return;
    if (this.#blockTimer !== null) clearTimeout(this.#blockTimer);
    this.#blockTimer = setTimeout(
      () => {
        this.#blockTimer = null;
        this.#sealInBackground('waiting');
      },
      isFull ? 0 : (blockMs ?? chain.config.limits.blockMs),
    );
  }

  #armIdle(): void {
    const { chain } = this.#options;
    if (!this.#isRunning || chain.halted !== null) return;
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    const delay = chain.isConfigPending ? CONFIG_PENDING_MS : chain.config.limits.idleMs;
    this.#idleTimer = setTimeout(() => this.#sealInBackground('idle'), delay);
    this.#idleTimer.unref();
  }

  #isConsortium(): boolean {
    return this.#options.chain.config.members.length > 1;
  }

  #sealInBackground(why: Why): void {
    // A failure has halted the node and is in the log and in health.
    this.#seal(why).catch(() => undefined);
  }

  #seal(why: Why): Promise<void> {
    const { chain, sequencer } = this.#options;
    return chain.lock.run(async () => {
      chain.assertRunning();
      if (this.#isConsortium()) return;
      // The block before may have taken everything: a block of nothing comes with the idle time alone.
      if (why === 'waiting' && sequencer.waiting.length === 0) return;
      try {
        const { sealed, displaced } = await sequencer.between(async () => {
          const built = this.#build();
          // Nobody may be sequenced on a state that the books do not follow yet.
          if (isDisplaced(built.displaced)) await this.#store(built);
          return built;
        });
        if (!isDisplaced(displaced)) await this.#store({ sealed, displaced });
        this.#finish({ ...sealed.certified, displaced });
      } catch (error) {
        // The state in memory may be ahead of the disk from here on: only a restart, with all its checks, may go on.
        chain.halt(`couldn't seal block ${chain.tip.header.height + 1n}: ${error instanceof Error ? error.message : String(error)}`);
        throw error;
      }
    });
  }

  #store({ sealed, displaced: serials }: Built): Promise<void> {
    const { chain, sequencer, onDisplaced } = this.#options;
    const displaced = { ...serials, foreign: [], sealedAt: sealed.certified.header.sealedAt, pending: sequencer.pending };
    return storeBlock(chain.sql, sealed.write, chain.log, !isDisplaced(serials) ? null : besideBlock(onDisplaced, displaced));
  }

  /** Between two groups: the block takes what waits, the rest is applied anew on top of it. */
  #build(): Built {
    const { chain, sequencer, memory, nodeKey, now, judge } = this.#options;
    const { config } = chain;
    const [member] = config.members;
    assert(member !== undefined && equalBytes(member.pub, nodeKey.publicKey), 'this node is the only member of the configuration in force');
    const { waiting } = sequencer;
    const sealed = sealBlock(chain.state, chain.tip, waiting, now(), {
      config,
      demonstration: chain.isDemonstration,
      sm2: memory,
      nodeKey: nodeKey.privateKey,
      judge,
      formerConfig: chain.formerConfig,
      firstEntry: chain.firstEntry,
    });
    this.#sealing = new Set(waiting.slice(0, sealed.decided).map((each) => toHex(each.txId)));
    const { header, headerHash, finality } = sealed.certified;
    chain.moveTo({ header, headerHash, finality, lastSeq: sealed.write.block.lastSeq });
    return { sealed, displaced: sequencer.rebase(sealed.certified.refused, sealed.decided, sealed.write.leaves) };
  }

  #finish(certified: CertifiedBlock): void {
    const { chain, memory } = this.#options;
    this.#sealing = new Set();
    memory.forgetFailed();
    for (const { seq, code } of certified.refused) chain.log.error('a sequenced LedgerTx was refused at sealing', { seq, code });
    chain.announce(certified);
    if (this.#isConsortium()) {
      this.stop();
      this.#options.onConsortium();
      return;
    }
    this.#armIdle();
    this.arm();
  }

  #disarm(): void {
    if (this.#blockTimer !== null) clearTimeout(this.#blockTimer);
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    this.#blockTimer = null;
    this.#idleTimer = null;
  }
}
