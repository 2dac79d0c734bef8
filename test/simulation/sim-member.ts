import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { Header } from '#ledger/codec/header.ts';
import type { CertifiedBlock, PeerBody } from '#ledger/codec/peer-body.ts';
import type { Recovery, SignedSeal } from '#ledger/codec/recovery.ts';
import type { TxEnv } from '#ledger/codec/tx.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { type MemberChecks, NO_CHECKS } from '#ledger/node/reducer/check-block.ts';
import type { Effect } from '#ledger/node/reducer/effects.ts';
import type { MemberEvent } from '#ledger/node/reducer/events.ts';
import { type SignRecord, signedPart } from '#ledger/node/reducer/records.ts';
import { startMember } from '#ledger/node/reducer/start.ts';
import type { Ground, MemberState, Moment } from '#ledger/node/reducer/state.ts';
import { step } from '#ledger/node/reducer/step.ts';
import { nextWakeAt } from '#ledger/node/reducer/timers.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import type { LedgerState } from '#ledger/state/ledger-state.ts';
import type { LedgerCode } from '#ledger/tx/codes.ts';
import { headerHash, txIdOf } from '#ledger/tx/ids.ts';
import { START } from '#test/vectors/ledger-world.ts';
import { FOUNDING, nodeKey, simSm2 } from './founding.ts';
import { demand } from './monitor.ts';
import { SimChain } from './sim-chain.ts';
import { SimDisk } from './sim-disk.ts';
import type { World } from './world.ts';

export interface DiskFaults {
  /** Share of writes that are answered as failed; half of them took effect. */
  failure: number;
  /** Share of writes after which the process dies before it hears of them. */
  death: number;
}

export class SimMember {
  readonly id: number;
  disk = new SimDisk();
  diskFaults: DiskFaults = { failure: 0, death: 0 };
  /** Milliseconds that the wall clock is off. */
  skew = 0;
  checks: MemberChecks = NO_CHECKS;
  rotation = 0;
  readonly alerts = new Map<string, number>();
  protected readonly world: World;
  #state: MemberState | null = null;
  #chain = new SimChain(this.disk.recoveries);
  #life = 0;
  #startedAt = 0;
  #effects: Effect[] = [];
  #isWriting = false;
  #pendingWrite: (() => void) | null = null;
  #wakes = 0;

  constructor(world: World, id: number) {
    this.world = world;
    this.id = id;
  }

  get state(): MemberState | null {
    return this.#state;
  }

  get ledger(): LedgerState {
    return this.#chain.ledger;
  }

  get tip(): Header {
    return this.#chain.tip;
  }

  /** Oldest first. */
  get configsInForce(): readonly ConsortiumConfig[] {
    return this.#chain.inForce;
  }

  get isUp(): boolean {
    return this.#state !== null;
  }

  get ground(): Ground {
    return { chain: FOUNDING.chain, self: this.id, verify: simSm2.verify };
  }

