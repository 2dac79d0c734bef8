/** LedgerTx on their way into a block: the mempool, SubmitPromises, and a leader that leaves them lying (`ledger.md` 10.6). */

import type { SubmitPromise } from '#ledger/codec/header.ts';
import type { BlockBody } from '#ledger/codec/peer-body.ts';
import { encodeEntry } from '#ledger/codec/tx.ts';
import { type Bytes, toHex } from '#ledger/primitives/bytes.ts';
import { txIdOf } from '#ledger/tx/ids.ts';
import { follow, giveUp } from './campaign.ts';
import type { AdmittedTx, MemberEvent } from './events.ts';
import { proposeIfDue } from './lead.ts';
import type { PendingTx } from './state.ts';
import type { Turn } from './turn.ts';
import { mergeInOrder, slicesInOrder } from './tx-order.ts';

const PROMISE_MS = 60_000n;
/** No entry is longer (`ledger.md` appendix C), so that a leader stops filling its block at the latest with so much room left. */
const LARGEST_ENTRY = 1 << 16;
/** With LedgerTx waiting and no new slot for so long, any member may remove the leader's key. */
export const STALL_MS = 15_000n;
/** A LedgerTx that is still here is pushed again: the message may have been lost. */
const PUSH_AGAIN_MS = 5_000n;

export function admit(turn: Turn, event: Extract<MemberEvent, { kind: 'txs_admitted' }>): void {
  const { mempool } = turn.state;
  const fresh = event.txs.filter((tx) => !mempool.has(toHex(tx.txId)));
  const isLocal = event.origin === 'local';
  const waiting = (tx: AdmittedTx) => [toHex(tx.txId), { ...tx, since: turn.now, sentAt: isLocal ? turn.now : null }] as const;
  const isOrder = event.origin === 'sequencer';
  turn.set({ mempool: isOrder ? mergeInOrder(mempool, new Map(event.txs.map(waiting))) : new Map([...mempool, ...fresh.map(waiting)]) });
  // After the last that waited: whoever has that one knows where these belong.
  const [last] = isLocal ? [...mempool.values()].slice(-1) : [];
  if (isLocal) push(turn, last === undefined || last.sentAt === null ? fresh : [last, ...fresh]);
  if (event.wantsPromise) for (const tx of event.txs) promise(turn, tx);
  proposeIfDue(turn);
}

function push(turn: Turn, txs: readonly AdmittedTx[]): void {
  for (const envs of slicesInOrder(txs.map((tx) => tx.env))) turn.sendAll({ kind: 'mempool', envs });
}

/** All of it, in order: a member that lost a message, or was not there yet, would else keep the later before the earlier. */
export function pushAgain(turn: Turn): void {
  const ours = [...turn.state.mempool.values()].filter((tx) => tx.sentAt !== null);
  if (!ours.some((tx) => tx.sentAt !== null && turn.now - tx.sentAt >= PUSH_AGAIN_MS)) return;
  const mempool = new Map(turn.state.mempool);
  for (const tx of ours) mempool.set(toHex(tx.txId), { ...tx, sentAt: turn.now });
  turn.set({ mempool });
  push(turn, ours);
}

/** Record first: a promise that was given is kept in mind over a restart. */
function promise(turn: Turn, { txId }: AdmittedTx): void {
  if (turn.state.standing.kind === 'halted') return;
  const key = toHex(txId);
  const known = turn.state.promises.get(key);
  const by = known?.by ?? turn.moment.clock + PROMISE_MS;
  const record = { kind: 'promise', promise: { txId, by, member: turn.ground.self } } as const;
  if (known?.isStored === true) {
    turn.emit({ kind: 'sign', record });
    return;
  }
  turn.set({ promises: new Map([...turn.state.promises, [key, { txId, by, isStored: false }]]) });
  turn.emit({ kind: 'store_record', record });
}

export function promiseStored(turn: Turn, given: SubmitPromise): void {
  const key = toHex(given.txId);
  const { promises } = turn.state;
  if (promises.has(key)) turn.set({ promises: new Map([...promises, [key, { txId: given.txId, by: given.by, isStored: true }]]) });
  turn.emit({ kind: 'sign', record: { kind: 'promise', promise: given } });
}

