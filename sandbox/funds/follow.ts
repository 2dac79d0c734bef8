/**
 * Follows money through pockets, first in first out: the fen that have gone through a pocket are numbered in the order in which they came,
 * and leave in that order. What came as number 500 to 799 therefore leaves with whatever takes numbers 500 to 799; sums can't be lost or
 * counted twice, in either direction.
 */
import { isEnd, type Movement, movementKey, placeKey } from './movements.ts';

export type Direction = 'back' | 'forth';
/** Part of a movement. Depth 0 is where the question begins. */
export type Piece = { readonly movement: Movement; readonly start: bigint; readonly length: bigint; readonly depth: number };

/** Of the pockets that a front touches: where each posting begins in its pocket, and how much has left it so far. */
export type Positions = {
  readonly at: ReadonlyMap<string, bigint>;
  readonly spentFen: ReadonlyMap<string, bigint>;
  /** Every movement that may be a continuation, and more. */
  readonly movements: readonly Movement[];
};

export type Step = {
  readonly next: readonly Piece[];
  /** By piece of the front: what leads to or comes from where the question began itself, and is shown there. */
  readonly againFen: ReadonlyMap<Piece, bigint>;
};

type Reach = { readonly piece: Piece; readonly low: bigint; readonly high: bigint };

/** Pieces whose other end is looked at next. */
export function openPieces(front: readonly Piece[], direction: Direction): readonly Piece[] {
  return front.filter((piece) => !isEnd(endOf(piece, direction).account));
}
export function endOf({ movement }: Piece, direction: Direction) {
  return direction === 'forth' ? movement.to : movement.from;
}

/** Where a piece lies in the pocket at its end. */
export function reachOf(piece: Piece, direction: Direction, positions: Positions): Reach {
  const end = endOf(piece, direction);
  const at = positions.at.get(placeKey(piece.movement.entry.entryId, end.line));
  if (at === undefined) throw new Error(`the positions leave out ${end.pocket}`);
  const low = at + end.offset + piece.start;
  return { piece, low, high: low + piece.length };
}

export function followStep(
  front: readonly Piece[],
  direction: Direction,
  positions: Positions,
  isSeed: (movement: Movement) => boolean,
): Step {
  const reaches = new Map<string, Reach[]>();
  for (const piece of openPieces(front, direction)) {
    const { pocket } = endOf(piece, direction);
    reaches.set(pocket, [...(reaches.get(pocket) ?? []), reachOf(piece, direction, positions)]);
  }
  const next: Piece[] = [];
  const againFen = new Map<Piece, bigint>();
  for (const movement of positions.movements) {
    const side = direction === 'forth' ? movement.from : movement.to;
    const at = positions.at.get(placeKey(movement.entry.entryId, side.line));
    const found = reaches.get(side.pocket);
    if (at === undefined || found === undefined) continue;
    const low = at + side.offset;
    for (const { piece, low: from, high: to } of found) {
      const [start, end] = [from > low ? from : low, to < low + movement.amountFen ? to : low + movement.amountFen];
      if (start >= end) continue;
      if (isSeed(movement)) againFen.set(piece, (againFen.get(piece) ?? 0n) + end - start);
      else next.push({ movement, start: start - low, length: end - start, depth: piece.depth + 1 });
    }
  }
  return { next, againFen };
}

/** What of a front has not left its pocket. */
export function staysFen(piece: Piece, positions: Positions): bigint {
  if (isEnd(piece.movement.to.account)) return piece.length;
  const { low, high } = reachOf(piece, 'forth', positions);
  const spent = positions.spentFen.get(piece.movement.to.pocket) ?? 0n;
  if (spent >= high) return 0n;
  return spent <= low ? piece.length : high - spent;
}

export function seedPieces(movements: readonly Movement[], depth: number): readonly Piece[] {
  return movements.map((movement) => ({ movement, start: 0n, length: movement.amountFen, depth }));
}
export function seedTest(movements: readonly Movement[]): (movement: Movement) => boolean {
  const keys = new Set(movements.map(movementKey));
  return (movement) => keys.has(movementKey(movement));
}
