/** Tax that is assessed on a sale, shown where its money lies: in the seller's tax reserve, as far as one is kept (experiment X1), and of what
 *  nobody has moved yet a part of the proceeds that stay. */
import { addEdge, type Canvas, type Loose } from './draw.ts';

export type TaxDue = { readonly tradeId: string; readonly seller: string; readonly amountFen: bigint };

/** @returns what could not be set aside, because the proceeds have gone further */
export function setTaxAside(canvas: Canvas, dues: readonly TaxDue[]): bigint {
  let uncovered = 0n;
  for (const { tradeId, seller, amountFen } of dues) {
    let left = amountFen - keptOf(canvas, tradeId, seller);
    if (left <= 0n) continue;
    for (const node of placesOf(canvas, tradeId, seller)) {
      const covered = left < node.staysFen ? left : node.staysFen;
      if (covered === 0n) continue;
      node.staysFen -= covered;
      const reserve = canvas.node(node.level + 1, 'tax', seller);
      addEdge(canvas, node, reserve, { kind: 'tax_reserve', amountFen: covered, entries: [] });
      reserve.staysFen += covered;
      left -= covered;
    }
    uncovered += left;
  }
  return uncovered;
}

/** What lies in the reserve of this sale. */
function keptOf(canvas: Canvas, tradeId: string, seller: string): bigint {
  const ids = new Set(
    [...canvas.edges.values()]
      .filter(({ kind, entries }) => kind === 'reserve' && entries.some((entry) => entry.tradeId === tradeId))
      .map(({ to }) => to),
  );
  return [...ids].reduce((sum, id) => {
    const node = canvas.nodes.get(id);
    return node?.role === 'reserve' && node.acct === seller ? sum + node.staysFen : sum;
  }, 0n);
}

/** The seller's pockets that this trade has filled, as long as they hold it. */
function placesOf(canvas: Canvas, tradeId: string, seller: string): readonly Loose[] {
  const ids = [...canvas.edges.values()]
    .filter(({ kind, entries }) => (kind === 'trade' || kind === 'payout') && entries.some((entry) => entry.tradeId === tradeId))
    .map(({ to }) => to);
  return [...new Set(ids)].flatMap((id) => {
    const node = canvas.nodes.get(id);
    return node !== undefined && node.acct === seller && (node.role === 'coming' || node.role === 'available') ? [node] : [];
  });
}
