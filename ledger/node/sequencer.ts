/**
 * The one sequencer (`architecture.md` 3.5): groups of LedgerTx pass `apply` on the pending state one group after the other, are
 * stored with gap-free numbers in the caller's database transaction, and wait here for their block.
 */
import type postgres from 'postgres';
import type { StateLeaf } from '#ledger/codec/leaves.ts';
import { encodeTxEnv, type TxEnv } from '#ledger/codec/tx.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, toHex } from '#ledger/primitives/bytes.ts';
import type { Applied, ApplyContext } from '#ledger/state/applied.ts';
import { apply } from '#ledger/state/apply.ts';
import type { LedgerState } from '#ledger/state/ledger-state.ts';
import { isTransient } from '#ledger/tx/codes.ts';
import { txIdOf } from '#ledger/tx/ids.ts';
import type { Settled } from './consortium/tx-desk.ts';
import { displacedSerials } from './displaced.ts';
import { OverlayState } from './overlay-state.ts';
import { PendingView } from './pending-view.ts';
import type { Waiting } from './seal.ts';
import { SerialLock } from './serial-lock.ts';
import { insertSequenced } from './store/sequence.ts';
import type { DisplacedSerials, GroupResult, RefusedTx, SequencingGroup } from './types.ts';

/** No Trade is sequenced while an earlier LedgerTx has waited longer than this for Finality (6.1). */
const FINALITY_LATE_MS = 30_000n;
/** How long the outcome of a LedgerTx is remembered: no window is longer. */
const DAY_MS = 86_400_000n;

export interface SequencerOptions {
  readonly state: LedgerState;
  readonly lastSeq: bigint;
  readonly waiting: readonly Waiting[];
  readonly refused: readonly { readonly txId: Bytes; readonly code: string }[];
  /** Chain, configuration of the next height and the height itself. */
  readonly context: () => Omit<ApplyContext, 'now'>;
  /** Never below the newest `sealedAt`. */
  readonly now: () => bigint;
  /** LedgerTx stored after a place in the sequence: asked when the outcome of a commit is unknown. */
  readonly readStored: (afterSeq: bigint) => Promise<readonly Waiting[]>;
  /** Throws when the node must not sequence any more. */
  readonly assertRunning: () => void;
  /** Called with committed LedgerTx that begin to wait. */
  readonly onWaiting: (begun: readonly Waiting[]) => void;
}

interface Refusal {
  readonly code: string;
  readonly at: bigint;
}

export class Sequencer {
  readonly pending: PendingView;
  readonly #options: SequencerOptions;
  readonly #lock = new SerialLock();
  readonly #refused = new Map<string, Refusal>();
  readonly #seqs = new Map<string, bigint>();
  #waiting: Waiting[] = [];
  #lastSeq: bigint;
  #isOutcomeUnknown = false;

  constructor(options: SequencerOptions) {
    this.#options = options;
    this.#lastSeq = options.lastSeq;
    this.pending = new PendingView(new OverlayState(options.state));
    for (const { txId, code } of options.refused) this.#refused.set(toHex(txId), { code, at: options.now() });
    this.#waiting = [...options.waiting];
    for (const waiting of options.waiting) this.#seqs.set(toHex(waiting.txId), waiting.seq);
    this.rebase([]);
  }

  get waiting(): readonly Waiting[] {
    return this.#waiting;
  }

  get lastSeq(): bigint {
    return this.#lastSeq;
  }

  /** Place in the sequence of a LedgerTx that waits; null when it does not. */
  seqOf(txId: Uint8Array): bigint | null {
    return this.#seqs.get(toHex(txId)) ?? null;
  }

  /** It waits, is in a block, or was refused. */
  isKnown(env: TxEnv): boolean {
    const txId = txIdOf(env.body);
    const { seq, refusedCode } = this.#known(txId);
    return seq !== null || refusedCode !== null || this.#options.state.hasTx(txId);
  }

  /** One that waits. */
  envOf(txId: Uint8Array): TxEnv | null {
    const seq = this.#seqs.get(toHex(txId));
    return seq === undefined ? null : (this.#waiting.find((each) => each.seq === seq)?.env ?? null);
  }

  /** Runs between two groups, never inside one. */
  between<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#lock.run(work);
  }

  runGroup<T>(work: (group: SequencingGroup) => Promise<T>): Promise<T> {
    return this.#lock.run(async () => {
      this.#options.assertRunning();
      if (this.#isOutcomeUnknown) await this.#resolveOutcome();
      const { overlay } = this.pending;
      const group = new Group(overlay, this.#options, this.#lastSeq, (txId) => this.#known(txId), this.#oldestAt());
      overlay.begin();
      try {
        const result = await work(group);
        group.assertComplete();
        overlay.commit();
        for (const waiting of group.applied) this.#enqueue(waiting);
        if (group.applied.length > 0) this.#options.onWaiting(group.applied);
        return result;
      } catch (error) {
        group.rollbackAll();
        overlay.rollback();
        // The commit may have reached the disk although its answer did not reach us.
        if (group.isPersisted) this.#isOutcomeUnknown = true;
        throw error;
      }
    });
  }

