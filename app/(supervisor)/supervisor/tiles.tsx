'use client';
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { formatCount, formatYuan } from '#app/_client/format.ts';
import { Loaded } from '#app/_components/loaded.tsx';
import { Skeleton, Stat, TextLink, Yuan } from '#app/_components/ui.tsx';
import { useCapName } from '#app/_components/use-cap-name.ts';

/** `0.2345` → `23.4 %`: a share for the eye; the caps themselves are checked in integers elsewhere. */
const percent = (ratio: string): string => `${Math.floor(Number(ratio) * 1_000) / 10} %`;

export function Tiles() {
  const t = useTranslations('supervisor');
  const tiles = useQuery({ queryKey: ['tiles'], queryFn: () => api.supervisor.tiles(), refetchInterval: 5_000 });
  const capName = useCapName();
  const seconds = (ms: number | null) =>
    ms === null ? '—' : t('seconds', { value: `${Math.floor(ms / 1_000)}.${String(Math.floor((ms % 1_000) / 10)).padStart(2, '0')}` });
  return (
    <Loaded query={tiles} skeleton={<Skeleton className="h-40" />}>
      {(data) => {
        const fullest = [...data.capsUsed].sort((a, b) => Number(b.ratio) - Number(a.ratio))[0];
        return (
          <dl className="grid grid-cols-2 gap-x-4 gap-y-3 rounded-lg border border-line bg-card p-4 sm:grid-cols-3 lg:grid-cols-6">
            <Stat label={t('trades')} note={t('against', { value: formatCount(data.tradesBefore) })}>
              {formatCount(data.trades)}
            </Stat>
            <Stat label={t('turnover')} note={t('against', { value: formatYuan(data.turnoverBeforeFen) })}>
              <Yuan fen={data.turnoverFen} />
            </Stat>
            <Stat label={t('filtered')} note={t('against', { value: formatYuan(data.filteredBeforeFen) })}>
              <Yuan fen={data.filteredFen} />
            </Stat>
            <Stat label={t('alertsOpen')} note={t('alertsOverdue', { count: formatCount(data.alertsOverdue) })}>
              <TextLink href="/supervisor/alerts">{formatCount(data.alertsOpen)}</TextLink>
            </Stat>
            <Stat label={t('assessed')} note={t('against', { value: formatYuan(data.assessedBeforeFen) })}>
              <Yuan fen={data.assessedFen} />
            </Stat>
            <Stat label={t('sellers')}>{formatCount(data.sellers)}</Stat>
            <Stat label={t('frozen')}>{formatCount(data.frozen)}</Stat>
            <Stat label={t('certifyP50')}>{seconds(data.certifyP50Ms)}</Stat>
            <Stat label={t('certifyP95')}>{seconds(data.certifyP95Ms)}</Stat>
            <Stat label={t('reconciliation')}>
              <span className={data.reconciliationFen === '0' ? 'text-green' : 'text-red'}>
                <Yuan fen={data.reconciliationFen} />
              </span>
            </Stat>
            <Stat label={t('caps')} note={fullest === undefined ? undefined : capName(fullest.name)}>
              {fullest === undefined ? '—' : percent(fullest.ratio)}
            </Stat>
            <Stat label={t('members')}>
              {data.membersUp} / {data.membersTotal}
            </Stat>
          </dl>
        );
      }}
    </Loaded>
  );
}
