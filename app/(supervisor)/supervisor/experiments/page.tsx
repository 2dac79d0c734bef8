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
import { useRowKeys } from '#app/_components/use-row-keys.ts';

export default function ExperimentsPage() {
  const t = useTranslations('experimentDesk');
  const list = useQuery({ queryKey: ['experimentDesk', 'list'], queryFn: () => staffApi.experimentDesk.list(), refetchInterval: 15_000 });
  const { box } = useRowKeys<HTMLUListElement>({ keys: list.data?.map(({ experimentId }) => experimentId) ?? [] });
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
            <ul ref={box} className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-card shadow-card">
              {rows.map((row) => (
                <li key={row.experimentId}>
                  <Link
                    href={`/supervisor/experiments/${row.experimentId}`}
                    data-row-key={row.experimentId}
                    className="flex min-h-11 flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2 -outline-offset-2 hover:bg-sunk focus-visible:bg-accent-soft sm:grid sm:grid-cols-[130px_minmax(0,1fr)_auto_200px_70px]"
                  >
                    <span className="num font-semibold">{row.experimentId}</span>
                    <ItemName names={row.title} />
                    <span>
                      <StateChip status={row.status} />
                    </span>
                    <span className="num text-[13px] text-ink-2">
                      {row.from} – {row.to}
                    </span>
                    <span className="num text-end text-[13px] text-ink-2">{t('people', { count: row.participants })}</span>
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
