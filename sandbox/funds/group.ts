/** Beyond so many nodes no eye follows: the smaller ones of a step and role become one, and all sums stay. */
import type { FundsEdge, FundsGraph, FundsNode } from './draw.ts';

export const MOST_NODES = 200;
const SUMS = ['inFen', 'outFen', 'earlierFen', 'againFen', 'onwardFen', 'staysFen', 'furtherFen'] as const;

export function groupFunds(graph: FundsGraph, most: number = MOST_NODES): FundsGraph {
  if (graph.nodes.length <= most) return graph;
  const kindOf = ({ level, role }: FundsNode): string => `${level}/${role}`;
  const kinds = new Set(graph.nodes.map(kindOf));
  const sizeOf = ({ inFen, outFen }: FundsNode): bigint => (inFen > outFen ? inFen : outFen);
  const bySize = [...graph.nodes].sort((a, b) => (sizeOf(a) > sizeOf(b) ? -1 : sizeOf(a) < sizeOf(b) ? 1 : a.id < b.id ? -1 : 1));
  const alone = new Set(bySize.slice(0, Math.max(0, most - kinds.size)).map(({ id }) => id));
  const homes = new Map(graph.nodes.map((node) => [node.id, alone.has(node.id) ? node.id : `${kindOf(node)}/*`]));
  const nodes = new Map<string, FundsNode>();
  for (const node of graph.nodes) {
    const id = homes.get(node.id) ?? node.id;
    const known = nodes.get(id);
    nodes.set(id, known === undefined ? { ...node, id, acct: alone.has(node.id) ? node.acct : null } : joined(known, node));
  }
  const edges = new Map<string, FundsEdge>();
  for (const edge of graph.edges) {
    const [from, to] = [homes.get(edge.from) ?? edge.from, homes.get(edge.to) ?? edge.to];
    const key = `${from}>${to}>${edge.kind}`;
    const known = edges.get(key);
    edges.set(
      key,
      known === undefined
        ? { ...edge, from, to }
        : { ...known, amountFen: known.amountFen + edge.amountFen, entries: [...known.entries, ...edge.entries] },
    );
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}

function joined(group: FundsNode, node: FundsNode): FundsNode {
  const sums = Object.fromEntries(SUMS.map((name) => [name, group[name] + node[name]]));
  return { ...group, ...sums, members: group.members + node.members };
}
