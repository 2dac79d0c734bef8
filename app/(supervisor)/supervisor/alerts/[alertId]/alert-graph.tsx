'use client';
/** Accounts as nodes, what went from one to the other as arrows, laid out in layers by dagre. The table beside it says the same in words. */
import '@xyflow/react/dist/style.css';
import dagre from '@dagrejs/dagre';
import {
  Background,
  BaseEdge,
  Controls,
  type Edge,
  EdgeLabelRenderer,
  type EdgeProps,
  MarkerType,
  type Node,
  Position,
  ReactFlow,
} from '@xyflow/react';
import { useMemo } from 'react';
import { useTranslations } from 'use-intl';
import { formatYuan, shortId } from '#app/_client/format.ts';
import { usePreferences } from '#app/_components/providers.tsx';
import type { AlertEvidence } from '#server/trpc/views.ts';

type Props = { readonly rows: readonly AlertEvidence[]; readonly names: Readonly<Record<string, string>> };

const [WIDTH, HEIGHT] = [148, 44];
/** More than this no eye follows. */
const MOST_ROWS = 80;
const MOST_NUMBERS = 4;

export function AlertGraph({ rows, names }: Props) {
  const t = useTranslations('alerts');
  const { theme } = usePreferences();
  const { nodes, edges } = useMemo(() => layOut(rows.slice(0, MOST_ROWS), names), [rows, names]);
  return (
    <div>
      <div className="h-96 w-full sm:h-[460px]" data-testid="alert-graph">
        <ReactFlow
          nodes={nodes}
          edges={edges}
          edgeTypes={EDGE_TYPES}
          fitView
          fitViewOptions={FIT}
          minZoom={0.2}
          nodesConnectable={false}
          elementsSelectable={false}
          proOptions={{ hideAttribution: false }}
          colorMode={theme}
        >
          <Background />
          <Controls showInteractive={false} />
        </ReactFlow>
      </div>
      <p className="border-t border-line px-4 py-2 text-xs text-ink-3">
        {t('graphHint')} {rows.length > MOST_ROWS ? t('graphMore', { count: MOST_ROWS }) : ''}
      </p>
    </div>
  );
}

/** What comes back goes round below all accounts, each on a line of its own, so that a ring is seen as one. */
const [BOW_DROP, BOW_STEP, BOW_PX] = [34, 26, 56];
type BowEdge = Edge<{ readonly belowY: number }>;

function Bow({ sourceX, sourceY, targetX, targetY, label, style, markerEnd, data }: EdgeProps<BowEdge>) {
  const y = data?.belowY ?? Math.max(sourceY, targetY) + BOW_DROP;
  const path = [
    `M${sourceX},${sourceY}C${sourceX + BOW_PX},${sourceY} ${sourceX + BOW_PX},${y} ${sourceX},${y}`,
    `L${targetX},${y}C${targetX - BOW_PX},${y} ${targetX - BOW_PX},${targetY} ${targetX},${targetY}`,
  ].join('');
  return (
    <>
      <BaseEdge path={path} {...(style === undefined ? {} : { style })} {...(markerEnd === undefined ? {} : { markerEnd })} />
      <EdgeLabelRenderer>
        <span
          className="num absolute bg-card px-1 text-[11px] text-ink"
          style={{ transform: `translate(-50%, -50%) translate(${(sourceX + targetX) / 2}px,${y}px)` }}
        >
          {label}
        </span>
      </EdgeLabelRenderer>
    </>
  );
}
const EDGE_TYPES = { bow: Bow };
/** Room for the bends of what goes round, which the frame does not count; few accounts are not blown up over it. */
const FIT = { padding: 0.2, maxZoom: 1.2 };

type Bundle = { readonly from: string; readonly to: string; readonly numbers: number[]; sum: bigint };

/** One arrow per pair and direction, with the numbers of its movements and their sum. */
function bundle(rows: readonly AlertEvidence[]): readonly Bundle[] {
  const bundles = new Map<string, Bundle>();
  for (const [i, { from, to, amountFen }] of rows.entries()) {
    const [a, b] = [from ?? '?', to ?? '?'];
    const known = bundles.get(`${a} ${b}`) ?? { from: a, to: b, numbers: [], sum: 0n };
    known.numbers.push(i + 1);
    known.sum += BigInt(amountFen ?? 0);
    bundles.set(`${a} ${b}`, known);
  }
  return [...bundles.values()];
}

function layOut(
  rows: readonly AlertEvidence[],
  names: Readonly<Record<string, string>>,
): { readonly nodes: Node[]; readonly edges: Edge[] } {
  const bundles = bundle(rows);
  const refs = [...new Set(bundles.flatMap(({ from, to }) => [from, to]))];
  const graph = new dagre.graphlib.Graph().setDefaultEdgeLabel(() => ({}));
  graph.setGraph({ rankdir: 'LR', nodesep: 36, ranksep: 130 });
  for (const ref of refs) graph.setNode(ref, { width: WIDTH, height: HEIGHT });
  for (const { from, to } of bundles) graph.setEdge(from, to);
  dagre.layout(graph);
  const place = (ref: string) => {
    const { x, y } = graph.node(ref);
    return { x: (x ?? 0) - WIDTH / 2, y: (y ?? 0) - HEIGHT / 2 };
  };
  const lowest = Math.max(...refs.map((ref) => place(ref).y + HEIGHT));
  let bows = 0;
  return {
    nodes: refs.map((ref) => ({
      id: ref,
      position: place(ref),
      sourcePosition: Position.Right,
      targetPosition: Position.Left,
      data: { label: names[ref] ?? shortId(ref, 6, 4) },
      style: {
        width: WIDTH,
        height: HEIGHT,
        fontSize: 12,
        fontFamily: 'var(--font-mono)',
        background: 'var(--card)',
        color: 'var(--ink)',
        border: '1px solid var(--line-strong)',
      },
    })),
    edges: bundles.map(({ from, to, numbers, sum }) => {
      const shown = numbers.slice(0, MOST_NUMBERS).join(', ');
      return {
        id: `${from} ${to}`,
        source: from,
        target: to,
        label: `${shown}${numbers.length > MOST_NUMBERS ? '…' : ''} · ${formatYuan(sum)}`,
        ...(place(to).x <= place(from).x ? { type: 'bow', data: { belowY: lowest + BOW_DROP + BOW_STEP * bows++ } } : { type: 'default' }),
        labelStyle: { fontSize: 11, fill: 'var(--ink)' },
        labelBgStyle: { fill: 'var(--card)' },
        style: { stroke: 'var(--ink-3)' },
        markerEnd: { type: MarkerType.ArrowClosed, color: 'var(--ink-3)' },
      };
    }),
  };
}
