'use client';
/** Policy replay (V-23): ask for one, and everything that was kept. */
import { useQuery } from '@tanstack/react-query';
import { Suspense } from 'react';
import { useTranslations } from 'use-intl';
import { staffApi } from '#app/_client/staff-api.ts';
import { Empty } from '#app/_components/empty.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { Chip, PageTitle, Panel, Skeleton, TextLink, Time } from '#app/_components/ui.tsx';
import type { ReplaySummary } from '#server/trpc/views.ts';
import { REPLAY_TONE } from './replay-tone.ts';
import { StartForm } from './start-form.tsx';

export default function ReplayPage() {
  const t = useTranslations('replay');
  const replays = useQuery({ queryKey: ['replays'], queryFn: () => staffApi.replay.list(), refetchInterval: 5_000 });
  return (
    <div className="space-y-5">
      <PageTitle text={t('title')} />
      <p className="max-w-3xl text-ink-2">{t('lead')}</p>
      <Suspense fallback={<Skeleton className="h-72" />}>
        <StartForm />
      </Suspense>
      <Panel title={t('list')} flush>
        <Loaded query={replays} skeleton={<Skeleton className="h-48" />}>
          {(list) => (list.length === 0 ? <Empty title={t('none')} text={t('noneText')} /> : <List replays={list} />)}
        </Loaded>
      </Panel>
    </div>
  );
}

function List({ replays }: { readonly replays: readonly ReplaySummary[] }) {
  const t = useTranslations('replay');
  return (
    <ul className="divide-y divide-line">
      {replays.map((replay) => (
        <li key={replay.replayId} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3">
          <TextLink href={`/supervisor/replay/${replay.replayId}`} className="font-medium">
            {replay.from} – {replay.to}
          </TextLink>
          <span className="text-[13px]">
            {replay.draft.packId} {replay.draft.version}
          </span>
          <Chip tone={REPLAY_TONE[replay.state]}>{t(`state.${replay.state}`)}</Chip>
          {replay.state === 'running' ? (
            <span className="text-[13px] text-ink-2">{t('progress', { done: replay.done, total: replay.total })}</span>
          ) : null}
          <span className="ms-auto text-[13px] text-ink-3">
            {replay.requestedBy} · <Time at={replay.requestedAt} />
          </span>
        </li>
      ))}
    </ul>
  );
}
