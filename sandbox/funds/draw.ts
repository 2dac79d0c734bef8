/**
 * Pieces of money as a graph from source to destination. A node is an account at one step from where the question begins, so that money
 * which comes back to an account is drawn to the right of where it left, and no arrow runs in a circle. Every node balances:
 * in + earlier + again = out + stays + further + onward.
 */
import type { Piece } from './follow.ts';

export const FUNDS_ROLES = [
  'bank',
  'available',
  'held',
  'coming',
  'withdrawing',
  'reserve',
  'operator',
  'guarantee',
  'studio',
  'tax',
  'person',
] as const;
export type FundsRole = (typeof FUNDS_ROLES)[number];

export type FundsNode = {
  readonly id: string;
  readonly level: number;
  readonly role: FundsRole;
  /** Whose money; null for bank and operator, and for a group. */
  readonly acct: string | null;
  /** How many accounts stand here. */
  readonly members: number;
  readonly inFen: bigint;
  readonly outFen: bigint;
  /** Source: it began here, or came from steps that are not drawn. */
  readonly earlierFen: bigint;
  /** Came from, or went on to, a movement that the question is about and that is drawn at its own place. */
  readonly againFen: bigint;
  readonly onwardFen: bigint;
  /** Destination: lies here now. */
  readonly staysFen: bigint;
  /** Left again by steps that are not drawn. */
  readonly furtherFen: bigint;
};
export type FundsEdge = {
  readonly from: string;
  readonly to: string;
  readonly kind: string;
  readonly amountFen: bigint;
  readonly entries: readonly { readonly entryId: bigint; readonly tradeId: string | null; readonly providerNo: string | null }[];
};
export type FundsGraph = { readonly nodes: readonly FundsNode[]; readonly edges: readonly FundsEdge[] };

export type Loose = { -readonly [K in keyof FundsNode]: FundsNode[K] };
type LooseEdge = { from: string; to: string; kind: string; amountFen: bigint; entries: FundsEdge['entries'][number][] };

export type Traced = {
  readonly back: readonly Piece[];
  readonly forth: readonly Piece[];
  /** Figures of pieces at the ends that were looked at. */
  readonly staysFen: ReadonlyMap<Piece, bigint>;
  readonly againFen: ReadonlyMap<Piece, bigint>;
  readonly onwardFen: ReadonlyMap<Piece, bigint>;
  /** All pockets of this account are one node where the question begins. */
  readonly person: string | null;
};

function roleOf(account: string): { readonly role: FundsRole; readonly acct: string | null } {
  if (account === 'provider') return { role: 'bank', acct: null };
  if (account === 'fee') return { role: 'operator', acct: null };
  if (account === 'guarantee') return { role: 'guarantee', acct: null };
  const [pot = '', acct = null] = account.split(':');
  if (pot === 'royalty') return { role: 'studio', acct };
  const role = FUNDS_ROLES.find((each) => each === pot);
  if (role === undefined) throw new Error(`no role for ${account}`);
  return { role, acct };
}

export type Canvas = {
  readonly nodes: Map<string, Loose>;
  readonly edges: Map<string, LooseEdge>;
  node(level: number, role: FundsRole, acct: string | null): Loose;
};

function openCanvas(): Canvas {
  const nodes = new Map<string, Loose>();
  return {
    nodes,
    edges: new Map(),
    node: (level, role, acct) => {
      const id = `${level}/${role}/${acct ?? ''}`;
      const known = nodes.get(id);
      if (known !== undefined) return known;
      const sums = { inFen: 0n, outFen: 0n, earlierFen: 0n, againFen: 0n, onwardFen: 0n, staysFen: 0n, furtherFen: 0n };
      const made: Loose = { id, level, role, acct, members: 1, ...sums };
      nodes.set(id, made);
      return made;
    },
  };
}

export function addEdge(canvas: Canvas, from: Loose, to: Loose, edge: Omit<LooseEdge, 'from' | 'to'>): void {
  const key = `${from.id}>${to.id}>${edge.kind}`;
  const known = canvas.edges.get(key);
  from.outFen += edge.amountFen;
  to.inFen += edge.amountFen;
  if (known === undefined) canvas.edges.set(key, { from: from.id, to: to.id, ...edge });
  else {
    known.amountFen += edge.amountFen;
    for (const entry of edge.entries) if (!known.entries.some(({ entryId }) => entryId === entry.entryId)) known.entries.push(entry);
  }
}

export function drawFunds(traced: Traced): Canvas {
  const canvas = openCanvas();
  const nodeAt = (level: number, account: string): Loose => {
    const { role, acct } = roleOf(account);
    return level === 0 && traced.person !== null && acct === traced.person
      ? canvas.node(0, 'person', acct)
      : canvas.node(level, role, acct);
  };
  const put = (piece: Piece, level: number): void => {
    const { entry, from, to } = piece.movement;
    const { entryId, tradeId, providerNo } = entry;
    const entries = [{ entryId, tradeId, providerNo }];
    addEdge(canvas, nodeAt(level, from.account), nodeAt(level + 1, to.account), { kind: entry.kind, amountFen: piece.length, entries });
  };
  for (const piece of traced.back) put(piece, -piece.depth);
  for (const piece of traced.forth) put(piece, piece.depth);
  // Before the first step back lie the movements of the question itself.
  for (const [piece, fen] of traced.againFen) nodeAt(-piece.depth, piece.movement.from.account).againFen += fen;
  for (const piece of traced.forth) {
    const node = nodeAt(piece.depth + 1, piece.movement.to.account);
    node.onwardFen += traced.onwardFen.get(piece) ?? 0n;
    node.staysFen += traced.staysFen.get(piece) ?? 0n;
  }
  for (const node of canvas.nodes.values()) settle(node);
  return canvas;
}

/** What is left open at a node lies beyond what is drawn: before it, or after it. */
function settle(node: Loose): void {
  const open = node.inFen + node.againFen - node.outFen - node.staysFen - node.onwardFen;
  if (node.role === 'person') {
    node.staysFen = open > 0n ? open : 0n;
    node.earlierFen = open < 0n ? -open : 0n;
  } else if (open > 0n) node.furtherFen = open;
  else node.earlierFen = -open;
}

export function toGraph({ nodes, edges }: Canvas): FundsGraph {
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}