/**
 * Promised LedgerTx past their time that this block has to hold. A full block can't hold all that waits after a long stop: one that takes
 * what waited as long is no breach, else members with promises further down the queue would refuse every block for ever. What came later
 * may stand before it in the queue of an honest leader too, so that for one height a full block is refused once for each member that may
 * lead, and then passes: a leader that fills blocks to keep one out pays with its term each time.
 */
export function leftBehind(turn: Turn, { header, entries }: BlockBody): readonly PendingTx[] {
  const { state, round, moment } = turn;
  const { blockTx, blockBytes } = round.config.limits;
  const bytes = entries.reduce((sum, entry) => sum + encodeEntry(entry).length, 0);
  const isFull = header.txCount >= blockTx || bytes + LARGEST_ENTRY > blockBytes;
  const overdue = [...state.promises.values()]
    .filter((promise) => promise.by < moment.clock)
    .flatMap((promise) => state.mempool.get(toHex(promise.txId)) ?? []);
  if (!isFull) return overdue;
  if (round.overdueRefusals >= round.config.members.length) return [];
  return overdue.filter(({ since }) => {
    const deadline = since + PROMISE_MS;
    return entries.some((entry) => (state.mempool.get(toHex(txIdOf(entry.env.body)))?.since ?? turn.now) > deadline);
  });
}

/** LedgerTx that are in a block, or never will be. */
export function settle(turn: Turn, settled: readonly Bytes[]): void {
  const mempool = new Map(turn.state.mempool);
  const promises = new Map(turn.state.promises);
  for (const txId of settled) {
    mempool.delete(toHex(txId));
    promises.delete(toHex(txId));
  }
  for (const [key, tx] of mempool) if (tx.env.body.notAfter <= turn.state.tip.header.sealedAt) mempool.delete(key);
  for (const key of promises.keys()) if (!mempool.has(key)) promises.delete(key);
  turn.set({ mempool, promises });
}

/** Since when LedgerTx wait without a new slot; `null` while none wait. */
export function stalledSince(turn: Turn): bigint | null {
  const [first] = turn.state.mempool.values();
  if (first === undefined) return null;
  return first.since > turn.state.progressAt ? first.since : turn.state.progressAt;
}

/**
 * A stalled chain is not yet a stalled leader: whoever leads now may have begun a moment ago. A term is removed, or given up, when it
 * has been known for as long itself.
 */
export function askWhoStalls(turn: Turn): void {
  const since = stalledSince(turn);
  const { timers, leading } = turn.state;
  if (since === null || turn.now - since < STALL_MS || turn.now - timers.stallReadAt < STALL_MS / 3n) return;
  if (leading.kind === 'campaign') return;
  turn.setTimer({ stallReadAt: turn.now });
  if (leading.kind === 'sync' || leading.kind === 'lead') {
    if (isTermStalled(turn, leading.term)) giveUp(turn);
    return;
  }
  turn.emit({ kind: 'read_engine', purpose: 'stall', epoch: turn.round.epoch, height: turn.round.height });
}

/** Notes a term that is seen for the first time while the chain stands still. */
function isTermStalled(turn: Turn, term: bigint): boolean {
  const { stalled } = turn.state;
  if (stalled === null || stalled.term !== term || stalled.height !== turn.round.height) {
    turn.set({ stalled: { term, height: turn.round.height, since: turn.now } });
    return false;
  }
  return turn.now - stalled.since >= STALL_MS;
}

/** The engine knows a leader and no slot: the leader's key goes, and candidates come in their order. */
export function removeLeader(turn: Turn, term: bigint): void {
  if (term === 0n || turn.state.leading.kind !== 'follow' || !isTermStalled(turn, term)) return;
  turn.alert('leader_removed', { term, height: turn.round.height, waiting: turn.state.mempool.size });
  turn.emit({ kind: 'resign', term });
  follow(turn, 0n);
}
