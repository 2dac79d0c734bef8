'use client';
/** The studio's overview (T-23): what is issued and traded, imports with pause, resume and cancel, keys, problems. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Pause, Play, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { formatCount } from '#app/_client/format.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { Empty } from '#app/_components/empty.tsx';
import { ImportProgressBar } from '#app/_components/import-progress.tsx';
import { Inquiries } from '#app/_components/inquiries.tsx';
import { ItemName } from '#app/_components/item-art.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { PeriodReturn } from '#app/_components/period-return.tsx';
import { useNow } from '#app/_components/providers.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Chip, Id, PageTitle, Panel, Skeleton, Stat, TextLink, Time, Yuan } from '#app/_components/ui.tsx';
import { useRoom } from '#app/_components/use-room.ts';
import { beijingDate, instant } from '#ledger/primitives/instant.ts';
import { labelAround } from '#sandbox/reports/period.ts';
import type { ImportProgress, StudioOverview } from '#server/trpc/views.ts';
import { SunsetPanel } from './sunset-panel.tsx';

/** While nobody tells how far imports are. */
const POLL_MS = 1_500;
/** What is told of imports says nothing of trades and keys. */
const TOLD_POLL_MS = 15_000;
const QUERIES = [['studio']] as const;
const TOLD_OF = ['import.progress'] as const;

export default function StudioPage() {
  const t = useTranslations('studio');
  const [isTold, setTold] = useState(false);
  const overview = useQuery({
    queryKey: ['studio'],
    queryFn: () => staffApi.studio.overview(),
    refetchInterval: isTold ? TOLD_POLL_MS : POLL_MS,
  });
  const studioRef = overview.data?.studioRef;
  const isConnected = useRoom('/studio', studioRef === undefined ? null : `studio:${studioRef}`, QUERIES, TOLD_OF);
  useEffect(() => setTold(isConnected), [isConnected]);
  return (
    <div className="space-y-4">
      <PageTitle text={t('title')} />
      <h1 className="text-xl font-bold">{t('title')}</h1>
      <Inquiries as="studio" />
      <Loaded query={overview} skeleton={<Skeleton className="h-[70vh]" />}>
        {(data) => <Overview overview={data} />}
      </Loaded>
    </div>
  );
}

