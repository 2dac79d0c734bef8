/**
 * A member that runs no market (`ledger.md` 10, 11, 16): it catches up, re-executes, endorses, votes, stores, takes LedgerTx for the
 * others and answers every question about the ledger. It can lead when the operator does not.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { type ConsortiumConfig, ROLE } from '#ledger/codec/config.ts';
import type { Op } from '#ledger/codec/op-types.ts';
import type { Certified as Shown } from '#ledger/codec/recovery.ts';
import type { TxEnv } from '#ledger/codec/tx.ts';
import { assert } from '#ledger/primitives/assert.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { DisclosedField } from '#ledger/proof/build-receipt.ts';
import type { StateView } from '#ledger/state/view.ts';
import { accountSigner } from './account-signer.ts';
import { CertifiedChain } from './certified-chain.ts';
import { ChainReader } from './chain-reader.ts';
import { type CertifiedPast, certifiedPast } from './consortium/certified-past.ts';
import { ConsortiumSide } from './consortium/consortium-side.ts';
import { Mempool } from './consortium/mempool.ts';
import type { ConsortiumOptions } from './consortium/options.ts';
import type { GivenPromise } from './consortium/runtime.ts';
import { syncFrom } from './consortium/sync-client.ts';
import { isTakenFromMembers } from './ledger-http.ts';
import { holdsRole } from './membership.ts';
import type { OpenStore } from './open-store.ts';
import type { PeerDoor } from './peer/peer-door.ts';
import { refuseUnsealed } from './reducer/check-block.ts';
import { startScrubber } from './scrubber.ts';
import { SignerAway, type SignerOpener } from './signer/signer.ts';
import type { AccountSigner, Certified, CertifiedBlock, ConsortiumView, Health, LedgerLog, LedgerReader, OrgKeys } from './types.ts';
import type { VerifyPool } from './verify-pool.ts';

export interface FollowerParts {
  readonly opened: OpenStore;
  readonly sql: CertifiedChain['sql'];
  readonly now: () => number;
  readonly random: (length: number) => Bytes;
  readonly exportDir?: string | undefined;
  readonly consortium: ConsortiumOptions;
  readonly pool: VerifyPool;
  readonly route: Health['sm2Route'];
  readonly openSigner: SignerOpener;
  readonly account: OrgKeys;
  /** The store is new under an old key: what it has signed is unknown here (10.5). */
  readonly isRestored?: boolean;
  readonly snapshotDir?: string | undefined;
  readonly log: LedgerLog;
  readonly release: () => Promise<void>;
}

export type MemberSubmission =
  | { readonly kind: 'promised'; readonly txId: Bytes; readonly given: GivenPromise | null }
  | { readonly kind: 'rejected'; readonly code: string };

/** Between two looks for blocks, while this node is not yet one of those who decide them. */
const SYNC_PAUSE_MS = 500;
const STATEMENT_WINDOW_MS = 3_600_000n;

export class FollowerNode implements LedgerReader {
  readonly chain: Bytes;
  readonly genesis: OpenStore['genesis'];
  readonly peers: PeerDoor;
  readonly #parts: FollowerParts;
  readonly #certified: CertifiedChain;
  readonly #mempool: Mempool;
  readonly #reader: ChainReader;
  readonly #side: ConsortiumSide;
  readonly #account: AccountSigner;
  #isStopped = false;
  #stopScrub: () => void = () => undefined;