  moment(): Moment {
    const { now } = this.world.timeline;
    return {
      clock: START + 10_000n + BigInt(Math.floor(now + this.skew)),
      elapsed: BigInt(Math.floor(now - this.#startedAt)),
      random: (length) => this.world.chance.bytes(length),
    };
  }

  /** Replays the disk, as the start of 10.5 demands, and begins. */
  start(isRestored = false): void {
    if (this.#state !== null) return;
    this.#life++;
    this.#startedAt = this.world.timeline.now;
    const { disk } = this;
    this.#chain = new SimChain(disk.recoveries);
    for (const block of disk.blocks)
      demand(this.#chain.execute(block) !== null, `member ${this.id} replays its own block ${block.header.height}`);
    const { tip, config, isConfigPending, configs } = this.#chain;
    const above = (payload: { readonly height: bigint }): boolean => payload.height > tip.height;
    const newest = disk.blocks.at(-1);
    this.#state = startMember(
      this.ground,
      {
        tip: { header: tip, finality: newest?.finality ?? null },
        config,
        isConfigPending,
        configs,
        recoveries: disk.recoveries,
        records: { endorsements: disk.endorsements().filter(above), votes: disk.votes().filter((each) => above(each.payload)) },
        seals: disk.seals(),
        peerSeals: [...disk.peerSeals.values()],
        signedEpoch: Math.max(0, ...disk.endorsements().map((each) => each.epoch), ...disk.votes().map((each) => each.payload.epoch)),
        bodies: [...disk.bodies.values()].filter((body) => above(body.header)),
        waiting: [],
        promises: disk.promises(),
        isRestored: isRestored || disk.isAsking,
        quietUntil: disk.quietUntil,
      },
      this.moment(),
    );
    this.take({ kind: 'tick' });
  }

  /** A power cut: memory is gone, and what was on its way to the disk may have made it or not. */
  stop(): void {
    if (this.#state === null) return;
    if (this.#pendingWrite !== null && this.world.chance.hits(0.5)) this.#pendingWrite();
    this.#state = null;
    this.#life++;
    this.#effects = [];
    this.#isWriting = false;
    this.#pendingWrite = null;
  }

  take(event: MemberEvent): void {
    if (this.#state === null) return;
    const { state, effects } = step(this.ground, this.#state, event, this.moment());
    this.#state = state;
    this.#effects.push(...effects);
    this.#drain();
    this.#wake();
  }

  /** A tick when the reducer says so. */
  #wake(): void {
    if (this.#state === null) return;
    const mine = ++this.#wakes;
    const moment = this.moment();
    const wait = Number(nextWakeAt(this.ground, this.#state, moment) - moment.elapsed);
    this.#later(wait, () => {
      if (mine === this.#wakes) this.take({ kind: 'tick' });
    });
  }

  /** Acts of this life only: a process that has died answers nothing. */
  #later(delay: number, act: () => void): void {
    const life = this.#life;
    this.world.timeline.after(delay, () => {
      if (life === this.#life && this.#state !== null) act();
    });
  }

  #drain(): void {
    while (!this.#isWriting) {
      const effect = this.#effects.shift();
      if (effect === undefined) return;
      this.perform(effect);
    }
  }

  protected perform(effect: Effect): void {
    switch (effect.kind) {
      case 'store_body':
        this.#write(
          () => this.disk.keep(effect.block),
          () => undefined,
          null,
        );
        return;
      case 'store_record':
        this.#storeRecord(effect.record);
        return;
      case 'store_block':
        this.#storeBlock(effect.block);
        return;
      case 'store_abstention':
        this.#write(
          () => this.#keepAbstention(effect.until),
          () => undefined,
          null,
        );
        return;
      case 'store_recovery':
        this.#storeRecovery(effect.recovery);
        return;
      case 'store_peer_seal':
        this.#storePeerSeal(effect.signed);
        return;
      case 'sign':
        this.#sign(effect.record);
        return;
      case 'send':
        for (const to of effect.to) this.send(to, effect.body);
        return;
      case 'serve_blocks':
        this.#serveBlocks(effect.to, effect.from);
        return;
      case 'serve_body': {
        const known = this.disk.bodies.get(toHex(effect.header)) ?? this.disk.blocks[Number(effect.height) - 1];
        if (known !== undefined && equalBytes(headerHash(known.header), effect.header))
          this.send(effect.to, { kind: 'body', block: { header: known.header, entries: known.entries } });
        return;
      }
      case 'compare_finality': {
        const stored = this.disk.blocks[Number(effect.shown.header.height) - 1];
        if (stored !== undefined && !equalBytes(headerHash(stored.header), headerHash(effect.shown.header)))
          this.#later(0, () => this.take({ kind: 'contradiction', stored, shown: effect.shown }));
        return;
      }
      case 'campaign':
      case 'renew':
      case 'decide':
      case 'read_engine':
      case 'resign':
        this.#callEngine(effect);
        return;
      case 'build_block':
        this.#later(1, () => this.take({ kind: 'block_built', job: effect.job, ...this.#chain.build(effect) }));
        return;
      case 'check_block':
        this.#later(this.world.chance.between(1, 4), () => {
          const verdict = this.#chain.check(effect, this.id, this.checks);
          this.take({ kind: 'block_checked', header: headerHash(effect.block.header), scope: effect.scope, verdict });
        });
        return;
      case 'admit':
        this.#admit(effect.envs, 'peer', false);
        return;
      case 'answer_promise':
        this.world.promised++;
        return;
      case 'tx_refused':
        this.world.refused.set(toHex(effect.txId), effect.code);
        return;
      case 'submit_evidence':
        this.world.accuse(effect.evidenceKind, effect.member, effect.a, effect.b);
        return;
      case 'alert':
        {
          const key = `${effect.code}${effect.facts.fault ?? ''}`;
          this.alerts.set(key, (this.alerts.get(key) ?? 0) + 1);
        }
        return;
      case 'halt':
        demand(false, `member ${this.id} halts: ${effect.reason}`);
        return;
    }
  }

  protected send(to: number, body: PeerBody): void {
    this.world.network.send(this.id, to, body);
  }

  /** Durable after a moment, or not at all. Nothing else is carried out meanwhile. */
  #write(effect: () => void, done: () => void, failed: (() => void) | null): void {
    const { chance } = this.world;
    this.#isWriting = true;
    this.#pendingWrite = effect;
    this.#later(chance.between(1, 6), () => {
      this.#isWriting = false;
      this.#pendingWrite = null;
      const isFailing = failed !== null && chance.hits(this.diskFaults.failure);
      if (!isFailing || chance.hits(0.5)) effect();
      if (isFailing) failed();
      else if (chance.hits(this.diskFaults.death)) this.world.kill(this.id);
      else done();
      this.#drain();
    });
  }

