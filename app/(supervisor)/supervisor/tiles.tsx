'use client';
/** Today, a period, and against the day before (V-05); each tile leads to exactly the rows that it sums. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { formatCount, formatYuan } from '#app/_client/format.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { Link } from '#app/_components/link.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { PeriodPicker, PeriodSkeleton, usePeriod } from '#app/_components/period-frame.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Skeleton, Stat, Yuan } from '#app/_components/ui.tsx';
import { useCapName } from '#app/_components/use-cap-name.ts';
import { SPAN_KINDS } from '#sandbox/reports/span.ts';
import type { SupervisorTiles, TileFigures, TileName } from '#server/trpc/views.ts';
import { percent, useSeconds } from './tile-words.ts';

type Tile = {
  /** What tests and styles know it by: the two of certification open the same rows. */
  readonly name: string;
  readonly rows: TileName;
  readonly label: string;
  readonly value: ReactNode;
  readonly notes?: readonly ReactNode[];
};

export function Tiles() {
  const t = useTranslations('supervisor');
  const frame = usePeriod('/supervisor', 'period', SPAN_KINDS);
  const label = frame?.span.label ?? null;
  const isLive = frame?.isOpen === true && frame.span.kind === 'day';
  const tiles = useQuery({
    queryKey: ['tiles', label],
    queryFn: () => staffApi.supervisor.tiles(label ?? undefined),
    enabled: label !== null,
    placeholderData: keepPreviousData,
    // A day is read in no time; a year of trades is summed less often.
    refetchInterval: isLive ? 5_000 : 30_000,
  });
  return (
    <section aria-label={t('tiles')} className="space-y-2">
      {frame === null ? <PeriodSkeleton /> : <PeriodPicker frame={frame} />}
      <Loaded query={tiles} skeleton={<Skeleton className="h-[560px] sm:h-[396px] lg:h-48" />}>
        {(data) => <TileList data={data} />}
      </Loaded>
    </section>
  );
}

