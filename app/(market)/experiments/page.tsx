'use client';
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { Empty } from '#app/_components/empty.tsx';
import { ItemName } from '#app/_components/item-art.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { StateChip } from '#app/_components/state-chip.tsx';
import { PageTitle, Panel, Skeleton, TextLink } from '#app/_components/ui.tsx';

export default function ExperimentsPage() {
  const t = useTranslations('experiment');
  const list = useQuery({ queryKey: ['experiments'], queryFn: () => api.experiment.list() });
  return (
    <div className="mx-auto max-w-4xl space-y-4">
      <PageTitle text={t('list')} />
      <h1 className="text-xl font-bold">{t('list')}</h1>
      <Loaded query={list} skeleton={<Skeleton className="h-40" />}>
        {(rows) => (
          <Panel flush>
            {rows.length === 0 ? <Empty title={t('empty')} /> : null}
            <ul className="divide-y divide-line">
              {rows.map((row) => (
                <li key={row.experimentId} className="space-y-1 p-4">
                  <TextLink href={`/experiments/${row.experimentId}`} className="text-base font-semibold">
                    <ItemName names={row.title} />
                  </TextLink>
                  <p className="flex flex-wrap items-center gap-2 text-[13px] text-ink-2">
                    <span className="num">{row.experimentId}</span> <StateChip status={row.status} />
                    <span className="num">
                      {row.from} – {row.to}
                    </span>
                    <ItemName names={row.label} />
                  </p>
                </li>
              ))}
            </ul>
          </Panel>
        )}
      </Loaded>
    </div>
  );
}