  constructor(parts: FollowerParts) {
    const { opened, sql, pool, log, consortium } = parts;
    this.#parts = parts;
    this.chain = opened.chain;
    this.genesis = opened.genesis;
    const { exportDir, snapshotDir, now } = parts;
    const certified = new CertifiedChain({ sql, opened, log, exportDir, snapshotDir, now, elapsed: consortium.elapsed });
    this.#certified = certified;
    this.#side = new ConsortiumSide({
      chain: certified,
      options: consortium,
      openSigner: parts.openSigner,
      memory: pool.memory,
      verifyMany: (checks) => pool.verifyBatch(checks),
      now: parts.now,
      random: parts.random,
      log,
      submitEvidence: (kind, a, b) => this.#submitEvidence(kind, a, b),
    });
    this.peers = this.#side.door;
    this.#mempool = new Mempool({
      state: opened.state,
      context: () => this.#context(),
      preverify: (view, envs) => this.#side.executor.preverify(view, envs, this.#now()),
      waiting: opened.waiting.map((each) => each.env),
      judge: (env) => (this.#isSupervisor() ? refuseUnsealed(env) : null),
    });
    this.#reader = new ChainReader(certified, {
      seqOf: (txId) => (this.#mempool.envOf(txId) === null ? null : 0n),
      isSealing: () => false,
    });
    this.#account = accountSigner(parts.account, this.#mempool.pending, pool.memory);
  }

  get config(): ConsortiumConfig {
    return this.#certified.config;
  }

  get certified(): Certified {
    return this.#certified.certified;
  }

  /** Everything that waits here and is committed; for questions, not for votes. */
  get pending(): StateView {
    return this.#mempool.pending;
  }

  /** Resolves when this node takes part in the rounds: it has caught up, and the configuration in force names it. */
  async start(): Promise<void> {
    this.#certified.export();
    this.#stopScrub = startScrubber({
      sql: this.#parts.sql,
      exportDir: this.#parts.exportDir ?? null,
      first: Number(this.#certified.tip.header.height % 1000n),
      onDamage: (sentence) => this.#certified.halt(sentence),
      log: this.#parts.log,
    });
    while (!this.#isStopped && !this.#isMember()) {
      await this.catchUp();
      if (!this.#isMember()) await sleep(SYNC_PAUSE_MS);
    }
    if (this.#isStopped) return;
    await this.#side.start(this.#mempool, { isRestored: this.#parts.isRestored ?? false }).catch((error: unknown) => {
      // It was still waiting for its signer.
      if (!this.#isStopped || !(error instanceof SignerAway)) throw error;
    });
  }

  /** Once through the peers: everything they have above the tip, verified. */
  async catchUp(): Promise<void> {
    const { consortium, log, pool } = this.#parts;
    const ground = { chain: this.#certified, desk: this.#mempool, executor: this.#side.executor, memory: pool.memory };
    for (const member of this.config.members) {
      if (member.id === consortium.member || this.#isStopped) continue;
      const endpoint = consortium.endpointOf(member);
      if (endpoint === null) continue;
      try {
        await syncFrom(endpoint, ground);
        return;
      } catch (error) {
        log.info(`couldn't catch up from ${member.org}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  async stop(): Promise<void> {
    this.#stopScrub();
    this.#isStopped = true;
    await this.#side.stop();
    await this.#certified.exportSettled();
    await this.#parts.pool.close();
    await this.#parts.release();
  }

  /** From a client: validated, pushed to the others, and promised. */
  async submit(env: TxEnv): Promise<MemberSubmission> {
    const admission = await this.#mempool.submit(env);
    if (admission.kind === 'rejected') return admission;
    return { kind: 'promised', txId: admission.tx.txId, given: await this.#side.promise(admission.tx) };
  }

  /**
   * What may be brought here. Everything else goes through the operator's market, which keeps books about it; a member that has been made
   * operator is that itself.
   */
  takes(op: Op): boolean {
    return isTakenFromMembers(op) || this.isOperator();
  }

  /** The configuration in force gives this organisation the operator's role. */
  isOperator(): boolean {
    return holdsRole(this.config, ROLE.operator, this.#account.acct);
  }

  /** Somebody brought a header that the consortium certified, of another log than the one here (`ledger.md` 14). */
  contradicted(shown: Shown): void {
    this.#side.show(shown);
  }

  onCertified(listener: (block: CertifiedBlock) => void): () => void {
    return this.#certified.onCertified(listener);
  }

  consortium(): ConsortiumView | null {
    return this.#side.view();
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

  game(studio: Bytes) {
    return this.#reader.game(studio);
  }

  trust() {
    return this.#certified.trust();
  }

  entry(index: bigint) {
    return this.#reader.entry(index);
  }

  /** What this member has certified, entry by entry. */
  past(): CertifiedPast {
    return certifiedPast(this.#certified);
  }

  blocks(options: { readonly before?: bigint; readonly limit: number }) {
    return this.#reader.blocks(options);
  }

  block(height: bigint) {
    return this.#reader.block(height);
  }

  health(): Health {
    const view = this.#side.view();
    return {
      halted: this.#certified.halted,
      sm2Route: this.#parts.route,
      waiting: view?.waiting ?? 0,
      oldestWaitingMs: 0,
      clockBehind: this.#certified.clockBehind(),
      signer: this.#side.signer,
    };
  }

  #isSupervisor(): boolean {
    return this.config.members.some(({ id, role }) => id === this.#parts.consortium.member && role === ROLE.supervisor);
  }

  #isMember(): boolean {
    const { members } = this.config;
    return members.length > 1 && members.some((member) => member.id === this.#parts.consortium.member);
  }

  #now(): bigint {
    return this.#certified.notBeforeTip(BigInt(this.#parts.now()));
  }

  #context() {
    const { memory } = this.#parts.pool;
    return {
      now: this.#now(),
      chain: this.chain,
      height: this.#certified.tip.header.height + 1n,
      config: this.config,
      demonstration: this.#certified.isDemonstration,
      formerConfig: this.#certified.formerConfig,
      firstEntry: this.#certified.firstEntry,
      verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => memory.verify(publicKey, message, signature),
    };
  }

  /** A statement of this organisation's own: resolves with its txId when it waits for a block. @throws {Error} with the code when it is refused */
  async state(op: Op): Promise<Bytes> {
    const now = this.#now();
    const body = { chain: this.chain, salt: this.#parts.random(16), notBefore: now - 1000n, notAfter: now + STATEMENT_WINDOW_MS, op };
    const [env] = this.#account.batchSign([body]);
    assert(env !== undefined, 'one body, one LedgerTx');
    const admission = await this.#mempool.submit(env);
    if (admission.kind === 'rejected') throw new Error(`the ledger refuses it (${admission.code})`);
    this.#side.admitted([admission.tx]);
    return admission.tx.txId;
  }

  async #submitEvidence(evidenceKind: number, a: Bytes, b: Bytes): Promise<void> {
    await this.state({ kind: 'evidence', evidenceKind, a, b });
  }
}
