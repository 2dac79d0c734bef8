'use client';
/** Experiments (V-20): all of them, with where they stand. */
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { staffApi } from '#app/_client/staff-api.ts';
import { Empty } from '#app/_components/empty.tsx';
import { ItemName } from '#app/_components/item-art.tsx';
import { Link } from '#app/_components/link.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { StateChip } from '#app/_components/state-chip.tsx';
import { LinkButton, PageTitle, Skeleton } from '#app/_components/ui.tsx';

export default function ExperimentsPage() {
  const t = useTranslations('experimentDesk');
  const list = useQuery({ queryKey: ['experimentDesk', 'list'], queryFn: () => staffApi.experimentDesk.list(), refetchInterval: 15_000 });
  return (
    <div className="space-y-5">
      <PageTitle text={t('title')} />
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-3xl text-ink-2">{t('lead')}</p>
        <LinkButton href="/supervisor/experiments/new">{t('create')}</LinkButton>
      </div>
      <Loaded query={list} skeleton={<Skeleton className="h-48" />}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title={t('title')} />
          ) : (
            <ul className="space-y-2">
              {rows.map((row) => (
                <li key={row.experimentId}>
                  <Link
                    href={`/supervisor/experiments/${row.experimentId}`}
                    className="flex min-h-11 flex-wrap items-center gap-x-4 gap-y-1 rounded-lg border border-line bg-card px-4 py-3 hover:border-accent"
                  >
                    <span className="num font-semibold">{row.experimentId}</span>
                    <ItemName names={row.title} />
                    <StateChip status={row.status} />
                    <span className="num text-[13px] text-ink-2">
                      {row.from} – {row.to}
                    </span>
                    <span className="num text-[13px] text-ink-2">{t('people', { count: row.participants })}</span>
                  </Link>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </div>
  );
}
