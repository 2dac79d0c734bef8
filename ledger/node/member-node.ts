/** The running node behind `LedgerNode`: sequencer, sealing and queries over the certified chain. Built by `openLedger` after all checks. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { Certified as Shown } from '#ledger/codec/recovery.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { type Bytes, toHex } from '#ledger/primitives/bytes.ts';
import type { DisclosedField } from '#ledger/proof/build-receipt.ts';
import { accountSigner, demonstrationOrganisation } from './account-signer.ts';
import { CertifiedChain } from './certified-chain.ts';
import { ChainReader } from './chain-reader.ts';
import { ConsortiumSide } from './consortium/consortium-side.ts';
import type { ConsortiumOptions } from './consortium/options.ts';
import type { GivenPromise } from './consortium/runtime.ts';
import { sequencerDesk } from './consortium/sequencer-desk.ts';
import { type EnvelopeVault, openVault } from './envelope-vault.ts';
import { OPERATOR_MEMBER } from './genesis.ts';
import type { NodeKeys } from './keys.ts';
import { type OpenStore, waitingOf } from './open-store.ts';
import type { PeerDoor } from './peer/peer-door.ts';
import { startScrubber } from './scrubber.ts';
import type { Waiting } from './seal.ts';
import { Sequencer } from './sequencer.ts';
import { fileSigner } from './signer/file-signer.ts';
import { SoloSealer } from './solo-sealer.ts';
import { readWaiting } from './store/sequence.ts';
import type {
  AccountSigner,
  Certified,
  CertifiedBlock,
  ConsortiumView,
  Health,
  LedgerLog,
  LedgerNode,
  LedgerOptions,
  OrgKeys,
  SequencingGroup,
  SignatureCheck,
} from './types.ts';
import type { VerifyPool } from './verify-pool.ts';

/** How often it is asked whether everything that waits is certified. */
const SETTLE_POLL_MS = 20;
const EVIDENCE_WINDOW_MS = 3_600_000n;

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
  readonly #certified: CertifiedChain;
  readonly #sequencer: Sequencer;
  readonly #solo: SoloSealer;
  readonly #reader: ChainReader;
  /** Null: nobody told this node of other members. */
  readonly #side: ConsortiumSide | null;
  #stopScrub: () => void = () => undefined;

  constructor(parts: NodeParts) {
    const { options, opened, pool, log } = parts;
    this.#parts = parts;
    this.chain = opened.chain;
    this.genesis = opened.genesis;
    this.sm2 = pool.memory;
    const { sql, exportDir, snapshotDir, now } = options;
    const certified = new CertifiedChain({ sql, opened, log, exportDir, snapshotDir, now, elapsed: options.consortium?.elapsed });
    this.#certified = certified;
    this.#sequencer = new Sequencer({
      state: opened.state,
      lastSeq: opened.lastSeq,
      waiting: opened.waiting,
      refused: opened.refused,
      context: () => this.#context(),
      now: () => this.#now(),
      readStored: async (afterSeq) => waitingOf(await readWaiting(options.sql, afterSeq)),
      assertRunning: () => certified.assertRunning(),
      onWaiting: (begun) => this.#began(begun),
    });
    this.#solo = new SoloSealer({
      chain: certified,
      sequencer: this.#sequencer,
      memory: pool.memory,
      nodeKey: parts.nodeKeys.node,
      now: () => this.#now(),
      blockMs: options.blockMs,
      judge: options.judge,
      onDisplaced: options.onDisplaced,
      onConsortium: () => this.#joinRounds(),
    });
    this.#side = options.consortium === undefined ? null : this.#openSide(options.consortium);
    this.#reader = new ChainReader(certified, {
      seqOf: (txId) => this.#sequencer.seqOf(txId),
      isSealing: (txId) => this.#solo.isSealing(toHex(txId)),
    });
    this.envelopes = openVault({
      sql: options.sql,
      chain: opened.chain,
      state: this.#sequencer.pending,
      config: () => this.config,
      sm2: this.sm2,
      random: options.random,
      nodePrivateKey: parts.nodeKeys.node.privateKey,
      encryptionPrivateKey: parts.nodeKeys.encryption.privateKey,
      member: options.consortium?.member ?? OPERATOR_MEMBER,
    });
    this.operator = this.signerFor(parts.operator);
    this.demo = certified.isDemonstration
      ? {
          supervisor: this.signerFor(demonstrationOrganisation('supervisor')),
          notary: this.signerFor(demonstrationOrganisation('notary')),
          court: this.signerFor(demonstrationOrganisation('court')),
        }
      : null;
  }

  get config(): ConsortiumConfig {
    return this.#certified.config;
  }

  get pending() {
    return this.#sequencer.pending;
  }

  get peers(): PeerDoor | null {
    return this.#side?.door ?? null;
  }

  get certified(): Certified {
    return this.#certified.certified;
  }

  signerFor(keys: OrgKeys): AccountSigner {
    return accountSigner(keys, this.#sequencer.pending, this.sm2);
  }

  halt(sentence: string): void {
    this.#certified.halt(sentence);
  }

  contradicted(shown: Shown): void {
    if (this.#side?.show(shown) !== true) this.halt(`a log of ${shown.header.logSize} entries was certified that is not the one here`);
  }

  runGroup<T>(work: (group: SequencingGroup) => Promise<T>): Promise<T> {
    return this.#sequencer.runGroup(work);
  }

  verifyMany(checks: readonly SignatureCheck[]): Promise<readonly boolean[]> {
    return this.#parts.pool.verifyBatch(checks);
  }

  onCertified(listener: (block: CertifiedBlock) => void): () => void {
    return this.#certified.onCertified(listener);
  }

  start(): void {
    this.#certified.assertRunning();
    if (this.config.members.length > 1) this.#joinRounds();
    else this.#solo.start();
    this.#certified.export();
    const { options, log } = this.#parts;
    this.#stopScrub = startScrubber({
      sql: options.sql,
      exportDir: options.exportDir ?? null,
      first: Number(this.#certified.tip.header.height % 1000n),
      onDamage: (sentence) => this.#certified.halt(sentence),
      log,
    });
  }

  async stop(): Promise<void> {
    this.#stopScrub();
    this.#solo.stop();
    if (this.#certified.halted === null && this.config.members.length === 1) await this.sealNow();
    await this.#side?.stop();
    await this.#certified.exportSettled();
    await this.#parts.pool.close();
    await this.#parts.release();
  }

  async sealNow(): Promise<void> {
    await this.#solo.sealAll();
    while (this.#side?.isRunning === true && this.#sequencer.waiting.length > 0) {
      this.#certified.assertRunning();
      await sleep(SETTLE_POLL_MS);
    }
  }

  consortium(): ConsortiumView | null {
    return this.#side?.view() ?? null;
  }

  async promise(txId: Bytes): Promise<GivenPromise | null> {
    const env = this.#sequencer.envOf(txId);
    return env === null ? null : ((await this.#side?.promise({ txId, env })) ?? null);
  }

  blocksAfter(height: bigint) {
    return this.#reader.blocksAfter(height);
  }

  status(txId: Bytes) {
    return this.#reader.status(txId);
  }

  receipt(txId: Bytes, disclosed: readonly DisclosedField[] = [], withOwnBlock = false) {
    return this.#reader.receipt(txId, disclosed, withOwnBlock);
  }

  passport(itemSerial: bigint, disclosed: readonly DisclosedField[] = []) {
    return this.#reader.passport(itemSerial, disclosed);
  }

  itemProof(itemSerial: bigint) {
    return this.#reader.itemProof(itemSerial);
  }

  holdings(acct: Bytes) {
    return this.#reader.holdings(acct);
  }

  trust() {
    return this.#certified.trust();
  }

  entry(index: bigint) {
    return this.#reader.entry(index);
  }

  blocks(options: { readonly before?: bigint; readonly limit: number }) {
    return this.#reader.blocks(options);
  }

  block(height: bigint) {
    return this.#reader.block(height);
  }

  health(): Health {
    const [oldest] = this.#sequencer.waiting;
    return {
      halted: this.#certified.halted,
      sm2Route: this.#parts.route,
      waiting: this.#sequencer.waiting.length,
      oldestWaitingMs: oldest === undefined ? 0 : Number(this.#now() - oldest.sequencedAt),
      clockBehind: this.#certified.clockBehind(),
      signer: this.#side?.signer ?? null,
    };
  }

  #began(begun: readonly Waiting[]): void {
    if (this.#side?.isRunning === true) this.#side.admitted(begun.map(({ txId, env }) => ({ txId, env })));
    else this.#solo.arm();
  }

  #openSide(options: ConsortiumOptions): ConsortiumSide {
    const { options: given, nodeKeys, pool, log } = this.#parts;
    return new ConsortiumSide({
      chain: this.#certified,
      options,
      openSigner: fileSigner(nodeKeys.node),
      memory: pool.memory,
      verifyMany: (checks) => this.verifyMany(checks),
      now: given.now,
      random: given.random,
      log,
      submitEvidence: (kind, a, b) => this.#submitEvidence(kind, a, b),
    });
  }

  /** From this height on several members decide. */
  #joinRounds(): void {
    const side = this.#side;
    const { options } = this.#parts;
    if (side === null) {
      this.#certified.halt('this chain has several members: start the node with its place among them');
      return;
    }
    side
      .start(sequencerDesk(this.#sequencer, { door: options.consortium?.door, onDisplaced: options.onDisplaced }))
      .catch((error: unknown) =>
        this.#certified.halt(`couldn't join the rounds: ${error instanceof Error ? error.message : String(error)}`),
      );
  }

  async #submitEvidence(evidenceKind: number, a: Bytes, b: Bytes): Promise<void> {
    const { sql, random } = this.#parts.options;
    const now = this.#now();
    const body = { chain: this.chain, salt: random(16), notBefore: now - 1000n, notAfter: now + EVIDENCE_WINDOW_MS };
    const envs = this.operator.batchSign([{ ...body, op: { kind: 'evidence', evidenceKind, a, b } }]);
    await this.runGroup((group) =>
      sql.begin(async (tx) => {
        for (const env of envs) group.apply(env);
        await group.persist(tx);
      }),
    );
  }

  #now(): bigint {
    return this.#certified.notBeforeTip(BigInt(this.#parts.options.now()));
  }

  #context() {
    return {
      chain: this.chain,
      height: this.#certified.tip.header.height + 1n,
      config: this.config,
      demonstration: this.#certified.isDemonstration,
      formerConfig: this.#certified.formerConfig,
      firstEntry: this.#certified.firstEntry,
      verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => this.sm2.verify(publicKey, message, signature),
    };
  }
}
