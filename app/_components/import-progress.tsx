'use client';
/** The progress bar of a catalogue import (T-24), the same on the home page and in the studio's console. */
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { formatCount, formatSeconds } from '#app/_client/format.ts';
import type { ImportProgress } from '#server/trpc/views.ts';
import { Chip, type ChipTone, Stat } from './ui.tsx';

const TONE: Record<ImportProgress['state'], ChipTone> = {
  queued: 'wait',
  running: 'accent',
  paused: 'wait',
  finished: 'good',
  failed: 'bad',
};

export function ImportProgressBar({ job, children }: { readonly job: ImportProgress; readonly children?: ReactNode }) {
  const t = useTranslations('importing');
  const share = job.total === 0 ? 0 : Math.floor((job.done * 100) / job.total);
  return (
    <div className="space-y-3">
      <div className="flex items-center gap-3">
        <Chip tone={TONE[job.state]}>{t(`state.${job.state}`)}</Chip>
        <progress
          className="h-2.5 w-full flex-1 appearance-none overflow-hidden rounded-full [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-line [&::-webkit-progress-value]:bg-accent [&::-webkit-progress-value]:transition-[width]"
          max={job.total}
          value={job.done}
          aria-label={t('title')}
        />
        <span className="num w-12 text-end font-semibold">{share} %</span>
      </div>
      <dl className="grid grid-cols-2 gap-3 sm:grid-cols-4">
        <Stat label={t('declared')}>{formatCount(job.classes)}</Stat>
        <Stat label={t('issued')}>{formatCount(job.items)}</Stat>
        <Stat label={t('certified')} note={t('of', { done: formatCount(job.done), total: formatCount(job.total) })}>
          {formatCount(job.certified)}
        </Stat>
        <Stat
          label={t('left')}
          note={`${t('rate')} ${formatCount(job.perMinute)}${job.rejected > 0 ? ` · ${t('rejected')} ${job.rejected}` : ''}`}
        >
          {job.state === 'finished' ? '0:00' : job.etaSeconds === null ? t('unknown') : formatSeconds(job.etaSeconds)}
        </Stat>
      </dl>
      {children}
    </div>
  );
}

/** Several jobs of one catalogue (kinds, then items) as the one bar that a visitor expects. */
export function sumOfImports(jobs: readonly ImportProgress[]): ImportProgress | null {
  const [first] = jobs;
  if (first === undefined) return null;
  const sum = (pick: (job: ImportProgress) => number) => jobs.reduce((total, job) => total + pick(job), 0);
  const open = jobs.filter((job) => job.state !== 'finished');
  return {
    jobId: first.jobId,
    state: open[0]?.state ?? 'finished',
    done: sum((job) => job.done),
    total: sum((job) => job.total),
    certified: sum((job) => job.certified),
    rejected: sum((job) => job.rejected),
    perMinute: sum((job) => (job.state === 'finished' ? 0 : job.perMinute)),
    etaSeconds: open.some((job) => job.etaSeconds === null) ? null : open.reduce((most, job) => Math.max(most, job.etaSeconds ?? 0), 0),
    classes: sum((job) => job.classes),
    items: sum((job) => job.items),
  };
}
