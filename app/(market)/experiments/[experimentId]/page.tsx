'use client';
/** A registered experiment: its disclosure, its caps as they fill, and joining after having read (P-23). */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from 'next/navigation';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { formatCount, formatYuan } from '#app/_client/format.ts';
import { ItemName, KindTile } from '#app/_components/item-art.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { useMe } from '#app/_components/session.tsx';
import { StateChip } from '#app/_components/state-chip.tsx';
import { Button, Chip, LinkButton, PageTitle, Panel, Skeleton, Stat, Yuan } from '#app/_components/ui.tsx';
import { useArmName } from '#app/_components/use-arm-name.ts';
import { useCapName } from '#app/_components/use-cap-name.ts';
import type { ExperimentView, Refusal } from '#server/trpc/views.ts';
import { Notice } from './notice.tsx';

export default function ExperimentPage() {
  const { experimentId } = useParams<{ experimentId: string }>();
  const page = useQuery({
    queryKey: ['experiment', experimentId],
    queryFn: () => api.experiment.get(experimentId),
    refetchInterval: 10_000,
  });
  return (
    <Loaded query={page} skeleton={<Skeleton className="h-[640px]" />}>
      {(data) => <Experiment experiment={data} />}
    </Loaded>
  );
}

function Experiment({ experiment }: { readonly experiment: ExperimentView }) {
  const t = useTranslations('experiment');
  const armName = useArmName();
  return (
    // On a phone: what it is, joining, what it changes, its kinds.
    <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_400px] lg:grid-rows-[auto_1fr]">
      <PageTitle text={experiment.experimentId} />
      <section className="notch min-w-0 space-y-3 border border-line bg-card p-5 lg:col-start-1">
        <p className="num text-[13px] text-ink-3">{experiment.experimentId}</p>
        <h1 className="text-xl leading-tight font-bold sm:text-2xl">
          <ItemName names={experiment.title} />
        </h1>
        <p className="flex flex-wrap items-center gap-2">
          <StateChip status={experiment.status} />
          {experiment.isSeeded ? <Chip tone="wait">{t('simulated')}</Chip> : null}
          <ItemName names={experiment.label} className="text-[13px] text-ink-2" />
        </p>
        <dl className="grid gap-3 sm:grid-cols-2">
          <Stat label={t('period')}>
            {experiment.from} – {experiment.to}
          </Stat>
          <Stat label={t('arms')}>
            <span className="whitespace-normal">{experiment.arms.map((arm) => `${armName(arm.id)} ${arm.share}`).join(' · ')}</span>
          </Stat>
        </dl>
      </section>
      <div className="min-w-0 space-y-5 lg:col-start-2 lg:row-span-2 lg:row-start-1">
        <Joining experiment={experiment} />
        <Caps experiment={experiment} />
      </div>
      <div className="min-w-0 space-y-5 lg:col-start-1">
        <Notice experimentId={experiment.experimentId} />
        <Kinds classIds={experiment.classIds} />
      </div>
    </div>
  );
}

function Caps({ experiment }: { readonly experiment: ExperimentView }) {
  const t = useTranslations('experiment');
  const capName = useCapName();
  return (
    <Panel title={t('caps')}>
      <ul className="space-y-4">
        {experiment.caps.map((cap) => {
          const shown = (value: string) => (cap.isMoney ? formatYuan(value) : formatCount(BigInt(value)));
          const taken = BigInt(cap.used) + BigInt(cap.reserved);
          return (
            <li key={cap.name} className="space-y-1 text-[13px]">
              <p className="flex justify-between gap-3">
                <span className="font-semibold">{capName(cap.name)}</span>
                <span className="num">{t('capLimit', { limit: shown(cap.limit) })}</span>
              </p>
              <progress
                className="h-2 w-full appearance-none overflow-hidden rounded-full [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-line [&::-webkit-progress-value]:bg-accent"
                aria-label={capName(cap.name)}
                max={Number(cap.limit)}
                value={Number(taken)}
              />
              <p className="num text-xs text-ink-3">{t('capUsed', { used: shown(cap.used), reserved: shown(cap.reserved) })}</p>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

function Joining({ experiment }: { readonly experiment: ExperimentView }) {
  const t = useTranslations('experiment');
  const armName = useArmName();
  const me = useMe();
  const queryClient = useQueryClient();
  const [hasRead, setRead] = useState(false);
  const [isLeaving, setLeaving] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const act = (ask: (experimentId: string) => Promise<ExperimentView>) => {
    setRefusal(null);
    setLeaving(false);
    ask(experiment.experimentId)
      .then((joined) => queryClient.setQueryData(['experiment', experiment.experimentId], joined))
      .catch((error: unknown) => setRefusal(readRefusal(error)));
  };
  return (
    <Panel title={t('disclosure')}>
      <div className="space-y-3">
        <p className="whitespace-pre-line">
          <ItemName names={experiment.disclosure} />
        </p>
        {experiment.mine?.hasJoined === true ? (
          <>
            <Chip tone="good">{t('joined', { arm: experiment.mine.arm === null ? '—' : armName(experiment.mine.arm) })}</Chip>
            <dl className="grid grid-cols-2 gap-3">
              <Stat label={t('day')}>
                <Yuan fen={experiment.mine.dayUsedFen} />
              </Stat>
              <Stat label={t('month')}>
                <Yuan fen={experiment.mine.monthUsedFen} />
              </Stat>
            </dl>
            {isLeaving ? (
              <div className="space-y-2">
                <p className="text-[13px]">{t('leaveText')}</p>
                <p className="flex flex-wrap gap-2">
                  <Button tone="danger" onClick={() => act(api.experiment.leave)}>
                    {t('leaveNow')}
                  </Button>
                  <Button onClick={() => setLeaving(false)}>{t('stay')}</Button>
                </p>
              </div>
            ) : (
              <Button onClick={() => setLeaving(true)}>{t('leave')}</Button>
            )}
          </>
        ) : me === null ? (
          <LinkButton href="/sign-in">{t('needSignIn')}</LinkButton>
        ) : (
          <>
            <label className="flex min-h-11 items-center gap-2">
              <input type="checkbox" className="size-5 accent-accent" checked={hasRead} onChange={() => setRead(!hasRead)} />
              {t('read')}
            </label>
            <Button tone="primary" disabled={!hasRead} onClick={() => act(api.experiment.join)}>
              {t('join')}
            </Button>
          </>
        )}
        {refusal === null ? null : <RefusalNote refusal={refusal} />}
      </div>
    </Panel>
  );
}

function Kinds({ classIds }: { readonly classIds: ExperimentView['classIds'] }) {
  const t = useTranslations('experiment');
  const kinds = useQuery({ queryKey: ['search', 'experiment'], queryFn: () => api.search.list({ experiment: true }) });
  const wanted = new Set(classIds);
  return (
    <section>
      <h2 className="mb-2 text-[15px] font-semibold">{t('kinds')}</h2>
      <Loaded query={kinds} skeleton={<Skeleton className="h-[760px]" />}>
        {(page) => (
          <div className="grid grid-cols-2 gap-3 sm:grid-cols-4">
            {page.rows
              .filter((card) => wanted.has(card.classId))
              .map((card) => (
                <KindTile key={card.classId} card={card} />
              ))}
          </div>
        )}
      </Loaded>
    </section>
  );
}
