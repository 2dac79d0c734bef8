/** Tax that is assessed on a sale and not moved by anybody yet, shown where the proceeds still lie: a part of what stays is set aside. */
import { addEdge, type Canvas, type Loose } from './draw.ts';

export type TaxDue = { readonly tradeId: string; readonly seller: string; readonly amountFen: bigint };

/** @returns what could not be set aside, because the proceeds have gone further */
export function setTaxAside(canvas: Canvas, dues: readonly TaxDue[]): bigint {
  let uncovered = 0n;
  for (const { tradeId, seller, amountFen } of dues) {
    let left = amountFen;
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