function Overview({ overview }: { readonly overview: StudioOverview }) {
  const t = useTranslations('studio');
  const catalogue = useTranslations('problems');
  const reference = useTranslations('reference');
  return (
    <div className="space-y-4">
      <Panel title={<ItemName names={overview.names} />} aside={overview.isHosted ? <Chip tone="wait">{t('hosted')}</Chip> : null}>
        <dl className="grid grid-cols-2 gap-4 sm:grid-cols-4">
          <Stat large label={t('issued')}>
            {formatCount(overview.issued)}
          </Stat>
          <Stat large label={t('traded')}>
            {formatCount(overview.traded)}
          </Stat>
          <Stat large label={t('revenue')}>
            <Yuan fen={overview.revenueFen} />
          </Stat>
          <Stat large label={t('royalties')}>
            <Yuan fen={overview.royaltiesFen} />
          </Stat>
        </dl>
      </Panel>
      <SunsetPanel overview={overview} />
      <Panel title={t('imports')}>
        {overview.imports.length === 0 ? <Empty title={t('importsEmpty')} /> : null}
        <ul className="space-y-6">
          {overview.imports.map((job) => (
            <li key={job.jobId}>
              <ImportProgressBar job={job}>
                <JobActs job={job} />
              </ImportProgressBar>
            </li>
          ))}
        </ul>
      </Panel>
      <div className="grid items-start gap-4 lg:grid-cols-2">
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
              {overview.games.map((game) => (
                <tr key={game.gameId}>
                  <td data-label={t('games')}>
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
        <Panel title={t('keys')} flush>
          <table className="data-table as-cards">
            <thead>
              <tr>
                <th>{t('keys')}</th>
                <th>{t('lastUsed')}</th>
                <th>{t('expires')}</th>
              </tr>
            </thead>
            <tbody>
              {overview.keys.map((key) => (
                <tr key={key.keyId}>
                  <td data-label={t('keys')}>
                    <span className="inline-flex flex-wrap items-center gap-x-2 max-sm:justify-end">
                      <Chip>{t(`keyKind.${key.kind}`)}</Chip>
                      <span className="font-mono text-[13px]">{key.keyId}</span>
                    </span>
                  </td>
                  <td data-label={t('lastUsed')}>{key.lastUsedAt === null ? t('never') : <Time at={key.lastUsedAt} />}</td>
                  <td data-label={t('expires')}>
                    <Time at={key.expiresAt} style="day" />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Panel>
      </div>
      <Panel
        title={t('problems')}
        aside={
          <span className="flex flex-wrap gap-x-4">
            <TextLink href="/reference" className="inline-flex min-h-6 items-center">
              {reference('toPage')}
            </TextLink>
            <TextLink href="/problems" className="inline-flex min-h-6 items-center">
              {catalogue('toPage')}
            </TextLink>
          </span>
        }
        flush
      >
        {overview.problems.length === 0 ? (
          <Empty title={t('problemsEmpty')} />
        ) : (
          <ul className="divide-y divide-line">
            {overview.problems.map((problem) => (
              <li key={problem.traceId} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2">
                <Time at={problem.at} />
                <TextLink href={`/problems#${problem.code}`}>
                  <Chip tone="bad">{problem.code}</Chip>
                </TextLink>
                <span className="min-w-0 font-mono text-[13px] [overflow-wrap:anywhere]">{problem.detail}</span>
                <Id value={problem.traceId} />
              </li>
            ))}
          </ul>
        )}
      </Panel>
      <RoyaltyReturn />
    </div>
  );
}

function JobActs({ job }: { readonly job: ImportProgress }) {
  const t = useTranslations('studio');
  const client = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const act = useMutation({
    mutationFn: (step: 'pauseJob' | 'resumeJob' | 'cancelJob') => staffApi.studio[step](job.jobId),
    onSettled: () => {
      setAsking(false);
      return client.invalidateQueries({ queryKey: ['studio'] });
    },
  });
  if (job.state === 'finished' || job.state === 'failed') return null;
  return (
    <div className="space-y-2">
      {act.isError ? <RefusalNote refusal={readRefusal(act.error)} /> : null}
      {isAsking ? (
        <div role="alertdialog" aria-label={t('cancelTitle')} className="rounded-md border border-red p-3">
          <p className="font-medium">{t('cancelTitle')}</p>
          <p className="mb-2 text-sm text-ink-2">{t('cancelText')}</p>
          <div className="flex gap-2">
            <Button tone="danger" onClick={() => act.mutate('cancelJob')} disabled={act.isPending}>
              {t('cancel')}
            </Button>
            <Button onClick={() => setAsking(false)}>{t('resume')}</Button>
          </div>
        </div>
      ) : (
        <div className="flex gap-2">
          {job.state === 'paused' ? (
            <Button tone="primary" onClick={() => act.mutate('resumeJob')} disabled={act.isPending}>
              <Play size={14} aria-hidden /> {t('resume')}
            </Button>
          ) : (
            <Button onClick={() => act.mutate('pauseJob')} disabled={act.isPending}>
              <Pause size={14} aria-hidden /> {t('pause')}
            </Button>
          )}
          <Button tone="danger" onClick={() => setAsking(true)} disabled={act.isPending}>
            <X size={14} aria-hidden /> {t('cancel')}
          </Button>
        </div>
      )}
    </div>
  );
}

/** Of this month, as the supervisor sees it. */
function RoyaltyReturn() {
  const t = useTranslations('periodReturns');
  const now = useNow(60_000);
  const month = now === null ? null : labelAround('month', beijingDate(instant(now)));
  const answer = useQuery({
    queryKey: ['studioReturns', month],
    queryFn: () => staffApi.studio.returns(month ?? ''),
    enabled: month !== null,
    refetchInterval: 60_000,
  });
  const [shown] = answer.data?.returns ?? [];
  if (month === null || shown === undefined) return null;
  return (
    <div className="space-y-2">
      <h2 className="text-lg font-bold">
        {t('mine')} <span className="num">{month}</span>
      </h2>
      <p className="max-w-3xl text-[13px] text-ink-2">{t('lead')}</p>
      <PeriodReturn month={month} isOpen={answer.data?.isOpen ?? true} shown={shown} />
    </div>
  );
}
