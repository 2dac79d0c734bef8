/** The running node behind `LedgerNode`: state, sequencer, sealing loop, queries. Built by `openLedger` after all checks. */
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import { REGISTER } from '#ledger/codec/leaves.ts';
import { decodeEntry } from '#ledger/codec/tx.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { buildEntryReceipt, buildItemPassport, type DisclosedField, type ProofSource, ReceiptDraft } from '#ledger/proof/build-receipt.ts';
import type { TrustBundle } from '#ledger/proof/receipt.ts';
import type { LedgerState } from '#ledger/state/ledger-state.ts';
import { configAt } from '#ledger/state/ops-consortium.ts';
import { accountSigner, demonstrationOrganisation } from './account-signer.ts';
import { certifiedAfter } from './certified-blocks.ts';
import { type EnvelopeVault, openVault } from './envelope-vault.ts';
import { Exporter } from './exporter.ts';
import { OPERATOR_MEMBER } from './genesis.ts';
import { Holders } from './holders.ts';
import type { NodeKeys } from './keys.ts';
import { type OpenStore, type Tip, waitingOf } from './open-store.ts';
import { proofSource, trustBundle } from './proofs.ts';
import { type SealedBlock, sealBlock, signersOf } from './seal.ts';
import { Sequencer } from './sequencer.ts';
import { SerialLock } from './serial-lock.ts';
import * as store from './store.ts';
import { storeBlock } from './store-block.ts';
import type {
  AccountSigner,
  BlockSummary,
  Certified,
  CertifiedBlock,
  Health,
  LedgerLog,
  LedgerNode,
  LedgerOptions,
  OrgKeys,
  SequencingGroup,
  SignatureCheck,
  TxStatus,
} from './types.ts';
import { verifyOnce } from './verify-once.ts';
import type { VerifyPool } from './verify-pool.ts';

/** While a ConfigUpdate waits for its height, empty blocks come faster (10.2). */
const CONFIG_PENDING_MS = 1000;
/** txIds whose window has ended are forgotten this often, in milliseconds of header time. */
const FORGET_MS = 600_000n;

/** An account leaf, its Items and the claim that counts them fit a receipt of 2 048 claims. */
const MAX_HOLDINGS = 2000n;

export interface NodeParts {
  readonly options: LedgerOptions;
  readonly opened: OpenStore;
  readonly pool: VerifyPool;
  readonly route: Health['sm2Route'];
  readonly nodeKeys: NodeKeys;
  readonly operator: OrgKeys;
  readonly log: LedgerLog;
  readonly release: () => Promise<void>;
}

export class MemberNode implements LedgerNode {
  readonly chain: Bytes;
  readonly genesis: OpenStore['genesis'];
  readonly sm2: Sm2;
  readonly operator: AccountSigner;
  readonly demo: LedgerNode['demo'];
  readonly envelopes: EnvelopeVault;
  readonly #parts: NodeParts;
  readonly #state: LedgerState;
  readonly #sequencer: Sequencer;
  readonly #exporter: Exporter | null;
  readonly #holders: Holders;
  /** Sealing and proofs take turns: a proof needs a state that stands still at a certified header. */
  readonly #stateLock = new SerialLock();
  readonly #listeners = new Set<(block: CertifiedBlock) => void>();
  /** In a block that is on its way to the disk. */
  #sealing = new Map<string, bigint>();
  #tip: Tip;
  #trust: TrustBundle | null = null;
  #halted: string | null = null;
  #isRunning = false;
  #blockTimer: NodeJS.Timeout | null = null;
  #idleTimer: NodeJS.Timeout | null = null;

