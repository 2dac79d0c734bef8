'use client';
/** The day at a glance (V-05); each tile leads to the rows that it sums. */
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { formatCount, formatYuan } from '#app/_client/format.ts';
import { Loaded } from '#app/_components/loaded.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Skeleton, Stat, Yuan } from '#app/_components/ui.tsx';
import { useCapName } from '#app/_components/use-cap-name.ts';
import type { SupervisorTiles } from '#server/trpc/views.ts';

/** `0.2345` → `23.4 %`: a share for the eye; the caps themselves are checked in integers elsewhere. */
const percent = (ratio: string): string => `${Math.floor(Number(ratio) * 1_000) / 10} %`;

type Tile = {
  readonly name: string;
  readonly label: string;
  readonly value: ReactNode;
  readonly note?: string | undefined;
  /** Where its rows are, if this role sees them. */
  readonly href: string | null;
};

export function Tiles() {
  const tiles = useQuery({ queryKey: ['tiles'], queryFn: () => api.supervisor.tiles(), refetchInterval: 5_000 });
  return (
    <Loaded query={tiles} skeleton={<Skeleton className="h-[466px] sm:h-[334px] lg:h-40" />}>
      {(data) => <TileList data={data} />}
    </Loaded>
  );
}

function TileList({ data }: { readonly data: SupervisorTiles }) {
  const t = useTranslations('supervisor');
  const role = useStaff()?.role;
  const capName = useCapName();
  const seconds = (ms: number | null) =>
    ms === null ? '—' : t('seconds', { value: `${Math.floor(ms / 1_000)}.${String(Math.floor((ms % 1_000) / 10)).padStart(2, '0')}` });
  const against = (value: string) => t('against', { value });
  const overdue = (count: number) => t('alertsOverdue', { count: formatCount(count) });
  const fullest = [...data.capsUsed].sort((a, b) => Number(b.ratio) - Number(a.ratio))[0];
  const tradeRows =
    role === 'sup_market' ? '/supervisor?type=mkt.trade' : role === 'sup_tax' ? '/supervisor?type=tax.trade.assessed' : null;
  const taxRows = role === 'sup_tax' ? '/supervisor/tax' : null;
  const tiles: readonly Tile[] = [
    { name: 'trades', label: t('trades'), value: formatCount(data.trades), note: against(formatCount(data.tradesBefore)), href: tradeRows },
    {
      name: 'turnover',
      label: t('turnover'),
      value: <Yuan fen={data.turnoverFen} />,
      note: against(formatYuan(data.turnoverBeforeFen)),
      href: tradeRows,
    },
    {
      name: 'filtered',
      label: t('filtered'),
      value: <Yuan fen={data.filteredFen} />,
      note: against(formatYuan(data.filteredBeforeFen)),
      href: role === 'sup_market' ? '/supervisor?type=mkt.trade.corrected' : null,
    },
    {
      name: 'assessed',
      label: t('assessed'),
      value: <Yuan fen={data.assessedFen} />,
      note: against(formatYuan(data.assessedBeforeFen)),
      href: taxRows,
    },
    { name: 'sellers', label: t('sellers'), value: formatCount(data.sellers), href: taxRows },
    {
      name: 'alerts',
      label: t('alertsOpen'),
      value: formatCount(data.alertsOpen),
      note: overdue(data.alertsOverdue),
      href: '/supervisor/alerts',
    },
    {
      name: 'cases',
      label: t('casesOpen'),
      value: formatCount(data.casesOpen),
      note: overdue(data.casesOverdue),
      href: '/supervisor/cases?state=open',
    },
    { name: 'frozen', label: t('frozen'), value: formatCount(data.frozen), href: '/supervisor?type=freeze.set' },
    { name: 'certifyP50', label: t('certifyP50'), value: seconds(data.certifyP50Ms), href: '/explorer' },
    { name: 'certifyP95', label: t('certifyP95'), value: seconds(data.certifyP95Ms), href: '/explorer' },
    {
      name: 'cost',
      label: t('costPerTrade'),
      value: data.costPerTradeFen === null ? '—' : <Yuan fen={data.costPerTradeFen} />,
      href: tradeRows,
    },
    {
      name: 'reconciliation',
      label: t('reconciliation'),
      value: (
        <span className={data.reconciliationFen === '0' ? 'text-green' : 'text-red'}>
          <Yuan fen={data.reconciliationFen} />
        </span>
      ),
      href: role === 'sup_finance' ? '/supervisor/reconciliation' : null,
    },
    {
      name: 'caps',
      label: t('caps'),
      value: fullest === undefined ? '—' : percent(fullest.ratio),
      note: fullest === undefined ? undefined : capName(fullest.name),
      href: '/supervisor/experiments',
    },
    { name: 'members', label: t('members'), value: `${data.membersUp} / ${data.membersTotal}`, href: '/node' },
  ];
  return (
    <div className="grid grid-cols-2 gap-x-4 gap-y-3 rounded-lg border border-line bg-card p-4 sm:grid-cols-3 lg:grid-cols-7">
      {tiles.map(({ name, label, value, note, href }) => (
        <dl key={name} data-tile={name}>
          <Stat label={label} note={note}>
            {href === null ? (
              value
            ) : (
              <Link href={href} className="underline decoration-line-strong/60 underline-offset-4 hover:text-accent">
                {value}
              </Link>
            )}
          </Stat>
        </dl>
      ))}
    </div>
  );
}
