/** Everything that a node has because it is not alone: signer, rounds, peers, engine. The same for the operator and for any member. */

import { satisfies } from '#ledger/block/policy.ts';
import type { Member } from '#ledger/codec/config.ts';
import { encodeGenesis } from '#ledger/codec/genesis.ts';
import { RECORD } from '#ledger/codec/leaves.ts';
import type { PeerBody } from '#ledger/codec/peer-body.ts';
import type { Certified } from '#ledger/codec/recovery.ts';
import type { TxEnv } from '#ledger/codec/tx.ts';
import type { SignatureMemory } from '#ledger/crypto/signature-memory.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { recordKey } from '#ledger/tx/ids.ts';
import type { CertifiedChain } from '../certified-chain.ts';
import { type PeerDoor, peerDoor } from '../peer/peer-door.ts';
import { PeerSender } from '../peer/peer-sender.ts';
import type { AdmittedTx } from '../reducer/events.ts';
import type { Signer, SignerOpener, SignerState } from '../signer/signer.ts';
import { sendSnapshot } from '../snapshot/send-snapshot.ts';
import type { ConsortiumView, LedgerLog, MemberView, SignatureCheck } from '../types.ts';
import { streamSync } from './block-archive.ts';
import { BlockExecutor } from './block-executor.ts';
import { EnvelopeExchange } from './envelope-exchange.ts';
import { bringEvidenceAgain } from './kept-evidence.ts';
import { Observer } from './observer.ts';
import type { ConsortiumOptions } from './options.ts';
import { prepareChecks } from './prepare-checks.ts';
import { ConsortiumRuntime, type GivenPromise } from './runtime.ts';
import { type OrderWatch, watchSealOrders } from './seal-orders.ts';
import type { TxDesk } from './tx-desk.ts';

export interface SideParts {
  readonly chain: CertifiedChain;
  readonly options: ConsortiumOptions;
  readonly openSigner: SignerOpener;
  readonly memory: SignatureMemory;
  readonly verifyMany: (checks: readonly SignatureCheck[]) => Promise<unknown>;
  readonly now: () => number;
  readonly random: (length: number) => Bytes;
  readonly log: LedgerLog;
  readonly submitEvidence: (kind: number, a: Bytes, b: Bytes) => Promise<void>;
}

/** One lost message is no absence. */
const SILENT_MS = 3000;

export class ConsortiumSide {
  readonly executor: BlockExecutor;
  readonly door: PeerDoor;
  readonly exchange: EnvelopeExchange;
  readonly #parts: SideParts;
  readonly #signer: Signer;
  readonly #sender: PeerSender;
  readonly #observer: Observer;
  #runtime: ConsortiumRuntime | null = null;
  #desk: TxDesk | null = null;
  #orders: OrderWatch | null = null;
  #evidence: { stop(): void } | null = null;

