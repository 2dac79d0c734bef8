/**
 * A kind's book as a page keeps it (product P-15): a snapshot with a number, then changes by number. Pure. A number that is missing makes the
 * page ask for a new snapshot; what came meanwhile is kept and applied where its turn is, whatever the order in which it came.
 */
import type { Depth, DepthDelta, DepthLevel, LevelChange } from '#server/trpc/views.ts';

export type DepthState = {
  readonly book: Depth | null;
  /** Changes whose turn has not come, by number. */
  readonly ahead: readonly DepthDelta[];
  /** A new snapshot is needed. What is shown is of `book` until then. */
  readonly isMissing: boolean;
};

export const NO_DEPTH: DepthState = { book: null, ahead: [], isMissing: true };

/** A page that cannot have a snapshot does not gather for ever. */
const MOST_AHEAD = 1_000;

type Numbered = Pick<DepthDelta, 'bookId' | 'bookSeq'>;

export function takeSnapshot(state: DepthState, book: Depth): DepthState {
  // An answer that was overtaken by changes is older than what is here.
  return settle(state.book !== null && compare(book, state.book) < 0 ? state.book : book, state.ahead);
}

export function takeDelta(state: DepthState, delta: DepthDelta): DepthState {
  const { book, ahead } = state;
  if (book !== null && compare(delta, book) <= 0) return state;
  if (ahead.some((known) => compare(known, delta) === 0)) return state;
  return settle(book, [...ahead, delta].sort(compare).slice(0, MOST_AHEAD));
}

/** The server has given up the book: numbers of it will not come any more. */
export function takeClosed(state: DepthState, bookId: number): DepthState {
  return state.book !== null && state.book.bookId > bookId ? state : { ...state, isMissing: true };
}

/** After a lost connection: what came in between is unknown. */
export function takeLost(state: DepthState): DepthState {
  return { ...state, isMissing: true };
}

function settle(from: Depth | null, ahead: readonly DepthDelta[]): DepthState {
  let book = from;
  let rest = ahead;
  for (;;) {
    const [next] = rest;
    if (book === null || next === undefined) return { book, ahead: rest, isMissing: book === null };
    if (compare(next, book) > 0) {
      if (next.bookId !== book.bookId || next.bookSeq !== book.bookSeq + 1) return { book, ahead: rest, isMissing: true };
      book = applied(book, next);
    }
    rest = rest.slice(1);
  }
}

/** Books by age, then by number. */
function compare(one: Numbered, other: Numbered): number {
  return one.bookId - other.bookId || one.bookSeq - other.bookSeq;
}

function applied(book: Depth, { bookSeq, height, changes }: DepthDelta): Depth {
  return { ...book, bookSeq, height, sell: levelsOf(book.sell, changes, 'sell'), buy: levelsOf(book.buy, changes, 'buy') };
}

function levelsOf(before: readonly DepthLevel[], changes: readonly LevelChange[], side: LevelChange['side']): readonly DepthLevel[] {
  const own = changes.filter((change) => change.side === side);
  if (own.length === 0) return before;
  const levels = new Map<string, Omit<DepthLevel, 'cumulative'>>(before.map((level) => [level.priceFen, level]));
  for (const { priceFen, count, quantity } of own) {
    if (count === 0) levels.delete(priceFen);
    else levels.set(priceFen, { priceFen, count, quantity });
  }
  let cumulative = 0;
  return [...levels.values()].sort(bestFirst(side)).map(({ priceFen, count, quantity }) => {
    cumulative += quantity;
    return { priceFen, count, quantity, cumulative };
  });
}

function bestFirst(side: LevelChange['side']) {
  const sign = side === 'sell' ? 1 : -1;
  return (one: { readonly priceFen: string }, other: { readonly priceFen: string }): number =>
    BigInt(one.priceFen) < BigInt(other.priceFen) ? -sign : sign;
}
