'use client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { formatCount } from '#app/_client/format.ts';
import { ImportProgressBar } from '#app/_components/import-progress.tsx';
import { ItemName } from '#app/_components/item-art.tsx';
import { Empty, Loaded } from '#app/_components/loaded.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Sheet } from '#app/_components/sheet.tsx';
import { Button, Chip, Id, PageTitle, Panel, Skeleton, Stat, Time, Yuan } from '#app/_components/ui.tsx';
import type { ImportProgress, Refusal, StudioOverview } from '#server/trpc/views.ts';

export default function StudioPage() {
  const t = useTranslations('studio');
  const overview = useQuery({
    queryKey: ['studio'],
    queryFn: () => api.studio.overview(),
    refetchInterval: ({ state }) =>
      state.data?.imports.some((job) => job.state === 'running' || job.state === 'queued') === true ? 1_500 : 15_000,
  });
  return (
    <div className="space-y-4">
      <PageTitle text={t('title')} />
      <Loaded query={overview} skeleton={<Skeleton className="h-[640px]" />}>
        {(data) => <Overview studio={data} />}
      </Loaded>
    </div>
  );
}

function Overview({ studio }: { readonly studio: StudioOverview }) {
  const t = useTranslations('studio');
  return (
    <div className="space-y-5">
      <header className="flex flex-wrap items-center gap-3">
        <h1 className="text-xl font-bold">
          <ItemName names={studio.names} /> · {t('title')}
        </h1>
        {studio.isHosted ? <Chip tone="wait">{t('hosted')}</Chip> : null}
      </header>
      <dl className="notch grid grid-cols-2 gap-4 border border-line bg-card p-5 sm:grid-cols-4">
        <Stat label={t('issued')} large>
          {formatCount(studio.issued)}
        </Stat>
        <Stat label={t('traded')} large>
          {formatCount(studio.traded)}
        </Stat>
        <Stat label={t('revenue')} large>
          <Yuan fen={studio.revenueFen} />
        </Stat>
        <Stat label={t('royalties')} large>
          <Yuan fen={studio.royaltiesFen} />
        </Stat>
      </dl>
      <Panel title={t('imports')}>
        {studio.imports.length === 0 ? <p className="text-ink-2">{t('importsEmpty')}</p> : null}
        <div className="space-y-6">
          {studio.imports.map((job) => (
            <ImportProgressBar key={job.jobId} job={job}>
              <JobButtons job={job} />
            </ImportProgressBar>
          ))}
        </div>
      </Panel>
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <Games studio={studio} />
        <Keys studio={studio} />
        <Problems studio={studio} />
      </div>
    </div>
  );
}

function JobButtons({ job }: { readonly job: ImportProgress }) {
  const t = useTranslations('studio');
  const queryClient = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const run = (act: (jobId: string) => Promise<unknown>) => {
    setRefusal(null);
    act(job.jobId)
      .then(() => queryClient.invalidateQueries({ queryKey: ['studio'] }))
      .catch((error: unknown) => setRefusal(readRefusal(error)))
      .finally(() => setAsking(false));
  };
  if (job.state === 'finished' || job.state === 'failed') return null;
  return (
    <div className="space-y-2">
      <div className="flex gap-2">
        {job.state === 'paused' ? (
          <Button tone="primary" onClick={() => run(api.studio.resumeJob)}>
            {t('resume')}
          </Button>
        ) : (
          <Button onClick={() => run(api.studio.pauseJob)}>{t('pause')}</Button>
        )}
        <Button tone="danger" onClick={() => setAsking(true)}>
          {t('cancel')}
        </Button>
      </div>
      {refusal === null ? null : <RefusalNote refusal={refusal} />}
      <Sheet open={isAsking} title={t('cancelTitle')} onClose={() => setAsking(false)}>
        <div className="space-y-4">
          <p className="text-ink-2">{t('cancelText')}</p>
          <Button tone="danger" className="w-full" onClick={() => run(api.studio.cancelJob)}>
            {t('cancel')}
          </Button>
        </div>
      </Sheet>
    </div>
  );
}

function Games({ studio }: { readonly studio: StudioOverview }) {
  const t = useTranslations('studio');
  return (
    <Panel title={t('games')} flush>
      <table className="data-table as-cards">
        <thead>
          <tr>
            <th>{t('games')}</th>
            <th>{t('approval')}</th>
            <th className="end">{t('kinds')}</th>
            <th className="end">{t('items')}</th>
          </tr>
        </thead>
        <tbody>
          {studio.games.map((game) => (
            <tr key={game.gameId}>
              <td className="font-medium">
                <ItemName names={game.names} />
              </td>
              <td data-label={t('approval')}>{game.approvalNo}</td>
              <td data-label={t('kinds')} className="num end">
                {formatCount(game.classes)}
              </td>
              <td data-label={t('items')} className="num end">
                {formatCount(game.items)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Keys({ studio }: { readonly studio: StudioOverview }) {
  const t = useTranslations('studio');
  return (
    <Panel title={t('keys')} flush>
      <ul className="divide-y divide-line">
        {studio.keys.map((key) => (
          <li key={key.keyId} className="flex flex-wrap items-center justify-between gap-3 px-4 py-2.5 text-[13px]">
            <span className="flex items-center gap-2">
              <Chip tone={key.kind === 'write' ? 'accent' : 'plain'}>{t(`keyKind.${key.kind}`)}</Chip> <Id value={key.keyId} head={14} />
            </span>
            <span className="text-ink-3">
              {t('lastUsed')}: {key.lastUsedAt === null ? t('never') : <Time at={key.lastUsedAt} />} · {t('expires')}:{' '}
              <Time at={key.expiresAt} style="day" />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Problems({ studio }: { readonly studio: StudioOverview }) {
  const t = useTranslations('studio');
  return (
    <Panel title={t('problems')} flush>
      {studio.problems.length === 0 ? <Empty title={t('problemsEmpty')} /> : null}
      <ul className="divide-y divide-line">
        {studio.problems.map((problem) => (
          <li key={problem.traceId} className="px-4 py-2.5 text-[13px]">
            <code className="font-semibold">{problem.code}</code> <span className="text-ink-2">{problem.detail}</span>
            <span className="block text-xs text-ink-3">
              <Time at={problem.at} style="full" /> · <Id value={problem.traceId} />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
