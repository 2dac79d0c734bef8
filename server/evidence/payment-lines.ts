/** Which lines of the payment institution's statement are about one trade. Pure. */
import type { AccountId } from '#ledger/primitives/ids.ts';
import type { StatementLine } from '#server/payments/provider.ts';

export type PaidTrade = {
  readonly seller: AccountId;
  readonly buyer: AccountId;
  readonly studio: AccountId;
  readonly grossFen: bigint;
  readonly feeFen: bigint;
  readonly royaltyFen: bigint;
  readonly netFen: bigint;
};
export type PaidAmounts = Pick<PaidTrade, 'grossFen' | 'feeFen' | 'royaltyFen'>;

/** What the lines of the trade's own instruction add up to, for its three payees. */
export function amountsOf(trade: Pick<PaidTrade, 'seller' | 'buyer' | 'studio'>, lines: readonly StatementLine[]): PaidAmounts {
  const settled = lines.filter(({ kind }) => kind === 'trade');
  const sum = (wanted: (line: StatementLine) => boolean): bigint =>
    settled.reduce((total, line) => (wanted(line) ? total + line.amountFen : total), 0n);
  const parties: readonly string[] = [trade.seller, trade.buyer, trade.studio];
  return {
    grossFen: -sum(({ ref, amountFen }) => ref === trade.buyer && amountFen < 0n),
    feeFen: sum(({ ref }) => !parties.includes(ref)),
    royaltyFen: trade.studio === trade.seller ? 0n : sum(({ ref }) => ref === trade.studio),
  };
}

/**
 * Of a sale that a former operator settled: its numbers of instructions went with it, so the one instruction is looked for that paid these people
 * these amounts. Null where there is none, or more than one: then nobody can say which it was.
 */
export function findFormerLines(trade: PaidTrade, statement: readonly StatementLine[]): readonly StatementLine[] | null {
  const bySource = Map.groupBy(
    statement.filter(({ kind }) => kind === 'trade'),
    ({ source }) => source,
  );
  const fitting = [...bySource.values()].filter((lines) => isPaidBy(trade, lines));
  return fitting.length === 1 ? (fitting[0] ?? null) : null;
}

function isPaidBy(trade: PaidTrade, lines: readonly StatementLine[]): boolean {
  const { grossFen, feeFen, royaltyFen } = amountsOf(trade, lines);
  const seller = lines.reduce((sum, { ref, amountFen }) => (ref === trade.seller ? sum + amountFen : sum), 0n);
  const due = trade.studio === trade.seller ? trade.netFen + trade.royaltyFen : trade.netFen;
  return (
    grossFen === trade.grossFen &&
    feeFen === trade.feeFen &&
    (trade.studio === trade.seller || royaltyFen === trade.royaltyFen) &&
    seller === due
  );
}