function TileList({ data }: { readonly data: SupervisorTiles }) {
  const t = useTranslations('supervisor');
  const role = useStaff()?.role;
  const capName = useCapName();
  const seconds = useSeconds();
  const isDay = data.period === data.day;
  /** Of a day the day before it; of a longer span today as well, since that is what moves. */
  const against = (text: (figures: TileFigures) => string): readonly string[] => [
    ...(isDay ? [] : [t('todayIs', { value: text(data.today) })]),
    t('against', { value: text(data.dayBefore) }),
  ];
  const overdue = (tile: TileName, count: number) => [
    <Link
      key={tile}
      href={`/supervisor/rows?tile=${tile}`}
      className={`inline-flex min-h-6 items-center underline ${count > 0 ? 'text-red' : 'decoration-line-strong/60'}`}
    >
      {t('alertsOverdue', { count: formatCount(count) })}
    </Link>,
  ];
  const yuan = (fen: string | null) => (fen === null ? '—' : formatYuan(fen));
  const fullest = [...data.capsUsed].sort((a, b) => Number(b.ratio) - Number(a.ratio))[0];
  const { of } = data;
  const done: readonly Tile[] = [
    {
      name: 'trades',
      rows: 'trades',
      label: t('trades'),
      value: formatCount(of.trades),
      notes: against(({ trades }) => formatCount(trades)),
    },
    {
      name: 'turnover',
      rows: 'turnover',
      label: t('turnover'),
      value: <Yuan fen={of.turnoverFen} />,
      notes: against(({ turnoverFen }) => yuan(turnoverFen)),
    },
    {
      name: 'filtered',
      rows: 'filtered',
      label: t('filtered'),
      value: <Yuan fen={of.filteredFen} />,
      notes: against(({ filteredFen }) => yuan(filteredFen)),
    },
    {
      name: 'assessed',
      rows: 'assessed',
      label: t('assessed'),
      value: <Yuan fen={of.assessedFen} />,
      notes: against(({ assessedFen }) => yuan(assessedFen)),
    },
    {
      name: 'sellers',
      rows: 'sellers',
      label: t('sellers'),
      value: formatCount(of.sellers),
      notes: against(({ sellers }) => formatCount(sellers)),
    },
    {
      name: 'cost',
      rows: 'cost',
      label: t('costPerTrade'),
      value: of.costPerTradeFen === null ? '—' : <Yuan fen={of.costPerTradeFen} />,
      notes: against(({ costPerTradeFen }) => yuan(costPerTradeFen)),
    },
    {
      name: 'certifyP50',
      rows: 'certify',
      label: t('certifyP50'),
      value: seconds(of.certifyP50Ms),
      notes: against(({ certifyP50Ms }) => seconds(certifyP50Ms)),
    },
    {
      name: 'certifyP95',
      rows: 'certify',
      label: t('certifyP95'),
      value: seconds(of.certifyP95Ms),
      notes: against(({ certifyP95Ms }) => seconds(certifyP95Ms)),
    },
  ];
  const standing: readonly Tile[] = [
    {
      name: 'alerts',
      rows: 'alerts',
      label: t('alertsOpen'),
      value: formatCount(data.alertsOpen),
      notes: overdue('alertsOverdue', data.alertsOverdue),
    },
    {
      name: 'cases',
      rows: 'cases',
      label: t('casesOpen'),
      value: formatCount(data.casesOpen),
      notes: overdue('casesOverdue', data.casesOverdue),
    },
    { name: 'frozen', rows: 'frozen', label: t('frozen'), value: formatCount(data.frozen) },
    {
      name: 'reconciliation',
      rows: 'reconciliation',
      label: t('reconciliation'),
      value: (
        <span className={data.reconciliationFen === '0' ? 'text-green' : 'text-red'}>
          <Yuan fen={data.reconciliationFen} />
        </span>
      ),
    },
    {
      name: 'caps',
      rows: 'caps',
      label: t('caps'),
      value: fullest === undefined ? '—' : percent(fullest.ratio),
      notes: fullest === undefined ? [] : [capName(fullest.name)],
    },
    {
      name: 'members',
      rows: 'members',
      label: t('members'),
      value: (
        <span className={data.membersUp === data.membersTotal ? undefined : 'text-red'}>{`${data.membersUp} / ${data.membersTotal}`}</span>
      ),
    },
  ];
  // Whose certificate does not read single taxes sees their sum alone.
  const hrefOf = ({ rows }: Tile) =>
    rows === 'assessed' && role !== 'sup_tax' ? null : `/supervisor/rows?tile=${rows}&period=${encodeURIComponent(data.period)}`;
  return (
    <div className="rounded-lg border border-line bg-card">
      <TileGrid title={t('done')} tiles={done} hrefOf={hrefOf} className="sm:grid-cols-4 lg:grid-cols-8" />
      <div className="border-t border-line">
        <TileGrid title={t('standing')} tiles={standing} hrefOf={hrefOf} className="sm:grid-cols-3 lg:grid-cols-6" />
      </div>
    </div>
  );
}

function TileGrid(props: {
  readonly title: string;
  readonly tiles: readonly Tile[];
  readonly hrefOf: (tile: Tile) => string | null;
  readonly className: string;
}) {
  return (
    <section aria-label={props.title} className={`grid grid-cols-2 gap-x-4 gap-y-3 px-4 py-3 ${props.className}`}>
      {props.tiles.map((tile) => {
        const href = props.hrefOf(tile);
        return (
          <dl key={tile.name} data-tile={tile.name}>
            <Stat
              label={tile.label}
              note={tile.notes?.map((note, place) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a note is known by its place alone.
                <span key={place} className="num block">
                  {note}
                </span>
              ))}
            >
              {href === null ? (
                tile.value
              ) : (
                <Link
                  href={href}
                  className="inline-flex min-h-6 items-center underline decoration-line-strong/60 underline-offset-4 hover:text-accent"
                >
                  {tile.value}
                </Link>
              )}
            </Stat>
          </dl>
        );
      })}
    </section>
  );
}