  constructor(parts: NodeParts) {
    const { options, opened, pool } = parts;
    this.#parts = parts;
    this.chain = opened.chain;
    this.genesis = opened.genesis;
    this.#state = opened.state;
    this.#tip = opened.tip;
    this.sm2 = pool.memory;
    this.#sequencer = new Sequencer({
      state: opened.state,
      lastSeq: opened.tip.lastSeq,
      waiting: opened.waiting,
      refused: opened.refused,
      context: () => this.#context(),
      now: () => this.#now(),
      readStored: async (afterSeq) => (await store.readWaiting(options.sql, afterSeq)).map(waitingOf),
      assertRunning: () => this.#assertRunning(),
      onWaiting: () => this.#armBlock(),
    });
    this.#holders = new Holders(opened.state);
    this.envelopes = openVault({
      sql: options.sql,
      chain: opened.chain,
      state: this.#sequencer.pending,
      config: () => this.config,
      sm2: this.sm2,
      random: options.random,
      nodePrivateKey: parts.nodeKeys.node.privateKey,
      encryptionPrivateKey: parts.nodeKeys.encryption.privateKey,
      member: OPERATOR_MEMBER,
    });
    this.operator = this.signerFor(parts.operator);
    this.demo =
      opened.genesis.demonstration === 1
        ? {
            supervisor: this.signerFor(demonstrationOrganisation('supervisor')),
            notary: this.signerFor(demonstrationOrganisation('notary')),
            court: this.signerFor(demonstrationOrganisation('court')),
          }
        : null;
    this.#exporter = options.exportDir === undefined ? null : new Exporter(options.sql, options.exportDir, this.chain, parts.log);
  }

  get config(): ConsortiumConfig {
    return configAt(this.#state, this.#tip.header.height + 1n, this.genesis.config);
  }

  get pending() {
    return this.#sequencer.pending;
  }

  get certified(): Certified {
    const { header, headerHash, finality } = this.#tip;
    return { height: header.height, header, headerHash, finality, state: this.#state, log: this.#state.log };
  }

  signerFor(keys: OrgKeys): AccountSigner {
    return accountSigner(keys, this.#sequencer.pending, this.sm2);
  }

  runGroup<T>(work: (group: SequencingGroup) => Promise<T>): Promise<T> {
    return this.#sequencer.runGroup(work);
  }

  verifyMany(checks: readonly SignatureCheck[]): Promise<readonly boolean[]> {
    return verifyOnce(this.#parts.pool, checks);
  }

  onCertified(listener: (block: CertifiedBlock) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  blocksAfter(height: bigint): AsyncIterable<CertifiedBlock> {
    return certifiedAfter(this.#parts.options.sql, height, (at) => configAt(this.#state, at, this.genesis.config));
  }

  start(): void {
    this.#assertRunning();
    this.#isRunning = true;
    if (this.#sequencer.waiting.length > 0) this.#armBlock();
    this.#armIdle();
    this.#export();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#disarm();
    if (this.#halted === null) await this.sealNow();
    await this.#exporter?.settled();
    await this.#parts.pool.close();
    await this.#parts.release();
  }

  async sealNow(): Promise<void> {
    while (this.#sequencer.waiting.length > 0) await this.#seal();
  }

  async status(txId: Bytes): Promise<TxStatus | null> {
    const waitingSeq = this.#sequencer.seqOf(txId);
    const sealingSeq = this.#sealing.get(toHex(txId)) ?? null;
    const undecided = { height: null, index: null, refusedCode: null, signers: [] };
    if (waitingSeq !== null) return { status: 'sequenced', seq: waitingSeq, ...undecided };
    const known = await store.readStatus(this.#parts.options.sql, txId);
    if (known === null) return null;
    const seq = known.seq ?? 0n;
    if (known.status === 'sequenced') return { status: sealingSeq === null ? 'sequenced' : 'sealed', seq, ...undecided };
    const { height, index, refusedCode } = known;
    const signers = known.finality === null || height === null ? [] : this.#signersAt(height, known.finality);
    return { status: known.status, seq, height, index, refusedCode, signers };
  }

  async receipt(txId: Bytes, disclosed: readonly DisclosedField[] = []): Promise<Bytes | null> {
    const known = await store.readStatus(this.#parts.options.sql, txId);
    const index = known?.index ?? null;
    if (index === null) return null;
    return this.#prove((source) => buildEntryReceipt(source, index, { fields: disclosed }));
  }

  passport(itemSerial: bigint, disclosed: readonly DisclosedField[] = []): Promise<Bytes | null> {
    return this.#prove((source) => buildItemPassport(source, itemSerial, { fields: disclosed }));
  }

  itemProof(itemSerial: bigint): Promise<Bytes | null> {
    return this.#prove((source) => {
      const draft = new ReceiptDraft(source.view());
      const item = this.#state.itemBySerial(itemSerial);
      if (item === null) draft.addAbsent(REGISTER.items, itemSerial);
      else draft.addItem(item);
      return draft.finish(true);
    });
  }

  holdings(acct: Bytes): Promise<Bytes | null> {
    return this.#prove((source) => {
      const account = this.#state.accountById(acct);
      if (account === null || account.itemCount > MAX_HOLDINGS) return null;
      const draft = new ReceiptDraft(source.view());
      draft.addHoldings(acct, this.#holders.itemsOf(acct));
      return draft.finish(true);
    });
  }

  trust(): Promise<TrustBundle> {
    return this.#stateLock.run(() => this.#trustNow());
  }

  async entry(index: bigint) {
    const row = await store.readEntry(this.#parts.options.sql, index);
    return row === null ? null : { entry: decodeEntry(row.body), bytes: row.body };
  }

  async blocks({ before, limit }: { readonly before?: bigint; readonly limit: number }): Promise<readonly BlockSummary[]> {
    const rows = await store.readBlocks(this.#parts.options.sql, before ?? null, limit);
    return rows.map((row) => this.#summary(row));
  }

  async block(height: bigint): Promise<BlockSummary | null> {
    const row = await store.readBlock(this.#parts.options.sql, height);
    return row === null ? null : this.#summary(row);
  }

  health(): Health {
    const [oldest] = this.#sequencer.waiting;
    return {
      halted: this.#halted,
      sm2Route: this.#parts.route,
      waiting: this.#sequencer.waiting.length,
      oldestWaitingMs: oldest === undefined ? 0 : Number(this.#now() - oldest.sequencedAt),
    };
  }

  /** A clock that steps back never takes a check behind the newest header. */
  #now(): bigint {
    const clock = BigInt(this.#parts.options.now());
    const { sealedAt } = this.#tip.header;
    return clock > sealedAt ? clock : sealedAt + 1n;
  }

  #context() {
    return {
      chain: this.chain,
      height: this.#tip.header.height + 1n,
      config: this.config,
      demonstration: this.genesis.demonstration === 1,
      verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => this.sm2.verify(publicKey, message, signature),
    };
  }

  #seal(): Promise<void> {
    return this.#stateLock.run(async () => {
      this.#assertRunning();
      try {
        const sealed = await this.#sequencer.between(() => this.#build());
        await storeBlock(this.#parts.options.sql, sealed.write, this.#parts.log);
        this.#finish(sealed);
      } catch (error) {
        // The state in memory may be ahead of the disk from here on: only a restart, with all its checks, may go on.
        this.#halt(`couldn't seal block ${this.#tip.header.height + 1n}: ${error instanceof Error ? error.message : String(error)}`);
        throw error;
      }
    });
  }

  /** Between two groups: the block takes what waits, the rest is applied anew on top of it. */
  #build(): SealedBlock {
    const { config } = this;
    const [member, ...others] = config.members;
    assert(
      member !== undefined && others.length === 0 && equalBytes(member.pub, this.#parts.nodeKeys.node.publicKey),
      'this node is the only member of the configuration in force; more members need stage 2',
    );
    const waiting = this.#sequencer.waiting;
    const sealed = sealBlock(this.#state, this.#tip, waiting, this.#now(), {
      config,
      demonstration: this.genesis.demonstration === 1,
      sm2: this.sm2,
      nodeKey: this.#parts.nodeKeys.node.privateKey,
    });
    this.#sealing = new Map(waiting.slice(0, sealed.decided).map((each) => [toHex(each.txId), each.seq]));
    const before = this.#tip;
    const { header, headerHash, finality } = sealed.certified;
    this.#tip = { header, headerHash, finality, lastSeq: sealed.write.block.lastSeq };
    if (header.sealedAt / FORGET_MS !== before.header.sealedAt / FORGET_MS) this.#state.forgetTxIds(header.sealedAt);
    this.#sequencer.rebase(sealed.certified.refused, sealed.decided);
    return sealed;
  }

  #finish({ certified }: SealedBlock): void {
    this.#sealing = new Map();
    if (certified.txs.some((tx) => tx.entry.env.body.op.kind === 'config_update')) this.#trust = null;
    this.#holders.follow(certified);
    this.#parts.pool.memory.forgetFailed();
    for (const { seq, code } of certified.refused) this.#parts.log.error('a sequenced LedgerTx was refused at sealing', { seq, code });
    for (const listener of this.#listeners) {
      try {
        listener(certified);
      } catch (error) {
        this.#parts.log.error(`a listener failed on block ${certified.height}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    this.#armIdle();
    if (this.#sequencer.waiting.length > 0) this.#armBlock();
    this.#export();
  }

  #export(): void {
    this.#exporter?.follow(this.certified, () => this.#trustNow());
  }

  #prove<T>(build: (source: ProofSource) => Promise<T | null> | T | null): Promise<T | null> {
    return this.#stateLock.run(async () => {
      this.#assertRunning();
      const source = proofSource(this.#parts.options.sql, this.#state, this.#tip, await this.#trustNow());
      return source === null ? null : build(source);
    });
  }

  async #trustNow(): Promise<TrustBundle> {
    this.#trust ??= await trustBundle(this.#parts.options.sql, this.#state, this.genesis);
    return this.#trust;
  }

  #summary(row: store.BlockRow): BlockSummary {
    const { height, header, headerHash, finality } = store.decodeBlock(row);
    return { height, header, headerHash, finality, signers: signersOf(finality, configAt(this.#state, height, this.genesis.config)) };
  }

  #signersAt(height: bigint, finality: Bytes): readonly string[] {
    return signersOf(store.decodeFinalityRow(finality), configAt(this.#state, height, this.genesis.config));
  }

  #assertRunning(): void {
    if (this.#halted !== null) throw new Error(`the ledger is halted: ${this.#halted}`);
  }

  #halt(sentence: string): void {
    this.#halted ??= sentence;
    this.#disarm();
    this.#parts.log.error(sentence);
  }

  #armBlock(): void {
    if (!this.#isRunning || this.#halted !== null) return;
    const isFull = this.#sequencer.waiting.length >= this.config.limits.blockTx;
    if (this.#blockTimer !== null && !isFull) return;
    if (this.#blockTimer !== null) clearTimeout(this.#blockTimer);
    const delay = isFull ? 0 : (this.#parts.options.blockMs ?? this.config.limits.blockMs);
    this.#blockTimer = setTimeout(() => {
      this.#blockTimer = null;
      this.#sealInBackground();
    }, delay);
  }

  #armIdle(): void {
    if (!this.#isRunning || this.#halted !== null) return;
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    const isConfigPending = configAt(this.#state, 2n ** 63n, this.genesis.config).epoch !== this.config.epoch;
    this.#idleTimer = setTimeout(() => this.#sealInBackground(), isConfigPending ? CONFIG_PENDING_MS : this.config.limits.idleMs);
    this.#idleTimer.unref();
  }

  #sealInBackground(): void {
    // A failure has halted the node and is in the log and in health.
    this.#seal().catch(() => undefined);
  }

  #disarm(): void {
    if (this.#blockTimer !== null) clearTimeout(this.#blockTimer);
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    this.#blockTimer = null;
    this.#idleTimer = null;
  }
}