  #storeRecord(record: SignRecord): void {
    const insert = (): void => demand(this.disk.insert(record), `the unique key of member ${this.id} had to stop a second ${record.kind}`);
    const answer = (kind: 'record_stored' | 'record_failed') => () => this.take({ kind, record });
    this.#write(insert, answer('record_stored'), answer('record_failed'));
  }

  #keepAbstention(until: bigint | null): void {
    this.disk.isAsking = until === null;
    if (until !== null && until > this.disk.quietUntil) this.disk.quietUntil = until;
  }

  #storeRecovery(recovery: Recovery): void {
    this.world.monitorFor(this.id)?.accepted(this.id, recovery);
    const { recoveries } = this.disk;
    const keep = (): void => {
      if (!recoveries.some((each) => each.newEpoch === recovery.newEpoch)) recoveries.push(recovery);
    };
    this.#write(keep, () => this.take({ kind: 'recovery_stored', newEpoch: recovery.newEpoch }), null);
  }

  #storePeerSeal(signed: SignedSeal): void {
    const { seal } = signed;
    const keep = (): void => {
      this.disk.peerSeals.set(`${seal.newEpoch} ${seal.member}`, signed);
      this.world.monitorFor(this.id)?.heard(seal);
    };
    this.#write(keep, () => this.take({ kind: 'peer_seal_stored', signed }), null);
  }

  /** Executed and stored in one go: if the disk fails, memory goes back to where the disk is. */
  #storeBlock(block: CertifiedBlock): void {
    const { height } = block.header;
    const chain = this.#chain;
    const config = chain.configOf(block.header);
    assert(height === chain.tip.height + 1n && config !== null, 'the reducer stores the next block under a known configuration');
    const { epoch } = block.finality;
    const voters = epoch === config.epoch ? config : chain.configs.find((each) => each.epoch === epoch);
    const before = chain.tip;
    chain.ledger.begin();
    if (chain.execute(block) === null) {
      chain.ledger.rollback();
      this.#later(1, () => this.take({ kind: 'block_failed', height, reason: 'unsound' }));
      return;
    }
    this.world.monitorFor(this.id)?.final(block, voters ?? config, this.world.disks());
    this.#write(
      () => {
        if (this.disk.blocks.length < Number(height)) this.disk.append(block);
      },
      () => {
        chain.ledger.commit();
        this.#stored(block);
      },
      () => {
        chain.ledger.rollback();
        chain.tip = before;
        this.take({ kind: 'block_failed', height, reason: 'disk' });
      },
    );
  }

  #stored(block: CertifiedBlock): void {
    this.take({
      kind: 'block_stored',
      certified: { header: block.header, finality: block.finality },
      config: this.#chain.config,
      isConfigPending: this.#chain.isConfigPending,
      settled: this.#chain.settled(block, this.#state?.mempool.values() ?? []),
    });
  }

  #sign(record: SignRecord): void {
    const config = this.#state?.round.config ?? FOUNDING.genesis.config;
    this.world.monitorFor(this.id)?.signed(this.id, record, this.disk, config);
    const { tag, payload } = signedPart(record);
    const sig = simSm2.sign(this.signingKey(config), signedMessage(tag, FOUNDING.chain, payload));
    this.#later(0, () => this.take({ kind: 'signed', record, sig }));
  }

  /** The one whose public half the configuration names. */
  signingKey(config: ConsortiumConfig): Bytes {
    const pub = config.members.find((each) => each.id === this.id)?.pub;
    const rotations = [0, 1, 2, 3].map((rotation) => nodeKey(this.id, rotation));
    return (rotations.find((each) => pub !== undefined && equalBytes(each.publicKey, pub)) ?? nodeKey(this.id)).privateKey;
  }

  #serveBlocks(to: number, from: bigint): void {
    const blocks = this.disk.blocks.slice(Number(from) - 1, Number(from) + 31);
    if (blocks.length > 0) this.send(to, { kind: 'sync_blocks', blocks });
  }

  #callEngine(effect: Extract<Effect, { kind: 'campaign' | 'renew' | 'decide' | 'read_engine' | 'resign' }>): void {
    const { engine, timeline, chance } = this.world;
    if (effect.kind === 'resign') {
      engine.resign(effect.term);
      return;
    }
    const there = chance.between(1, 5);
    if (chance.hits(engine.lies.lostAnswers)) {
      // Lost before its effect or after it: the caller can't know.
      if (chance.hits(0.5)) timeline.after(there, () => this.#ask(effect));
      this.#later(chance.between(200, 2000), () =>
        this.take(
          effect.kind === 'read_engine' ? { kind: 'read_failed', purpose: effect.purpose } : { kind: 'engine_failed', call: effect.kind },
        ),
      );
      return;
    }
    timeline.after(there, () => {
      const answer = this.#ask(effect);
      this.#later(chance.between(1, 5), () => this.take(answer));
    });
  }

  #ask(effect: Extract<Effect, { kind: 'campaign' | 'renew' | 'decide' | 'read_engine' }>): MemberEvent {
    const { engine, timeline } = this.world;
    const ttlMs = FOUNDING.genesis.config.limits.leaseMs;
    switch (effect.kind) {
      case 'campaign':
        return { kind: 'campaigned', term: engine.campaign(this.id, effect.ttlMs, timeline.now) };
      case 'renew':
        return { kind: 'renewed', term: effect.term, ok: engine.renew(effect.term, ttlMs, timeline.now) };
      case 'decide': {
        const { epoch, height, term, slot } = effect;
        return { kind: 'decided', epoch, height, term, ...engine.decide(epoch, height, term, slot, timeline.now) };
      }
      case 'read_engine': {
        const { epoch, height, purpose } = effect;
        return { kind: 'engine_read', epoch, height, purpose, ...engine.read(epoch, height, timeline.now) };
      }
    }
  }

  /** From a client of this member. */
  submit(env: TxEnv): void {
    if (this.#state !== null) this.#admit([env], 'local', this.world.chance.hits(0.3));
  }

  /** What `apply` says to it now; `null`: it passes. */
  codeOf(env: TxEnv): LedgerCode | null {
    return this.#chain.codeOf(env, 0n);
  }

  #admit(envs: readonly TxEnv[], origin: 'local' | 'peer', wantsPromise: boolean): void {
    const isKnown = (env: TxEnv): boolean => this.#state?.mempool.has(toHex(txIdOf(env.body))) === true;
    const fresh = origin === 'peer' ? envs.filter((env) => !isKnown(env)) : envs;
    const txs = this.#chain.admissible(fresh, this.moment().clock);
    if (txs.length > 0) this.#later(1, () => this.take({ kind: 'txs_admitted', txs, origin, wantsPromise }));
  }
}
