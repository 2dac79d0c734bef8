'use client';
/** Who signed the last hundred blocks: a drawing to see a gap in, and the same as a table to read. */
import { useTranslations } from 'use-intl';
import { formatCount } from '#app/_client/format.ts';
import { Empty } from '#app/_components/empty.tsx';
import { Panel, TextLink, Time } from '#app/_components/ui.tsx';
import type { NodeData } from './node-data.ts';

const STEP = 8;
const ROW = 14;
const IN_TABLE = 20;
const FILL = {
  voted: 'var(--color-green)',
  late: 'var(--color-green)',
  endorsed: 'var(--color-amber)',
  refused: 'var(--color-red)',
  none: 'var(--color-line)',
} as const;
const STATES = ['voted', 'late', 'endorsed', 'refused', 'none'] as const;

export function SignatureGrid({ node }: { readonly node: NodeData }) {
  const t = useTranslations('node');
  const blocks = node.blocks.toReversed();
  const names = namesOf(node);
  if (blocks.length === 0) {
    return (
      <Panel title={t('signatures', { count: 100 })}>
        <Empty title={t('noBlocks')} />
      </Panel>
    );
  }
  const members = blocks.at(-1)?.cells.map((cell) => cell.member) ?? [];
  return (
    <Panel title={t('signatures', { count: blocks.length })}>
      <p className="mb-2 text-xs text-ink-3">{t('signaturesNote')}</p>
      <div className="flex gap-2">
        <ul className="shrink-0 text-xs text-ink-2" aria-hidden>
          {members.map((member) => (
            <li key={member} style={{ height: ROW, lineHeight: `${ROW}px` }} className="max-w-24 truncate">
              {names.get(member) ?? member}
            </li>
          ))}
        </ul>
        <svg
          viewBox={`0 0 ${blocks.length * STEP} ${members.length * ROW}`}
          preserveAspectRatio="none"
          style={{ height: members.length * ROW }}
          className="w-full min-w-0"
          role="img"
          aria-label={t('signatures', { count: blocks.length })}
        >
          {blocks.map((block, column) =>
            block.cells.map((cell, row) => (
              <rect
                key={`${block.height}:${cell.member}`}
                x={column * STEP + 1}
                y={row * ROW + 2}
                width={STEP - 2}
                height={ROW - 4}
                fill={FILL[cell.state]}
                opacity={cell.state === 'late' ? 0.55 : 1}
              >
                <title>{`${formatCount(block.height)} · ${names.get(cell.member) ?? cell.member} · ${t(`cell.${cell.state}`)}${cell.code === null ? '' : ` · ${cell.code}`}`}</title>
              </rect>
            )),
          )}
        </svg>
      </div>
      <ul className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-xs text-ink-2">
        {STATES.map((state) => (
          <li key={state} className="inline-flex items-center gap-1.5">
            <span className="inline-block size-2.5" style={{ background: FILL[state], opacity: state === 'late' ? 0.55 : 1 }} aria-hidden />
            {t(`cell.${state}`)}
          </li>
        ))}
      </ul>
      <details className="mt-3">
        <summary className="cursor-pointer py-2 text-sm">{t('table', { count: Math.min(IN_TABLE, blocks.length) })}</summary>
        <SignatureTable node={node} names={names} members={members} />
      </details>
    </Panel>
  );
}

function SignatureTable(props: {
  readonly node: NodeData;
  readonly names: ReadonlyMap<number, string>;
  readonly members: readonly number[];
}) {
  const t = useTranslations('node');
  const { node, names, members } = props;
  return (
    <table className="data-table as-cards">
      <thead>
        <tr>
          <th>{t('blocks')}</th>
          <th>{t('when')}</th>
          <th className="end">{t('txs')}</th>
          {members.map((member) => (
            <th key={member}>{names.get(member) ?? member}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {node.blocks.slice(0, IN_TABLE).map((block) => (
          <tr key={block.height}>
            <td data-label={t('blocks')}>
              <TextLink href={`/explorer/blocks/${block.height}`} className="num inline-flex min-h-8 items-center">
                {formatCount(block.height)}
              </TextLink>
            </td>
            <td data-label={t('when')}>
              <Time at={new Date(block.sealedAt).toISOString()} style="full" />
            </td>
            <td data-label={t('txs')} className="num end">
              {formatCount(block.txCount)}
            </td>
            {block.cells.map((cell) => (
              <td key={cell.member} data-label={names.get(cell.member) ?? String(cell.member)}>
                {cell.code ?? t(`cell.${cell.state}`)}
                {cell.at === null ? null : <span className="num ml-1 text-xs text-ink-3">+{Math.max(0, cell.at - block.sealedAt)} ms</span>}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Of the configuration in force; a member alone has none to show but itself. */
export function namesOf(node: NodeData): ReadonlyMap<number, string> {
  return new Map(node.configurations.flatMap(({ members }) => members.map(({ id, org }) => [id, org] as const)).reverse());
}
