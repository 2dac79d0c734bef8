/**
 * The shell around the reducer (`ledger.md` 10, 21): one event at a time goes in, and the effects that come out are carried out in
 * their order: disk before signature, signature before message. Everything that waits for somebody else comes back as an event.
 */
import { refuseFinality } from '#ledger/block/vote.ts';
import { type ConsortiumConfig, ROLE } from '#ledger/codec/config.ts';
import type { EndorsementSet, SubmitPromise } from '#ledger/codec/header.ts';
import type { CertifiedBlock as CertifiedBody, PeerBody } from '#ledger/codec/peer-body.ts';
import { type Certified, encodeRecovery, type Recovery } from '#ledger/codec/recovery.ts';
import { type Bytes, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { configHash, headerHash } from '#ledger/tx/ids.ts';
import type { CertifiedChain } from '../certified-chain.ts';
import { holdsRole } from '../membership.ts';
import type { Effect } from '../reducer/effects.ts';
import type { AdmittedTx, MemberEvent } from '../reducer/events.ts';
import { startMember } from '../reducer/start.ts';
import type { Ground, MemberState, Moment } from '../reducer/state.ts';
import { step } from '../reducer/step.ts';
import { nextWakeAt } from '../reducer/timers.ts';
import type { Signer } from '../signer/signer.ts';
import { decodeBlock, readBlock } from '../store/blocks.ts';
import { insertCheckpoint, insertPeerSeal, insertProposal } from '../store/consortium.ts';
import type { LedgerLog } from '../types.ts';
import { blocksForMessage, bodyOf } from './block-archive.ts';
import type { BlockExecutor } from './block-executor.ts';
import { certifyBlock } from './certify-block.ts';
import { type EngineEffect, EnginePort, type EnginePortOptions } from './engine-port.ts';
import { EvidenceDesk } from './evidence-desk.ts';
import type { Observer } from './observer.ts';
import { readStoredFacts } from './stored-facts.ts';
import type { TxDesk } from './tx-desk.ts';

export interface RuntimeOptions {
  readonly chain: CertifiedChain;
  readonly self: number;
  readonly signer: Signer;
  readonly desk: TxDesk;
  readonly executor: BlockExecutor;
  readonly observer: Observer;
  readonly openEngine: EnginePortOptions['open'];
  readonly send: (to: readonly number[], body: PeerBody) => void;
  readonly verify: Ground['verify'];
  readonly now: () => number;
  readonly elapsed: () => number;
  readonly random: (length: number) => Bytes;
  readonly log: LedgerLog;
  /** Puts op 19 on the ledger in this member's name. */
  readonly submitEvidence: (kind: number, a: Bytes, b: Bytes) => Promise<void>;
}

export interface GivenPromise {
  readonly promise: SubmitPromise;
  readonly sig: Bytes;
}

/** What the pages show of the rounds. */
export interface RoundView {
  readonly height: bigint;
  readonly epoch: number;
  readonly config: ConsortiumConfig;
  readonly leading: MemberState['leading']['kind'];
  readonly term: bigint;
  readonly standing: MemberState['standing']['kind'];
  /** Since nothing was certified although LedgerTx wait. */
  readonly progressMs: number;
  readonly waiting: number;
  /** Who has endorsed and voted at this height, as far as this member has seen. */
  readonly endorsed: readonly number[];
  readonly voted: readonly number[];
}

/** What takes longer than this is worth a line: everybody's rounds wait for the slowest of a quorum. */
const SLOW_MS = 1000;
const PROMISE_WAIT_MS = 10_000;

export class ConsortiumRuntime {
  readonly #options: RuntimeOptions;
  readonly #ground: Ground;
  readonly #engine: EnginePort;
  readonly #evidence: EvidenceDesk;
  readonly #queue: MemberEvent[] = [];
  /** Refused by the rounds, until a block has taken note; code by txId in hex. */
  readonly #named = new Map<string, string>();
  readonly #promised = new Map<string, (given: GivenPromise) => void>();
  #state: MemberState | null = null;
  #isRunning = false;
  #running: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  /** Whose engine is open. */
  #followed: ConsortiumConfig | null = null;
  /** When the next tick is due, in monotonic time. */
  #wakeAt = 0;
  #isStopped = false;

  constructor(options: RuntimeOptions) {
    this.#options = options;
    this.#ground = { chain: options.chain.chain, self: options.self, verify: options.verify };
    this.#engine = new EnginePort({
      self: options.self,
      open: options.openEngine,
      post: (event) => this.post(event),
      log: options.log,
    });
    const { chain, now, elapsed, submitEvidence, log } = options;
    this.#evidence = new EvidenceDesk({ sql: chain.sql, state: chain.state, now, elapsed, submit: submitEvidence, log });
    options.chain.onHalt(() => this.#disarm());
  }

  async start({ isRestored = false }: { readonly isRestored?: boolean } = {}): Promise<void> {
    const { chain, self, desk, signer } = this.#options;
    if (isRestored) await signer.abstain(null);
    const facts = await readStoredFacts(chain, { self, signer, waiting: desk.waiting });
    this.#state = startMember(this.#ground, facts, this.#moment());
    this.#followEngine(this.#state);
    this.post({ kind: 'tick' });
    // What began to wait while the facts were read met no state that could take it; what is known is passed over.
    this.admitted(desk.waiting);
    this.#evidence.start();
  }

  async stop(): Promise<void> {
    // A leader hands over in peace: the others need not wait for its lease to end.
    if (this.#state !== null && this.#state.leading.kind !== 'follow') this.post({ kind: 'resign_ordered' });
    await this.#running;
    this.#isStopped = true;
    this.#disarm();
    await this.#evidence.stop();
    await this.#engine.close();
  }

  /** Begins a step with this event, after those that came before it. */
  post(event: MemberEvent): void {
    if (this.#isStopped || this.#state === null || this.#options.chain.halted !== null) return;
    // A lease that was kept in time must be known before anybody asks how old it is.
    if (event.kind === 'renewed') this.#queue.unshift(event);
    else this.#queue.push(event);
    if (!this.#isRunning) this.#running = this.#run();
  }

  take(from: number, body: PeerBody): void {
    this.#options.observer.note(from, body);
    if (body.kind === 'checkpoint') this.#keepCheckpoint(from, body.certified);
    this.post({ kind: 'message', from, body });
  }

  /** A header with its votes that somebody from outside brought: held against the one that is certified here. */
  show(shown: Certified): void {
    this.#inBackground(() => this.#compare(shown));
  }

  /** LedgerTx that begin to wait here. */
  admitted(txs: readonly AdmittedTx[]): void {
    this.post({ kind: 'txs_admitted', txs, origin: 'local', wantsPromise: false });
  }

  /** Resolves with this member's word that the LedgerTx will be in a block; null when it can't give it now. */
  promise(tx: AdmittedTx): Promise<GivenPromise | null> {
    const key = toHex(tx.txId);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#promised.delete(key);
        resolve(null);
      }, PROMISE_WAIT_MS);
      this.#promised.set(key, (given) => {
        clearTimeout(timer);
        this.#promised.delete(key);
        resolve(given);
      });
      this.post({ kind: 'txs_admitted', txs: [tx], origin: 'local', wantsPromise: true });
    });
  }

  /** Of the round: that of a Recovery before its base is certified, and the one of the next height otherwise. */
  get config(): ConsortiumConfig | null {
    return this.#state?.round.config ?? null;
  }

  view(): RoundView | null {
    const state = this.#state;
    if (state === null) return null;
    const { leading, round, standing } = state;
    const isLeading = leading.kind === 'lead' || leading.kind === 'sync';
    return {
      height: round.height,
      epoch: round.epoch,
      config: round.config,
      leading: leading.kind,
      term: isLeading ? leading.term : state.confirmedTerm,
      standing: standing.kind,
      progressMs: Math.max(0, Math.round(this.#options.elapsed()) - Number(state.progressAt)),
      waiting: state.mempool.size,
      endorsed: [...new Set(round.endorsements.map((each) => each.vote.member))],
      voted: [...new Set(round.votes.map((each) => each.vote.member))],
    };
  }

  #moment(): Moment {
    const { now, elapsed, random } = this.#options;
    return { clock: BigInt(now()), elapsed: BigInt(Math.floor(elapsed())), random };
  }

  async #run(): Promise<void> {
    const { chain } = this.#options;
    this.#isRunning = true;
    try {
      for (let event = this.#queue.shift(); event !== undefined; event = this.#queue.shift()) {
        if (this.#state === null || chain.halted !== null) break;
        await this.#step(event);
        // Messages may never stop coming: time passes all the same.
        if (this.#options.elapsed() >= this.#wakeAt && this.#queue[0]?.kind !== 'renewed') await this.#step({ kind: 'tick' });
      }
    } catch (error) {
      // What is in memory may differ from the disk: only a restart, with all its checks, may go on.
      chain.halt(
        `couldn't go on with block ${chain.tip.header.height + 1n}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
    } finally {
      this.#isRunning = false;
    }
    this.#arm();
  }

  async #step(event: MemberEvent): Promise<void> {
    if (this.#state === null) return;
    const moment = this.#moment();
    const { state, effects } = step(this.#ground, this.#state, event, moment);
    this.#state = state;
    this.#followEngine(state);
    const next = Number(nextWakeAt(this.#ground, state, moment));
    // What is due at some distance from now stays due then, however often something else happens in between.
    this.#wakeAt = event.kind === 'tick' ? next : Math.min(this.#wakeAt, next);
    for (const effect of effects) {
      const begun = this.#options.elapsed();
      await this.#carry(effect);
      const ms = Math.round(this.#options.elapsed() - begun);
      if (ms > SLOW_MS) this.#options.log.info('the rounds had to wait', { for: effect.kind, ms, height: state.round.height });
    }
  }

  #arm(): void {
    this.#disarm();
    if (this.#state === null || this.#isStopped || this.#options.chain.halted !== null) return;
    this.#timer = setTimeout(() => this.post({ kind: 'tick' }), Math.max(1, Math.ceil(this.#wakeAt - this.#options.elapsed())));
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #carry(effect: Effect): Promise<void> {
    const { chain, signer, executor, desk, log, send } = this.#options;
    switch (effect.kind) {
      case 'store_body':
        return insertProposal(chain.sql, effect.block);
      case 'store_record':
        return this.#storeRecord(effect);
      case 'store_block':
        return this.#storeBlock(effect.block);
      case 'store_abstention':
        return signer.abstain(effect.until);
      case 'store_recovery':
        return this.#storeRecovery(effect.recovery);
      case 'store_peer_seal':
        await insertPeerSeal(chain.sql, effect.signed);
        return this.post({ kind: 'peer_seal_stored', signed: effect.signed });
      case 'sign':
        return this.post({ kind: 'signed', record: effect.record, sig: await signer.signRecord(effect.record) });
      case 'send':
        this.#options.observer.note(this.#options.self, effect.body);
        return send(effect.to, effect.body);
      case 'serve_blocks':
        return this.#inBackground(async () =>
          send([effect.to], { kind: 'sync_blocks', blocks: await blocksForMessage(chain, effect.from) }),
        );
      case 'serve_body':
        return this.#inBackground(async () => {
          const block = await bodyOf(chain, effect.height, effect.header);
          if (block !== null) send([effect.to], { kind: 'body', block });
        });
      case 'compare_finality':
        return this.#compare(effect.shown);
      case 'campaign':
      case 'renew':
      case 'resign':
      case 'decide':
      case 'read_engine':
        return this.#engine.carry(effect satisfies EngineEffect);
      case 'build_block': {
        const { block, dropped } = executor.build(effect);
        return this.post({ kind: 'block_built', job: effect.job, block, dropped });
      }
      case 'check_block': {
        const verdict = await executor.check(effect);
        const header = headerHash(effect.block.header);
        return this.post({ kind: 'block_checked', header, scope: effect.scope, verdict });
      }
      case 'admit':
        return this.#inBackground(async () => {
          const sender = chain.config.members.find((member) => member.id === effect.from);
          // After a takeover the operator is a member of another role, and its Agent (13.3).
          const isSequence = sender !== undefined && holdsRole(chain.config, ROLE.operator, sender.acct);
          const txs = await desk.admit(effect.envs, isSequence);
          if (txs.length > 0) this.post({ kind: 'txs_admitted', txs, origin: isSequence ? 'sequencer' : 'peer', wantsPromise: false });
        });
      case 'answer_promise':
        this.#promised.get(toHex(effect.promise.txId))?.({ promise: effect.promise, sig: effect.sig });
        return;
      case 'tx_refused':
        this.#named.set(toHex(effect.txId), effect.code);
        return;
      case 'submit_evidence':
        return this.#inBackground(() => this.#evidence.found({ ...effect, kind: effect.evidenceKind }));
      case 'alert':
        return log.error(`the consortium reports ${effect.code}`, effect.facts);
      case 'halt':
        return chain.halt(effect.reason);
    }
  }

  async #storeRecord({ record }: Extract<Effect, { kind: 'store_record' }>): Promise<void> {
    try {
      const stored = await this.#options.signer.store(record);
      if (stored.kind === 'stored') return this.post({ kind: 'record_stored', record });
      this.#options.log.error(`the signer refuses the ${record.kind}`, { code: stored.code });
    } catch (error) {
      this.#options.log.error(`couldn't store the ${record.kind}: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.post({ kind: 'record_failed', record });
  }

  async #storeBlock(block: CertifiedBody): Promise<void> {
    const { chain, desk, executor, observer, signer, self } = this.#options;
    const config = this.#configOf(block);
    const outcome = await certifyBlock({ chain, desk, executor, block, config, named: this.#named });
    if (outcome.kind === 'unsound') return this.post({ kind: 'block_failed', height: block.header.height, reason: 'unsound' });
    this.#named.clear();
    if (this.#state?.leading.kind === 'lead') this.#engine.trimBehind(block.header.height);
    observer.follow(block.header.height);
    this.post({
      kind: 'block_stored',
      certified: { header: block.header, finality: block.finality },
      config: chain.config,
      isConfigPending: chain.isConfigPending,
      settled: outcome.settled,
    });
    const { epoch } = block.finality;
    if (isVoter(block.finality, self) && !(await signer.hasVote(epoch, block.header.height))) this.post({ kind: 'restored' });
  }

  /** The configuration that the header names: that in force, or an earlier one for the base of a recovery. */
  #configOf({ header }: CertifiedBody): ConsortiumConfig {
    const { chain } = this.#options;
    const known = this.#state?.configs.find((each) => each.epoch === header.epoch && equalBytes(configHash(each), header.configHash));
    return known ?? chain.config;
  }

  async #storeRecovery(recovery: Recovery): Promise<void> {
    const { chain, signer } = this.#options;
    await signer.acceptRecovery(recovery.newEpoch, recovery.tip.header.height + 1n, encodeRecovery(recovery));
    chain.acceptRecovery(recovery);
    this.post({ kind: 'recovery_stored', newEpoch: recovery.newEpoch });
  }

  /** The engine of the round: the base of a Recovery keeps its own configuration, and is decided by the Recovery's engine. */
  #followEngine({ round }: MemberState): void {
    if (round.config === this.#followed) return;
    this.#followed = round.config;
    this.#engine.adopt(round.config, round.height);
  }

  async #compare(shown: Certified): Promise<void> {
    const row = await readBlock(this.#options.chain.sql, shown.header.height);
    if (row === null) return;
    const { header, finality, headerHash: hash } = decodeBlock(row);
    if (finality === null || equalBytes(hash, headerHash(shown.header)) || !this.#isCertified(shown)) return;
    this.post({ kind: 'contradiction', stored: { header, finality }, shown });
  }

  /** What one member makes up halts nobody. */
  #isCertified({ header, finality }: Certified): boolean {
    const { chain, verify, log } = this.#options;
    const config = finality.epoch === chain.config.epoch ? chain.config : chain.formerConfig(finality.epoch);
    const fault = config === null ? 'finality_epoch' : refuseFinality(finality, header, config, verify, finality.epoch);
    if (fault === null) return true;
    log.error('a header was shown as certified whose votes do not hold', { height: Number(header.height), fault });
    return false;
  }

  #keepCheckpoint(from: number, certified: Certified): void {
    if (certified.header.height === 0n) return;
    this.#inBackground(() => insertCheckpoint(this.#options.chain.sql, from, certified, BigInt(this.#options.now())));
  }

  /** What may be late or fail without harm. */
  #inBackground(work: () => Promise<void>): void {
    work().catch((error: unknown) =>
      this.#options.log.error(`couldn't serve a peer: ${error instanceof Error ? error.message : String(error)}`),
    );
  }
}

const isVoter = (finality: EndorsementSet, member: number): boolean => finality.sigs.some((sig) => sig.member === member);