  /**
   * After a block that changed these leaves: forgets what it decided and applies the rest anew on the certified state. Only `between`
   * groups. @returns what stands otherwise than sequencing told
   */
  rebase(refused: readonly RefusedTx[], decided = 0, changed: readonly StateLeaf[] = []): DisplacedSerials {
    const now = this.#options.now();
    const before = this.pending.overlay;
    for (const each of this.#waiting.slice(0, decided)) this.#seqs.delete(toHex(each.txId));
    this.#waiting = this.#waiting.slice(decided);
    for (const { txId, code } of refused) this.#refused.set(toHex(txId), { code, at: now });
    for (const [key, refusal] of this.#refused) if (refusal.at + DAY_MS < now) this.#refused.delete(key);
    const overlay = new OverlayState(this.#options.state);
    const context = { ...this.#options.context(), now };
    for (const { env } of this.#waiting) {
      const applied = apply(overlay, context, env);
      // One that no longer passes keeps its place: the next block refuses it and says why.
      if (applied.kind === 'applied') overlay.absorb(applied);
    }
    this.pending.replace(overlay);
    return displacedSerials(before, overlay, changed, now);
  }

  /**
   * After a block of the consortium, which may hold LedgerTx of the sequence in any order: forgets those it holds and those that were
   * refused, and applies the rest anew. Only `between` groups. `named`: refused by the rounds, code by txId in hex. `changed`: leaves that
   * the block changed.
   */
  settle(entered: ReadonlySet<string>, named: ReadonlyMap<string, string>, changed: readonly StateLeaf[]): Settled {
    const now = this.#options.now();
    const before = this.pending.overlay;
    const context = { ...this.#options.context(), now };
    const overlay = new OverlayState(this.#options.state);
    const seqs = new Map(this.#seqs);
    const kept: Waiting[] = [];
    const refused: RefusedTx[] = [];
    const txIds: Bytes[] = [];
    for (const waiting of this.#waiting) {
      const key = toHex(waiting.txId);
      const code = entered.has(key) ? null : (named.get(key) ?? refusalNow(overlay, context, waiting.env));
      if (code === undefined) {
        kept.push(waiting);
        continue;
      }
      this.#seqs.delete(key);
      txIds.push(waiting.txId);
      if (code === null) continue;
      refused.push({ txId: waiting.txId, seq: waiting.seq, env: waiting.env, code });
      this.#refused.set(key, { code, at: now });
    }
    this.#waiting = kept;
    this.pending.replace(overlay);
    const [first] = kept;
    return {
      txIds,
      refused,
      lastSeq: first === undefined ? this.#lastSeq : first.seq - 1n,
      seqOf: (txId) => seqs.get(toHex(txId)) ?? 0n,
      displaced: displacedSerials(before, overlay, changed, now),
    };
  }

  #enqueue(waiting: Waiting): void {
    assert(waiting.seq === this.#lastSeq + 1n, 'the sequence has no gap');
    this.#waiting.push(waiting);
    this.#seqs.set(toHex(waiting.txId), waiting.seq);
    this.#refused.delete(toHex(waiting.txId));
    this.#lastSeq = waiting.seq;
  }

  #oldestAt(): bigint | null {
    return this.#waiting[0]?.sequencedAt ?? null;
  }

  #known(txId: Bytes): { readonly seq: bigint | null; readonly refusedCode: string | null } {
    const key = toHex(txId);
    return { seq: this.#seqs.get(key) ?? null, refusedCode: this.#refused.get(key)?.code ?? null };
  }

  async #resolveOutcome(): Promise<void> {
    const stored = await this.#options.readStored(this.#lastSeq);
    for (const waiting of stored) this.#enqueue(waiting);
    this.rebase([]);
    this.#isOutcomeUnknown = false;
    if (stored.length > 0) this.#options.onWaiting(stored);
  }
}

/** Undefined: it passes, or fails for a reason that time mends and keeps its place. */
function refusalNow(overlay: OverlayState, context: ApplyContext, env: TxEnv): string | undefined {
  const applied = apply(overlay, context, env);
  if (applied.kind === 'rejected') return isTransient(applied.code) ? undefined : applied.code;
  overlay.absorb(applied);
  return undefined;
}

type Lookup = (txId: Bytes) => { readonly seq: bigint | null; readonly refusedCode: string | null };

class Group implements SequencingGroup {
  readonly now: bigint;
  readonly isFinalityLate: boolean;
  readonly #overlay: OverlayState;
  readonly #context: ApplyContext;
  readonly #firstSeq: bigint;
  readonly #lookup: Lookup;
  readonly #marks: number[] = [];
  #applied: Waiting[] = [];
  #isPersisted = false;

  constructor(overlay: OverlayState, options: SequencerOptions, lastSeq: bigint, lookup: Lookup, oldestAt: bigint | null) {
    this.now = options.now();
    this.#overlay = overlay;
    this.#context = { ...options.context(), now: this.now };
    this.#firstSeq = lastSeq + 1n;
    this.#lookup = lookup;
    this.isFinalityLate = oldestAt !== null && this.now - oldestAt > FINALITY_LATE_MS;
  }

  get pending(): OverlayState {
    return this.#overlay;
  }

  get applied(): readonly Waiting[] {
    return this.#applied;
  }

  get isPersisted(): boolean {
    return this.#isPersisted;
  }

  savepoint(): void {
    this.#overlay.begin();
    this.#marks.push(this.#applied.length);
  }

  rollbackTo(): void {
    const mark = this.#marks.pop();
    assert(mark !== undefined, 'a savepoint is set');
    this.#overlay.rollback();
    this.#applied = this.#applied.slice(0, mark);
  }

  release(): void {
    assert(this.#marks.pop() !== undefined, 'a savepoint is set');
    this.#overlay.commit();
  }

  apply(env: TxEnv): GroupResult {
    return this.#place(env, this.#lookup(txIdOf(env.body)).refusedCode);
  }

  applyAgain(env: TxEnv): GroupResult {
    return this.#place(env, null);
  }

  #place(env: TxEnv, refusedBefore: string | null): GroupResult {
    assert(!this.#isPersisted, 'a group is stored after its last LedgerTx');
    const code = refusedBefore ?? this.#refuseEarly(env);
    if (code !== null) return { kind: 'rejected', code };
    const applied = apply(this.#overlay, this.#context, env);
    if (applied.kind === 'rejected') return applied.code === 'tx_replayed' ? this.#replayed(env) : applied;
    this.#overlay.absorb(applied);
    const seq = this.#firstSeq + BigInt(this.#applied.length);
    this.#applied.push({ seq, txId: applied.txId, env, sequencedAt: this.now });
    return { kind: 'sequenced', txId: applied.txId, seq, effects: applied.effects, replayed: false, ...byRegister(applied) };
  }

  async persist(sql: postgres.TransactionSql): Promise<void> {
    assert(!this.#isPersisted, 'a group is stored once');
    this.#isPersisted = true;
    await insertSequenced(
      sql,
      this.#applied.map(({ seq, txId, env, sequencedAt }) => ({ seq, txId, env: encodeTxEnv(env), sequencedAt })),
    );
  }

  /** A caller that forgets to store would answer for LedgerTx that a restart loses. */
  assertComplete(): void {
    assert(this.#marks.length === 0, 'every savepoint of a group has ended');
    assert(this.#isPersisted || this.#applied.length === 0, 'a group with LedgerTx is stored');
  }

  rollbackAll(): void {
    while (this.#marks.length > 0) this.rollbackTo();
  }

  /** What sequencing asks beyond `apply` (6.1): validity must outlast a stall, and Trades do not pile up behind a late Finality. */
  #refuseEarly(env: TxEnv): string | null {
    const { op, notAfter } = env.body;
    const needed = this.now + BigInt(this.#context.config.limits.stallMs);
    if (notAfter > this.now && notAfter < needed) return 'expired';
    if (op.kind !== 'trade') return null;
    if (this.isFinalityLate) return 'finality_late';
    return [op.sell, op.buy].some(({ order }) => order.notAfter > this.now && order.notAfter < needed) ? 'order_expired' : null;
  }

  #replayed(env: TxEnv): GroupResult {
    const txId = txIdOf(env.body);
    const here = this.#applied.find((each) => toHex(each.txId) === toHex(txId));
    const seq = here?.seq ?? this.#lookup(txId).seq ?? 0n;
    return { kind: 'sequenced', txId, seq, effects: [], items: [], accounts: [], classes: [], orders: [], records: [], replayed: true };
  }
}

function byRegister({ leaves }: Applied) {
  return {
    items: leaves.flatMap((state) => (state.reg === 1 ? [state.leaf] : [])),
    accounts: leaves.flatMap((state) => (state.reg === 2 ? [state.leaf] : [])),
    classes: leaves.flatMap((state) => (state.reg === 3 ? [state.leaf] : [])),
    orders: leaves.flatMap((state) => (state.reg === 4 ? [state.leaf] : [])),
    records: leaves.flatMap((state) => (state.reg === 5 ? [state.leaf] : [])),
  };
}
