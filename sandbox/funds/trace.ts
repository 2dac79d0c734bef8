/** A whole tracing as a conversation: it says which pieces it looks at, is given their positions, and ends with a graph. The server answers
 *  from its tables, a test from a journal in memory. */
import { type Canvas, drawFunds } from './draw.ts';
import { type Direction, followStep, openPieces, type Piece, type Positions, seedPieces, seedTest, staysFen } from './follow.ts';
import type { Movement } from './movements.ts';

export type FundsQuestion = {
  readonly seeds: readonly Movement[];
  /** Steps on each side of where the question begins. */
  readonly back: number;
  readonly forth: number;
  /** A person is one node: what came to them is traced back, what left them forth. */
  readonly person: string | null;
};
export type FundsLook = { readonly pieces: readonly Piece[]; readonly direction: Direction };

const acctOf = (account: string): string | null => account.split(':')[1] ?? null;

export function* traceFunds({ seeds, back, forth, person }: FundsQuestion): Generator<FundsLook, Canvas, Positions> {
  const isSeed = seedTest(seeds);
  const came = person === null ? [] : seeds.filter(({ to }) => acctOf(to.account) === person);
  const left = person === null ? seeds : seeds.filter(({ from }) => acctOf(from.account) === person);
  const stays = new Map<Piece, bigint>();
  const [again, onward] = [new Map<Piece, bigint>(), new Map<Piece, bigint>()];

  function* walk(first: readonly Piece[], direction: Direction, steps: number): Generator<FundsLook, readonly Piece[], Positions> {
    const all: Piece[] = [...first];
    let front = first;
    for (let step = 0; front.length > 0; step += 1) {
      const positions = openPieces(front, direction).length === 0 ? null : yield { pieces: openPieces(front, direction), direction };
      if (direction === 'forth')
        for (const piece of front) stays.set(piece, positions === null ? piece.length : staysFen(piece, positions));
      if (positions === null || step >= steps) return all;
      const { next, againFen } = followStep(front, direction, positions, isSeed);
      for (const [piece, fen] of againFen) (direction === 'forth' ? onward : again).set(piece, fen);
      all.push(...next);
      front = next;
    }
    return all;
  }

  // What came to a person lies one step before them and is not looked at from there again.
  const forthPieces = yield* walk(seedPieces(left, 0), 'forth', forth);
  const first = seedPieces(person === null ? seeds : came, person === null ? 0 : 1);
  const backPieces = yield* walk(first, 'back', back);
  const drawn = person === null ? backPieces.slice(first.length) : backPieces;
  return drawFunds({ back: drawn, forth: forthPieces, staysFen: stays, againFen: again, onwardFen: onward, person });
}

/** Answers every look from what is in memory. */
export function traceInMemory(question: FundsQuestion, positions: Positions): Canvas {
  const looks = traceFunds(question);
  for (let look = looks.next(); ; look = looks.next(positions)) if (look.done === true) return look.value;
}
