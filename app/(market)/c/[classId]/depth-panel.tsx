'use client';
/** Listings and buy orders by price level with their cumulative curve, as a picture and as a table (P-15). */
import type { UseQueryResult } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { Panel, Yuan } from '#app/_components/ui.tsx';
import type { Depth, DepthLevel, KindPanels } from '#server/trpc/views.ts';
import { useDepth } from './use-depth.ts';

const SHOWN = 8;
const WIDTH = 600;
const HEIGHT = 120;

/** `snapshot`: of the page's own answer, from which the changes go on. */
export function DepthPanel(props: { readonly classId: string; readonly snapshot: Depth; readonly query: UseQueryResult<KindPanels> }) {
  const t = useTranslations('kind');
  const { book, isLive } = useDepth(props.classId, props.snapshot, props.query);
  const title = book.experimentId === null || book.mechanism !== 'price_time' ? t('depth') : t('depthMatched', { id: book.experimentId });
  return (
    <Panel title={title}>
      {book.sell.length + book.buy.length === 0 ? (
        <p className="py-10 text-center text-ink-2">{t('depthEmpty')}</p>
      ) : (
        <Levels depth={book} />
      )}
      <p className="num mt-3 min-h-4 text-xs text-ink-3" data-depth-seq={book.bookSeq} data-depth-live={isLive === true}>
        {isLive === null ? null : isLive ? t('depthLive', { seq: book.bookSeq }) : t('depthPolled')}
      </p>
    </Panel>
  );
}

function Levels({ depth }: { readonly depth: Depth }) {
  const t = useTranslations('kind');
  return (
    <div className="space-y-3">
      <Curve depth={depth} />
      <div className="grid gap-x-6 gap-y-4 sm:grid-cols-2">
        <Side title={t('buySide')} levels={depth.buy} tone="text-up" />
        <Side title={t('sellSide')} levels={depth.sell} tone="text-down" />
      </div>
    </div>
  );
}

function Side({ title, levels, tone }: { readonly title: string; readonly levels: readonly DepthLevel[]; readonly tone: string }) {
  const t = useTranslations('kind');
  return (
    <table className="data-table text-[13px]">
      <caption className={`mb-1 text-start text-[13px] font-semibold ${tone}`}>{title}</caption>
      <thead>
        <tr>
          <th>{t('price')}</th>
          <th className="end">{t('count')}</th>
          <th className="end">{t('quantity')}</th>
          <th className="end">{t('cumulative')}</th>
        </tr>
      </thead>
      <tbody>
        {levels.slice(0, SHOWN).map((level) => (
          <tr key={level.priceFen}>
            <td className="!py-1">
              <Yuan fen={level.priceFen} />
            </td>
            <td className="num end !py-1">{level.count}</td>
            <td className="num end !py-1">{level.quantity}</td>
            <td className="num end !py-1">{level.cumulative}</td>
          </tr>
        ))}
        {levels.length === 0 ? (
          <tr>
            <td colSpan={4} className="text-ink-3">
              —
            </td>
          </tr>
        ) : null}
      </tbody>
    </table>
  );
}

/** Two staircases that meet in the middle: what is wanted on the left, what is for sale on the right. */
function Curve({ depth }: { readonly depth: Depth }) {
  const prices = [...depth.buy, ...depth.sell].map((level) => Number(level.priceFen));
  const low = Math.min(...prices);
  const span = Math.max(1, Math.max(...prices) - low);
  const tallest = Math.max(1, ...depth.buy.map((level) => level.cumulative), ...depth.sell.map((level) => level.cumulative));
  const x = (level: DepthLevel) => Math.round(((Number(level.priceFen) - low) * WIDTH) / span);
  const y = (level: DepthLevel) => HEIGHT - Math.round((level.cumulative * (HEIGHT - 6)) / tallest);
  const path = (levels: readonly DepthLevel[], edge: number) => {
    const [first] = levels;
    if (first === undefined) return '';
    const steps = levels.map((level) => `H${x(level)}V${y(level)}`).join('');
    return `M${x(first)},${HEIGHT}${steps}H${edge}V${HEIGHT}Z`;
  };
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" className="h-28 w-full border-b border-line" aria-hidden="true">
      <path d={path(depth.buy, 0)} className="fill-up/20 stroke-up" vectorEffect="non-scaling-stroke" />
      <path d={path(depth.sell, WIDTH)} className="fill-down/20 stroke-down" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
