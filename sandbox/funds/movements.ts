/** Journal entries as movements from one pocket to another. A pocket is an account, or the part of it that waits for one thing: money on
 *  hold for an order, coming from a trade, leaving with a transfer. */

export type FundsPosting = { readonly line: number; readonly account: string; readonly pocket: string; readonly amountFen: bigint };
export type FundsEntry = {
  readonly entryId: bigint;
  readonly kind: string;
  readonly at: string;
  readonly tradeId: string | null;
  readonly orderId: string | null;
  readonly transferId: string | null;
  /** Number in the institution's own books; null while it has not booked the entry. */
  readonly providerNo: string | null;
  readonly postings: readonly FundsPosting[];
};

/** Where money leaves or enters a posting: the posting, and how much of it lies before. */
export type FundsPlace = { readonly line: number; readonly account: string; readonly pocket: string; readonly offset: bigint };
export type Movement = {
  readonly entry: FundsEntry;
  readonly from: FundsPlace;
  readonly to: FundsPlace;
  readonly amountFen: bigint;
};

export const movementKey = ({ entry, from, to }: Movement): string => `${entry.entryId}/${from.line}/${to.line}`;
export const placeKey = (entryId: bigint, line: number): string => `${entryId}/${line}`;

/** The mirror of the institution, fees, royalties and the guarantee fund: money arrives or begins there and is not followed through. */
export function isEnd(account: string): boolean {
  return account === 'provider' || account === 'fee' || account === 'guarantee' || account.startsWith('royalty:');
}

/** Debits meet credits in the order of their lines, so that every fen of an entry has one way. */
export function movementsOf(entry: FundsEntry): readonly Movement[] {
  const lines = [...entry.postings].sort((a, b) => a.line - b.line);
  const out = lines.filter(({ amountFen }) => amountFen < 0n);
  const into = lines.filter(({ amountFen }) => amountFen > 0n);
  const movements: Movement[] = [];
  let [i, j, spent, filled] = [0, 0, 0n, 0n];
  for (;;) {
    const [from, to] = [out[i], into[j]];
    if (from === undefined || to === undefined) return movements;
    const [left, room] = [-from.amountFen - spent, to.amountFen - filled];
    const amountFen = left < room ? left : room;
    movements.push({
      entry,
      from: { line: from.line, account: from.account, pocket: from.pocket, offset: spent },
      to: { line: to.line, account: to.account, pocket: to.pocket, offset: filled },
      amountFen,
    });
    spent += amountFen;
    filled += amountFen;
    if (amountFen === left) [i, spent] = [i + 1, 0n];
    if (amountFen === room) [j, filled] = [j + 1, 0n];
  }
}
