'use client';
/** Source on the left, destination on the right, amounts on the arrows; on a phone it scrolls within its own frame. */
import { sankey, sankeyLinkHorizontal } from 'd3-sankey';
import { useMemo } from 'react';
import { useTranslations } from 'use-intl';
import { formatYuan } from '#app/_client/format.ts';
import type { FundsFlow } from '#server/trpc/views.ts';
import { type FundsNodeView, useFundsWords } from './funds-words.ts';

const [COLUMN, BAR, ROW, PAD] = [230, 12, 46, 20];
/** Beside a thread there is no room on it: its amount stands below, where no node's name is. */
const [THIN_PX, THIN_DY] = [12, 13];
/** Among more arrows than this, amounts beside the thin ones would cover each other: they are said when pointed at, and in the table. */
const MOST_LABELLED = 40;
type Link = { source: string; target: string; value: number; amountFen: string; kind: string };

const FILL: Readonly<Record<FundsNodeView['role'], string>> = {
  bank: 'fill-ink-3',
  available: 'fill-accent',
  held: 'fill-amber',
  coming: 'fill-green',
  withdrawing: 'fill-amber',
  reserve: 'fill-red',
  operator: 'fill-ink-2',
  guarantee: 'fill-ink-2',
  studio: 'fill-ink-2',
  tax: 'fill-red',
  person: 'fill-accent',
};

export function FundsGraph({ flow }: { readonly flow: FundsFlow }) {
  const t = useTranslations('funds');
  const words = useFundsWords();
  const graph = useMemo(() => layOut(flow), [flow]);
  const drawLink = sankeyLinkHorizontal();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable with the keyboard
    <section className="overflow-auto" tabIndex={0} aria-label={t('graphLabel')} data-testid="funds-graph">
      <svg width={graph.width} height={graph.height} className="mx-auto block" role="img" aria-label={t('graphLabel')}>
        <g fill="none" className="stroke-accent" strokeOpacity={0.22}>
          {graph.links.map((link) => (
            <path
              key={`${link.from}>${link.to}>${link.kind}`}
              d={drawLink(link.drawn) ?? ''}
              strokeWidth={Math.max(1.5, link.drawn.width ?? 0)}
            >
              <title>{`${words.act(link.kind)} ${formatYuan(link.amountFen)}`}</title>
            </path>
          ))}
        </g>
        <g className="fill-ink-2 text-[11px]" textAnchor="middle">
          {graph.labelled.map((link) => (
            <text key={`${link.from}>${link.to}>${link.kind}`} x={link.x} y={link.y} dy={link.isThin ? THIN_DY : '0.32em'} className="num">
              {`${words.act(link.kind)} ${formatYuan(link.amountFen)}`}
            </text>
          ))}
        </g>
        {graph.nodes.map(({ node, x, y, height }) => (
          <g key={node.id} data-level={node.level} data-role={node.role}>
            <rect x={x} y={y} width={BAR} height={Math.max(3, height)} className={FILL[node.role]} />
            <text x={x + BAR + 4} y={y - 5} className="fill-ink text-xs">
              {words.node(node)}
            </text>
          </g>
        ))}
      </svg>
    </section>
  );
}

function layOut({ nodes, edges }: FundsFlow) {
  const levels = nodes.map(({ level }) => level);
  const first = Math.min(...levels);
  const columns = Math.max(...levels) - first + 1;
  const tallest = Math.max(...levels.map((level) => levels.filter((each) => each === level).length));
  const [width, height] = [columns * COLUMN + 80, Math.max(220, tallest * ROW + 60)];
  const draw = sankey<{ id: string; node: FundsNodeView }, Link>()
    .nodeId(({ id }) => id)
    .nodeAlign(({ node }) => node.level - first)
    .nodeWidth(BAR)
    .nodePadding(PAD + 8)
    .extent([
      [8, 24],
      [width - COLUMN, height - 16],
    ]);
  const drawn = draw({
    nodes: nodes.map((node) => ({ id: node.id, node })),
    // Widths are for the eye; the amounts beside them stay exact.
    links: edges.map(({ from, to, kind, amountFen }) => ({ source: from, target: to, value: Number(amountFen), amountFen, kind })),
  });
  const links = drawn.links.map((link) => {
    const [from, to] = [link.source, link.target];
    const end = (side: typeof from) => (typeof side === 'object' ? side : { id: String(side), x0: 0, x1: 0 });
    return {
      from: end(from).id,
      to: end(to).id,
      kind: link.kind,
      amountFen: link.amountFen,
      drawn: link,
      x: ((end(from).x1 ?? 0) + (end(to).x0 ?? 0)) / 2,
      y: ((link.y0 ?? 0) + (link.y1 ?? 0)) / 2,
      isThin: (link.width ?? 0) < THIN_PX,
    };
  });
  return {
    width,
    height,
    nodes: drawn.nodes.map(({ node, x0 = 0, y0 = 0, y1 = 0 }) => ({ node, x: x0, y: y0, height: y1 - y0 })),
    links,
    labelled: links.length > MOST_LABELLED ? links.filter(({ isThin }) => !isThin) : links,
  };
}
