'use client';
/** Alerts as they come (V-08): filtered in the address, walked with j and k, opened with Enter. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useRouter, useSearchParams } from 'next/navigation';
import { Suspense } from 'react';
import { useTranslations } from 'use-intl';
import { formatCount } from '#app/_client/format.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { Empty } from '#app/_components/empty.tsx';
import { QueryNotes } from '#app/_components/loaded.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Button, Chip, PageTitle, Segments, Skeleton } from '#app/_components/ui.tsx';
import { useRoom } from '#app/_components/use-room.ts';
import { useRowKeys } from '#app/_components/use-row-keys.ts';
import type { AlertLine } from '#server/trpc/views.ts';
import { AlertRow } from './alert-row.tsx';
import { DetectorSelect, readDetector } from './detector-select.tsx';

const STATES = ['new', 'triaged', 'case', 'dismissed'] as const;
const isState = (text: string | null): text is AlertLine['state'] => STATES.some((state) => state === text);
const SCORES = ['0', '60', '80'] as const;
const FIRST_PAGE: string | null = null;

export default function AlertsPage() {
  return (
    <Suspense fallback={<Skeleton className="h-96" />}>
      <Alerts />
    </Suspense>
  );
}

function useFilters() {
  const router = useRouter();
  const params = useSearchParams();
  const state = params.get('state');
  const filters = {
    state: isState(state) ? state : undefined,
    detector: readDetector(params.get('detector')),
    minScore: Number(SCORES.find((score) => score === params.get('score')) ?? '0'),
    about: params.get('about') ?? '',
  };
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(params);
    if (value === '' || value === '0') next.delete(name);
    else next.set(name, value);
    router.replace(`/supervisor/alerts?${next.toString()}`, { scroll: false });
  };
  return { filters, set };
}

function Alerts() {
  const t = useTranslations('alerts');
  const { filters, set } = useFilters();
  const staff = useStaff();
  const role = staff?.role ?? null;
  useRoom('/supervisor', role === 'sup_finance' ? 'sup:finance' : role === 'sup_market' ? 'sup:market' : null, [['alerts']]);
  const query = useInfiniteQuery({
    queryKey: ['alerts', filters],
    queryFn: ({ pageParam }) =>
      staffApi.alert.list({
        minScore: filters.minScore,
        about: filters.about,
        ...(filters.state === undefined ? {} : { state: filters.state }),
        ...(filters.detector === undefined ? {} : { detector: filters.detector }),
        ...(pageParam === null ? {} : { before: pageParam }),
      }),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: (page) => page.next,
    refetchInterval: 15_000,
  });
  const [first] = query.data?.pages ?? [];
  const alerts = query.data?.pages.flatMap((page) => page.alerts) ?? [];
  return (
    <div className="space-y-3">
      <PageTitle text={t('title')} />
      <div className="flex flex-wrap items-center gap-2">
        <Segments
          label={t('filterState')}
          value={filters.state ?? 'all'}
          options={[{ value: 'all', label: t('all') }, ...STATES.map((value) => ({ value, label: t(`state.${value}`) }))]}
          onChange={(value) => set('state', value === 'all' ? '' : value)}
        />
        <Segments
          label={t('filterScore')}
          value={String(filters.minScore)}
          options={SCORES.map((value) => ({ value, label: value === '0' ? t('all') : `≥ ${value}` }))}
          onChange={(value) => set('score', value)}
        />
        <DetectorSelect value={filters.detector} onChange={(value) => set('detector', value)} />
        <AboutField value={filters.about} onChange={(value) => set('about', value.trim())} />
        <span className="ms-auto flex gap-2 text-[13px]">
          {first === undefined ? null : <Chip tone="accent">{t('open', { count: formatCount(first.open) })}</Chip>}
          {first !== undefined && first.overdue > 0 ? <Chip tone="bad">{t('overdue', { count: formatCount(first.overdue) })}</Chip> : null}
        </span>
      </div>
      <QueryNotes query={query} />
      {query.data === undefined && !query.isError ? <Skeleton className="h-96" /> : null}
      {first !== undefined && alerts.length === 0 ? <Empty title={t('empty')} text={t('emptyText')} /> : null}
      {alerts.length > 0 ? <AlertList alerts={alerts} /> : null}
      {query.hasNextPage ? (
        <Button onClick={() => void query.fetchNextPage()} disabled={query.isFetchingNextPage}>
          {t('more')}
        </Button>
      ) : null}
    </div>
  );
}

/** Typed text reaches the address when the field is left or Enter is pressed. */
function AboutField({ value, onChange }: { readonly value: string; readonly onChange: (value: string) => void }) {
  const t = useTranslations('alerts');
  return (
    <input
      key={value}
      type="search"
      defaultValue={value}
      placeholder={t('about')}
      aria-label={t('about')}
      className="h-11 min-w-0 flex-1 basis-56 rounded-md border border-line-strong/70 bg-card px-3 text-sm sm:h-9 sm:max-w-72"
      onBlur={(event) => onChange(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') onChange(event.currentTarget.value);
      }}
    />
  );
}

function AlertList({ alerts }: { readonly alerts: readonly AlertLine[] }) {
  const t = useTranslations('alerts');
  const keys = alerts.map(({ alertId }) => alertId);
  const { box, chosen } = useRowKeys<HTMLUListElement>({ keys });
  return (
    <>
      <ul ref={box} className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-card shadow-card">
        {alerts.map((alert) => (
          <li key={alert.alertId} data-alert={alert.alertId}>
            <AlertRow alert={alert} isChosen={alert.alertId === chosen} />
          </li>
        ))}
      </ul>
      <p className="hidden text-xs text-ink-3 sm:block">{t('keys')}</p>
    </>
  );
}
