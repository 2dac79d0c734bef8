/** One step in the making: the state as it is replaced piece by piece, and the effects in their order. */
import type { PeerBody } from '#ledger/codec/peer-body.ts';
import type { AlertCode, Effect } from './effects.ts';
import type { Ground, MemberState, Moment, Round } from './state.ts';

export class Turn {
  readonly ground: Ground;
  readonly moment: Moment;
  readonly effects: Effect[] = [];
  #state: MemberState;

  constructor(ground: Ground, state: MemberState, moment: Moment) {
    this.ground = ground;
    this.#state = state;
    this.moment = moment;
  }

  get state(): MemberState {
    return this.#state;
  }

  get round(): Round {
    return this.#state.round;
  }

  get now(): bigint {
    return this.moment.elapsed;
  }

  set(change: Partial<MemberState>): void {
    this.#state = { ...this.#state, ...change };
  }

  setRound(change: Partial<Round>): void {
    this.#state = { ...this.#state, round: { ...this.#state.round, ...change } };
  }

  setTimer(change: Partial<MemberState['timers']>): void {
    this.#state = { ...this.#state, timers: { ...this.#state.timers, ...change } };
  }

  emit(effect: Effect): void {
    this.effects.push(effect);
  }

  send(to: number | readonly number[], body: PeerBody): void {
    const others = (typeof to === 'number' ? [to] : to).filter((id) => id !== this.ground.self);
    if (others.length > 0) this.emit({ kind: 'send', to: others, body });
  }

  /** To every member of the configuration in force but this one. */
  sendAll(body: PeerBody): void {
    this.send(
      this.round.config.members.map((member) => member.id),
      body,
    );
  }

  alert(code: AlertCode, facts: Readonly<Record<string, string | number | bigint>> = {}): void {
    this.emit({ kind: 'alert', code, facts });
  }

  /** For good: only a restart with all its checks signs again. */
  halt(reason: string): void {
    if (this.#state.standing.kind === 'halted') return;
    this.set({ standing: { kind: 'halted', reason }, leading: { kind: 'follow', notBefore: this.now } });
    this.emit({ kind: 'halt', reason });
  }
}
