'use client';
/** The rows that a tile sums (V-05): as many as it counts, and as much as it says. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useRouter, useSearchParams } from 'next/navigation';
import { Suspense } from 'react';
import { useTranslations } from 'use-intl';
import { formatCount } from '#app/_client/format.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { Empty } from '#app/_components/empty.tsx';
import { QueryNotes } from '#app/_components/loaded.tsx';
import { type PeriodFrame, PeriodPicker, usePeriod } from '#app/_components/period-frame.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { LinkButton, PageTitle, Panel, Skeleton, Stat, Yuan } from '#app/_components/ui.tsx';
import { useMore } from '#app/_components/use-more.tsx';
import { SPAN_KINDS } from '#sandbox/reports/span.ts';
import type { TileName, TileRows } from '#server/trpc/views.ts';
import { useSeconds } from '../tile-words.ts';
import { RowTable } from './row-table.tsx';
import { isStanding, readTile, TILE_LABEL, TILE_NAMES, UNIT_OF } from './tile-kinds.ts';

const FIRST_PAGE: string | null = null;

export default function RowsPage() {
  return (
    <Suspense fallback={<Skeleton className="h-dvh" />}>
      <Rows />
    </Suspense>
  );
}

function Rows() {
  const t = useTranslations('supervisor');
  const tile = readTile(useSearchParams().get('tile'));
  const frame = usePeriod('/supervisor/rows', 'period', SPAN_KINDS);
  return (
    <div className="space-y-4">
      <PageTitle text={t(TILE_LABEL[tile])} />
      {frame === null ? (
        <Skeleton className="h-96" />
      ) : (
        <>
          <div className="flex flex-wrap items-center gap-3">
            <TilePick tile={tile} />
            {isStanding(tile) ? <span className="text-[13px] text-ink-2">{t('standing')}</span> : <PeriodPicker frame={frame} />}
          </div>
          <TileRowList key={`${tile} ${frame.span.label}`} tile={tile} frame={frame} />
        </>
      )}
    </div>
  );
}

function TilePick({ tile }: { readonly tile: TileName }) {
  const t = useTranslations('supervisor');
  const role = useStaff()?.role;
  const router = useRouter();
  const show = (next: string) => {
    const address = new URLSearchParams(window.location.search);
    address.set('tile', next);
    router.replace(`/supervisor/rows?${address.toString()}`, { scroll: false });
  };
  return (
    <select
      aria-label={t('tile')}
      value={tile}
      onChange={(event) => show(event.target.value)}
      className="h-11 rounded-md border border-line-strong/70 bg-card px-3 text-sm font-semibold sm:h-9"
    >
      {TILE_NAMES.filter((name) => name !== 'assessed' || role === 'sup_tax').map((name) => (
        <option key={name} value={name}>
          {t(TILE_LABEL[name])}
        </option>
      ))}
    </select>
  );
}

function TileRowList({ tile, frame }: { readonly tile: TileName; readonly frame: PeriodFrame }) {
  const t = useTranslations('supervisor');
  const period = frame.span.label;
  const query = useInfiniteQuery({
    queryKey: ['tileRows', tile, period],
    queryFn: ({ pageParam }) => staffApi.supervisor.tileRows({ tile, period, ...(pageParam === null ? {} : { cursor: pageParam }) }),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: isStanding(tile) || frame.isOpen ? 15_000 : false,
  });
  const [first] = query.data?.pages ?? [];
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? [];
  const { drawn, button } = useMore(rows, query);
  return (
    <>
      <QueryNotes query={query} />
      {first === undefined ? query.isError ? null : <Skeleton className="h-96" /> : <Totals page={first} />}
      {first === undefined ? null : (
        <Panel
          title={t('rowsOf')}
          aside={
            <span className="num text-[13px] text-ink-3">
              {t('rowsShown', { total: formatCount(first.count), shown: formatCount(drawn.length) })}
            </span>
          }
          flush
        >
          {rows.length === 0 ? <Empty title={t('rowsEmpty')} /> : <RowTable tile={tile} rows={drawn} />}
        </Panel>
      )}
      {button}
    </>
  );
}

/** Of all rows, whatever is drawn. */
function Totals({ page }: { readonly page: TileRows }) {
  const t = useTranslations('supervisor');
  const seconds = useSeconds();
  const unit = UNIT_OF[page.tile];
  return (
    <dl className="flex flex-wrap items-end gap-x-8 gap-y-3 rounded-lg border border-line bg-card p-4">
      <Stat label={t('rowsCount')} large>
        <span data-total="count">{formatCount(page.count)}</span>
      </Stat>
      {unit === 'fen' ? (
        <Stat label={t('rowsSum')} large>
          <span data-total="sum">
            <Yuan fen={page.sum} />
          </span>
        </Stat>
      ) : null}
      {page.tile === 'cost' && page.count > 0 ? (
        <Stat label={t('costPerTrade')} large>
          <Yuan fen={BigInt(page.sum) / BigInt(page.count)} />
        </Stat>
      ) : null}
      {unit === 'ms' ? (
        <>
          <Stat label={t('certifyP50')} large>
            {seconds(page.p50Ms)}
          </Stat>
          <Stat label={t('certifyP95')} large>
            {seconds(page.p95Ms)}
          </Stat>
        </>
      ) : null}
      {page.tile === 'members' ? (
        <Stat label={t('up')} large>
          {page.sum}
        </Stat>
      ) : null}
      <Further page={page} />
    </dl>
  );
}

/** Where the same things are worked on. */
function Further({ page }: { readonly page: TileRows }) {
  const t = useTranslations();
  const role = useStaff()?.role;
  const { tile } = page;
  if (tile === 'alerts' || tile === 'alertsOverdue') return <LinkButton href="/supervisor/alerts">{t('alerts.title')}</LinkButton>;
  if (tile === 'cases' || tile === 'casesOverdue') return <LinkButton href="/supervisor/cases">{t('cases.title')}</LinkButton>;
  if (tile === 'caps') return <LinkButton href="/supervisor/experiments">{t('experimentDesk.title')}</LinkButton>;
  if (tile === 'members') return <LinkButton href="/node">{t('node.title')}</LinkButton>;
  if (tile === 'reconciliation' && role === 'sup_finance')
    return <LinkButton href="/supervisor/reconciliation">{t('statement.title')}</LinkButton>;
  // The tax view knows the periods of returns alone.
  if (tile === 'assessed' && /^\d{4}(?:-Q\d|-\d\d(?:-\d\d)?)?$/.test(page.period))
    return <LinkButton href={`/supervisor/tax?day=${page.period}`}>{t('supervisor.tax')}</LinkButton>;
  return null;
}
