/** The reducer's calls to the ordering engine: each is answered by exactly one event, and slots are watched from the tip on. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { OrderingEngine } from '../engines/ordering-engine.ts';
import type { Effect } from '../reducer/effects.ts';
import type { MemberEvent } from '../reducer/events.ts';
import type { LedgerLog } from '../types.ts';

export type EngineEffect = Extract<Effect, { kind: 'campaign' | 'renew' | 'resign' | 'decide' | 'read_engine' }>;

/** After the engine could not be reached. */
const WATCH_AGAIN_MS = 1000;
/** A lease is renewed so many times before it would end. */
const LEASE_PARTS = 4;

/** Heights between two trims, and slots below the tip that stay (10.7). */
const TRIM_EVERY = 1000n;
const KEPT_SLOTS = 10_000n;

export interface EnginePortOptions {
  readonly self: number;
  /** Opens the engine that a configuration names. */
  readonly open: (config: ConsortiumConfig) => Promise<OrderingEngine>;
  readonly post: (event: MemberEvent) => void;
  readonly log: LedgerLog;
}

export class EnginePort {
  readonly #options: EnginePortOptions;
  #engine: Promise<OrderingEngine> | null = null;
  #ordering = '';
  #watched = { epoch: -1, from: 0n };
  #isClosed = false;
  #lease: NodeJS.Timeout | null = null;

  constructor(options: EnginePortOptions) {
    this.#options = options;
  }

  /** The engine of this configuration from now on, watched from this height. */
  adopt(config: ConsortiumConfig, from: bigint): void {
    const ordering = `${config.ordering.kind}:${Buffer.from(config.ordering.params).toString('hex')}`;
    if (ordering !== this.#ordering) {
      this.#close().catch(() => undefined);
      this.#ordering = ordering;
      this.#engine = this.#open(config);
      this.#watched = { epoch: -1, from };
    }
    if (config.epoch === this.#watched.epoch) return;
    this.#watched = { epoch: config.epoch, from };
    this.#watch(config.epoch).catch(() => undefined);
  }

  carry(effect: EngineEffect): void {
    this.#answer(effect).then(
      (event) => {
        if (event !== null) this.#options.post(event);
      },
      (error: unknown) => {
        this.#options.log.error(`the ordering engine gave no answer: ${sentenceOf(error)}`, { call: effect.kind });
        if (effect.kind === 'read_engine') this.#options.post({ kind: 'read_failed', purpose: effect.purpose });
        else if (effect.kind !== 'resign') this.#options.post({ kind: 'engine_failed', call: effect.kind });
      },
    );
  }

  /** Now and then drops slots that nobody asks for any more (10.7). What could not be dropped is dropped with the next. */
  trimBehind(tip: bigint): void {
    if (tip % TRIM_EVERY !== 0n || tip <= KEPT_SLOTS) return;
    const trim = async (): Promise<void> => (await this.#current()).trim(tip - KEPT_SLOTS);
    trim().catch((error: unknown) => this.#options.log.error(`couldn't trim the ordering engine: ${sentenceOf(error)}`));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#close();
  }

  async #answer(effect: EngineEffect): Promise<MemberEvent | null> {
    const engine = await this.#current();
    switch (effect.kind) {
      case 'campaign': {
        const term = (await engine.campaign(this.#options.self, effect.ttlMs))?.term ?? null;
        if (term !== null) this.#keepLease(engine, term, effect.ttlMs);
        return { kind: 'campaigned', term };
      }
      case 'renew':
        return { kind: 'renewed', term: effect.term, ok: await engine.renew(effect.term) };
      case 'resign':
        this.#dropLease();
        await engine.resign(effect.term);
        return null;
      case 'decide': {
        const { epoch, height, term } = effect;
        const { won, slot } = await engine.decide(epoch, height, term, effect.slot);
        return { kind: 'decided', epoch, height, term, won, slot: new Uint8Array(slot ?? []) };
      }
      case 'read_engine': {
        const { purpose, epoch, height } = effect;
        const { term, slot } = await engine.read(epoch, height);
        return { kind: 'engine_read', purpose, epoch, height, term, slot: slot === null ? null : new Uint8Array(slot) };
      }
    }
  }

  /**
   * The rounds wait for disks, and a disk may take longer than a lease lasts: the lease is kept beside them. A leader that decides nothing
   * all the same is removed by the others (10.6).
   */
  #keepLease(engine: OrderingEngine, term: bigint, ttlMs: number): void {
    this.#dropLease();
    this.#lease = setInterval(() => {
      engine.renew(term).then(
        (ok) => {
          if (!ok) this.#dropLease();
          this.#options.post({ kind: 'renewed', term, ok });
        },
        () => undefined,
      );
    }, ttlMs / LEASE_PARTS);
  }

  #dropLease(): void {
    if (this.#lease !== null) clearInterval(this.#lease);
    this.#lease = null;
  }

  #current(): Promise<OrderingEngine> {
    if (this.#engine === null || this.#isClosed) throw new Error('no engine is open');
    return this.#engine;
  }

  /** Until the configuration names another engine: members start in any order, and the engine may come last. */
  async #open(config: ConsortiumConfig): Promise<OrderingEngine> {
    const ordering = this.#ordering;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#options.open(config);
      } catch (error) {
        if (this.#isClosed || ordering !== this.#ordering) throw error;
        if (attempt % 10 === 1) this.#options.log.error(`couldn't open the ordering engine, trying again: ${sentenceOf(error)}`);
        await sleep(WATCH_AGAIN_MS);
      }
    }
  }

  async #watch(epoch: number): Promise<void> {
    const isCurrent = () => !this.#isClosed && this.#watched.epoch === epoch;
    while (isCurrent()) {
      try {
        const engine = await this.#current();
        for await (const { height, slot } of engine.watch(epoch, this.#watched.from)) {
          if (!isCurrent()) return;
          this.#watched = { epoch, from: height + 1n };
          this.#options.post({ kind: 'slot_seen', epoch, height, slot: new Uint8Array(slot) });
        }
      } catch {
        // The calls say what is wrong; a watcher only waits.
      }
      if (isCurrent()) await sleep(WATCH_AGAIN_MS);
    }
  }

  async #close(): Promise<void> {
    this.#dropLease();
    const engine = this.#engine;
    this.#engine = null;
    await engine?.then(
      (opened) => opened.close(),
      () => undefined,
    );
  }
}

const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
