/** Positions of a whole journal in memory. The server reads the same from its tables, for the pockets that it needs. */
import type { Positions } from './follow.ts';
import { type FundsEntry, movementsOf, placeKey } from './movements.ts';

export function positionsOf(entries: readonly FundsEntry[]): Positions {
  const at = new Map<string, bigint>();
  const [came, left] = [new Map<string, bigint>(), new Map<string, bigint>()];
  const inOrder = [...entries].sort((a, b) => (a.entryId < b.entryId ? -1 : 1));
  for (const { entryId, postings } of inOrder) {
    for (const { line, pocket, amountFen } of [...postings].sort((a, b) => a.line - b.line)) {
      const [side, size] = amountFen > 0n ? [came, amountFen] : [left, -amountFen];
      const before = side.get(pocket) ?? 0n;
      at.set(placeKey(entryId, line), before);
      side.set(pocket, before + size);
    }
  }
  return { at, spentFen: left, movements: inOrder.flatMap(movementsOf) };
}
