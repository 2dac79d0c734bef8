/** The desk of a member that sequences nothing: LedgerTx that pass on the pending state, in the order of their coming. */
import type { TxEnv } from '#ledger/codec/tx.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import type { ApplyContext } from '#ledger/state/applied.ts';
import { apply } from '#ledger/state/apply.ts';
import type { LedgerState } from '#ledger/state/ledger-state.ts';
import { isTransient, type LedgerCode } from '#ledger/tx/codes.ts';
import { txIdOf } from '#ledger/tx/ids.ts';
import { NOTHING_DISPLACED } from '../displaced.ts';
import { OverlayState } from '../overlay-state.ts';
import { PendingView } from '../pending-view.ts';
import type { AdmittedTx } from '../reducer/events.ts';
import { mergeInOrder } from '../reducer/tx-order.ts';
import { SerialLock } from '../serial-lock.ts';
import type { RefusedTx } from '../types.ts';
import type { Settled, TxDesk } from './tx-desk.ts';

/** Beyond it a member takes nothing more until blocks have drained what waits. */
const MEMPOOL_LIMIT = 20_000;

export type Admission =
  | { readonly kind: 'admitted'; readonly tx: AdmittedTx; readonly isNew: boolean }
  | { readonly kind: 'rejected'; readonly code: LedgerCode | 'mempool_full' };

export interface MempoolOptions {
  readonly state: LedgerState;
  readonly context: () => ApplyContext;
  /** Has the signatures of LedgerTx verified elsewhere, so that `apply` finds the results. */
  readonly preverify: (view: OverlayState, envs: readonly TxEnv[]) => Promise<void>;
  readonly waiting: readonly TxEnv[];
  /** What this member would refuse in a block although it passes `apply`: promising it would bind the member to its own refusal. */
  readonly judge?: (env: TxEnv) => LedgerCode | null;
}

export class Mempool implements TxDesk {
  readonly pending: PendingView;
  readonly onDisplaced = null;
  readonly #options: MempoolOptions;
  readonly #lock = new SerialLock();
  #waiting = new Map<string, AdmittedTx>();

  constructor(options: MempoolOptions) {
    this.#options = options;
    this.pending = new PendingView(new OverlayState(options.state));
    for (const env of options.waiting) this.#add(env);
  }

  get waiting(): readonly AdmittedTx[] {
    return [...this.#waiting.values()];
  }

  envOf(txId: Uint8Array): TxEnv | null {
    return this.#waiting.get(toHex(txId))?.env ?? null;
  }

  admit(envs: readonly TxEnv[], isSequence: boolean): Promise<readonly AdmittedTx[]> {
    return this.#lock.run(async () => {
      const fresh = envs.filter((env) => !this.#waiting.has(toHex(txIdOf(env.body))));
      await this.#options.preverify(this.pending.overlay, fresh);
      const told = envs.flatMap((env) => {
        const admission = this.#add(env);
        return admission.kind === 'admitted' ? [admission.tx] : [];
      });
      if (isSequence) this.#order(told);
      return told;
    });
  }

  /** One that a client brought. */
  submit(env: TxEnv): Promise<Admission> {
    return this.#lock.run(() => this.#add(env));
  }

  between<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#lock.run(work);
  }

  settle(entered: ReadonlySet<string>, named: ReadonlyMap<string, string>): Settled {
    const overlay = new OverlayState(this.#options.state);
    const context = this.#options.context();
    const refused: RefusedTx[] = [];
    const settled = [];
    for (const [key, tx] of [...this.#waiting]) {
      const code = entered.has(key) ? null : (named.get(key) ?? this.#refusal(overlay, context, tx.env));
      if (code === undefined) continue;
      this.#waiting.delete(key);
      settled.push(tx.txId);
      if (code !== null) refused.push({ txId: tx.txId, seq: 0n, env: tx.env, code });
    }
    this.pending.replace(overlay);
    return { txIds: settled, refused, lastSeq: 0n, seqOf: () => 0n, displaced: NOTHING_DISPLACED };
  }

  /** As the sequencer says; what waits is applied anew if that is another order than the one of its coming. */
  #order(told: readonly AdmittedTx[]): void {
    const ordered = mergeInOrder(this.#waiting, new Map(told.map((tx) => [toHex(tx.txId), tx])));
    const before = [...this.#waiting.keys()];
    if ([...ordered.keys()].every((key, at) => key === before[at])) return;
    this.#waiting = ordered;
    const overlay = new OverlayState(this.#options.state);
    const context = this.#options.context();
    for (const { env } of ordered.values()) {
      const applied = apply(overlay, context, env);
      if (applied.kind === 'applied') overlay.absorb(applied);
    }
    this.pending.replace(overlay);
  }

  /** Undefined: it passes, or fails for a reason that time mends. */
  #refusal(overlay: OverlayState, context: ApplyContext, env: TxEnv): string | undefined {
    const applied = apply(overlay, context, env);
    if (applied.kind === 'rejected') return isTransient(applied.code) ? undefined : applied.code;
    overlay.absorb(applied);
    return undefined;
  }

  #add(env: TxEnv): Admission {
    const txId = txIdOf(env.body);
    const known = this.#waiting.get(toHex(txId));
    if (known !== undefined) return { kind: 'admitted', tx: known, isNew: false };
    if (this.#waiting.size >= MEMPOOL_LIMIT) return { kind: 'rejected', code: 'mempool_full' };
    const { overlay } = this.pending;
    const applied = apply(overlay, this.#options.context(), env);
    if (applied.kind === 'rejected') return { kind: 'rejected', code: applied.code };
    const judged = this.#options.judge?.(env) ?? null;
    if (judged !== null) return { kind: 'rejected', code: judged };
    overlay.absorb(applied);
    const tx = { txId, env };
    this.#waiting.set(toHex(txId), tx);
    return { kind: 'admitted', tx, isNew: true };
  }
}