  constructor(parts: SideParts) {
    const { chain, options, memory, verifyMany, log } = parts;
    this.#parts = parts;
    this.executor = new BlockExecutor({
      chain,
      self: options.member,
      memory,
      verifyMany,
      prepareChecks: (block) => prepareChecks(chain, options, block),
    });
    this.#signer = parts.openSigner({
      sql: chain.sql,
      chain: chain.chain,
      sm2: memory,
      envOf: (txId) => this.#desk?.envOf(txId) ?? null,
      now: parts.now,
    });
    this.#observer = new Observer({ sql: chain.sql, now: parts.now, log });
    this.#sender = new PeerSender({
      self: options.member,
      sign: (payload) => this.#signer.sign('PLP1/peer', payload),
      endpointOf: (id) => {
        const member = this.#members().find((each) => each.id === id);
        return member === undefined ? null : options.endpointOf(member);
      },
      place: () => ({ epoch: chain.config.epoch, height: chain.tip.header.height + 1n }),
      elapsed: options.elapsed,
    });
    const send = (to: readonly number[], body: PeerBody) => this.#sender.send(to, body);
    this.exchange = new EnvelopeExchange({ chain, self: options.member, sm2: memory, send });
    this.door = peerDoor({
      chain: chain.chain,
      keysOf: (id) => this.#members().flatMap((member) => (member.id === id ? [member.pub] : [])),
      verify: (publicKey, message, signature) => memory.verify(publicKey, message, signature),
      elapsed: options.elapsed,
      onMessage: (from, body) => this.#take(from, body),
      stream: (from, response, isLight) => streamSync(chain, from, response, isLight),
      genesis: () => encodeGenesis(chain.genesis),
      snapshot: (name, response) => sendSnapshot(chain.snapshotDir, name, response),
    });
  }

  get isRunning(): boolean {
    return this.#runtime !== null;
  }

  /** From now on this node takes part in the rounds. */
  async start(desk: TxDesk, { isRestored = false }: { readonly isRestored?: boolean } = {}): Promise<void> {
    const { chain, options, memory, now, random, log, submitEvidence } = this.#parts;
    this.#desk = desk;
    const runtime = new ConsortiumRuntime({
      chain,
      self: options.member,
      signer: this.#signer,
      desk,
      executor: this.executor,
      observer: this.#observer,
      openEngine: (config) => options.openEngine(config, chain.chain),
      send: (to, body) => this.#sender.send(to, body),
      verify: (publicKey, message, signature) => memory.verify(publicKey, message, signature),
      now,
      elapsed: options.elapsed,
      random,
      log,
      submitEvidence,
    });
    this.#runtime = runtime;
    await runtime.start({ isRestored });
    this.#orders = watchSealOrders(chain.sql, (newEpoch) => runtime.post({ kind: 'seal_ordered', newEpoch }));
    this.#evidence = bringEvidenceAgain({
      ...{ sql: chain.sql, now, log },
      isRecorded: ({ kind, a, b }) => chain.certified.state.record(RECORD.evidence, recordKey.evidence(kind, a, b)) !== null,
      submit: ({ kind, a, b }) => submitEvidence(kind, a, b),
    });
  }

  get signer(): SignerState {
    return this.#signer.state();
  }

  async stop(): Promise<void> {
    this.#orders?.stop();
    this.#evidence?.stop();
    this.#signer.close();
    await this.#runtime?.stop();
    await this.#observer.stop();
    this.#sender.close();
  }

  /** LedgerTx that begin to wait at this node. */
  admitted(txs: readonly AdmittedTx[]): void {
    this.#runtime?.admitted(txs);
    this.#pushEnvelopes(txs.map((tx) => tx.env));
  }

  async promise(tx: AdmittedTx): Promise<GivenPromise | null> {
    return (await this.#runtime?.promise(tx)) ?? null;
  }

  /** @returns false while this node takes no part in the rounds */
  show(shown: Certified): boolean {
    this.#runtime?.show(shown);
    return this.#runtime !== null;
  }

  view(): ConsortiumView | null {
    const view = this.#runtime?.view() ?? null;
    if (view === null) return null;
    const { options } = this.#parts;
    const members = view.config.members.map((member) => this.#memberView(member));
    const present = new Set(members.filter((member) => member.isSelf || member.failure === null).map((member) => member.id));
    return {
      self: options.member,
      epoch: view.epoch,
      height: view.height,
      ordering: view.config.ordering.kind === 1 ? 'etcd' : 'pg',
      leading: view.leading,
      leader: view.leading === 'lead' ? options.member : this.#observer.proposer,
      term: view.term,
      standing: view.standing,
      progressMs: view.progressMs,
      waiting: view.waiting,
      isWaitingForMembers: !satisfies(view.config.finality, present, view.config.members),
      endorsed: view.endorsed,
      voted: view.voted,
      members,
      refusals: this.#observer.refusals,
      answered: this.#observer.answered,
    };
  }

  #memberView(member: Member): MemberView {
    const { options, chain } = this.#parts;
    const isSelf = member.id === options.member;
    const seen = this.#observer.heightOf(member.id);
    const contact = this.#sender.contact(member.id);
    return {
      id: member.id,
      org: member.org,
      role: member.role,
      isSelf,
      height: isSelf ? chain.tip.header.height : (seen?.height ?? null),
      seenAt: isSelf ? this.#parts.now() : (seen?.at ?? null),
      failure: isSelf || (contact.silentMs !== null && contact.silentMs < SILENT_MS) ? null : contact.failure,
    };
  }

  /** Of the configuration in force, of one that waits for its height, and of a Recovery that has just begun. */
  #members(): readonly Member[] {
    const { chain } = this.#parts;
    const { config } = chain;
    const later = chain.isConfigPending ? chain.configAt(2n ** 63n).members : [];
    const recovered = this.#runtime?.config ?? config;
    return recovered === config ? [...config.members, ...later] : [...recovered.members, ...config.members, ...later];
  }

  #take(from: number, body: PeerBody): void {
    if (body.kind === 'envelope' || body.kind === 'grant') {
      this.exchange.take(from, body).catch((error: unknown) => this.#complain("couldn't keep an envelope", error));
      return;
    }
    this.#runtime?.take(from, body);
    // A supervisor without the envelope gets it again: the first may have been lost.
    if (body.kind !== 'refuse' || body.refusal.code !== 'envelope_missing' || body.refusal.tx === null) return;
    const env = this.#desk?.envOf(body.refusal.tx.txId) ?? null;
    if (env === null) return;
    this.exchange.forget(from);
    this.#pushEnvelopes([env]);
  }

  #pushEnvelopes(envs: readonly TxEnv[]): void {
    this.exchange.push(envs).catch((error: unknown) => this.#complain("couldn't push envelopes", error));
  }

  #complain(what: string, error: unknown): void {
    this.#parts.log.error(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
