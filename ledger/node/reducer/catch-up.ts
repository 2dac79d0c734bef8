/** A member that is behind asks for certified blocks until it is not (`ledger.md` 11). Sources are untrusted: every Finality is verified. */
import type { BlockBody, CertifiedBlock } from '#ledger/codec/peer-body.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { headerHash } from '#ledger/tx/ids.ts';
import type { Turn } from './turn.ts';
import { noteFinality, RETRY_MS } from './vote.ts';

/** Blocks kept ahead of the one that is being stored. */
const MAX_QUEUE = 1024;

/** Somebody has shown that this height is final. Whether it is, the block itself will say. */
export function noteHeight(turn: Turn, height: bigint): void {
  const { catchUp } = turn.state;
  if (height <= catchUp.target) return;
  turn.set({ catchUp: { ...catchUp, target: height } });
  askBlocks(turn);
}

export function isBehind(turn: Turn): boolean {
  return turn.state.catchUp.queue.length > 0 || turn.state.catchUp.target > turn.state.tip.header.height;
}

/** Asks one member after the other. A height that nobody can show is forgotten after each has been asked twice. */
export function askBlocks(turn: Turn): void {
  const { catchUp, tip } = turn.state;
  if (catchUp.target <= tip.header.height || catchUp.queue.length > 0 || turn.round.isStoring) return;
  if (turn.now - catchUp.askedAt < RETRY_MS) return;
  const others = turn.round.config.members.map((member) => member.id).filter((id) => id !== turn.ground.self);
  const next = others[catchUp.turn % Math.max(others.length, 1)];
  if (next === undefined) return;
  if (catchUp.turn >= 2 * others.length) {
    turn.set({ catchUp: { ...catchUp, target: tip.header.height, turn: 0 } });
    return;
  }
  turn.set({ catchUp: { ...catchUp, askedAt: turn.now, turn: catchUp.turn + 1 } });
  turn.send(next, { kind: 'sync_ask', from: tip.header.height + 1n });
}

export function noteBlocks(turn: Turn, blocks: readonly CertifiedBlock[]): void {
  const { catchUp, tip } = turn.state;
  const above = blocks.filter((block) => block.header.height > tip.header.height);
  if (above.length === 0 || catchUp.queue.length > 0) return;
  turn.set({ catchUp: { ...catchUp, queue: above.slice(0, MAX_QUEUE), turn: 0 } });
  nextBlock(turn);
}

/** Offers the first of the queue as a Finality with its body; whatever does not hold is dropped with all that follows it. */
export function nextBlock(turn: Turn): void {
  const { catchUp } = turn.state;
  const [first, ...queue] = catchUp.queue;
  if (first === undefined) {
    askBlocks(turn);
    return;
  }
  if (turn.round.isStoring) return;
  turn.set({ catchUp: { ...catchUp, queue: first.header.height === turn.round.height ? queue : [] } });
  if (first.header.height !== turn.round.height) return;
  const body: BlockBody = { header: first.header, entries: first.entries };
  const key = toHex(headerHash(first.header));
  const known = turn.round.bodies.get(key);
  turn.setRound({ bodies: new Map([...turn.round.bodies, [key, known ?? body]]) });
  noteFinality(turn, first);
  if (!turn.round.isStoring) turn.set({ catchUp: { ...turn.state.catchUp, queue: [] } });
}

/** A newer epoch is in force elsewhere. */
export function askRecovery(turn: Turn): void {
  if (turn.now - turn.state.timers.recoveryAskedAt < RETRY_MS) return;
  turn.setTimer({ recoveryAskedAt: turn.now });
  turn.alert('epoch_unknown', { epoch: turn.round.epoch });
  turn.sendAll({ kind: 'recovery_ask', above: turn.state.recoveries.at(-1)?.newEpoch ?? 0 });
}
