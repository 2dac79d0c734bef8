'use client';
/** The case desk (V-14): filtered in the address, walked with j and k, opened with Enter. */
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useRouter, useSearchParams } from 'next/navigation';
import { type FormEvent, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { formatCount } from '#app/_client/format.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { Empty } from '#app/_components/empty.tsx';
import { Link } from '#app/_components/link.tsx';
import { QueryNotes } from '#app/_components/loaded.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Sheet } from '#app/_components/sheet.tsx';
import { Button, Chip, Field, PageTitle, Segments, Skeleton, Time } from '#app/_components/ui.tsx';
import { useRoom } from '#app/_components/use-room.ts';
import { useRowKeys } from '#app/_components/use-row-keys.ts';
import type { CaseLine, CaseTopic } from '#server/trpc/views.ts';
import { CASE_TONE, roomOf, UNOWNED } from './case-words.ts';

const STATES = ['open', 'referred', 'closed'] as const;
const TOPICS = ['abuse', 'laundering', 'theft', 'dispute', 'tax', 'other'] as const;
const FIRST_PAGE: string | null = null;

export default function CasesPage() {
  return (
    <Suspense fallback={<Skeleton className="h-96" />}>
      <Cases />
    </Suspense>
  );
}

function useFilters() {
  const router = useRouter();
  const params = useSearchParams();
  const state = STATES.find((each) => each === params.get('state'));
  const topic = TOPICS.find((each) => each === params.get('topic'));
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(params);
    if (value === '' || value === 'all') next.delete(name);
    else next.set(name, value);
    router.replace(`/supervisor/cases?${next.toString()}`, { scroll: false });
  };
  return { state, topic, about: params.get('about') ?? '', set };
}

function Cases() {
  const t = useTranslations('cases');
  const { state, topic, about, set } = useFilters();
  const [isOpening, setOpening] = useState(false);
  useRoom('/supervisor', roomOf(useStaff()?.role ?? null), [['cases']]);
  const query = useInfiniteQuery({
    queryKey: ['cases', state, topic, about],
    queryFn: ({ pageParam }) =>
      staffApi.case.list({
        about,
        ...(state === undefined ? {} : { state }),
        ...(topic === undefined ? {} : { topic }),
        ...(pageParam === null ? {} : { before: pageParam }),
      }),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: (page) => page.next,
    refetchInterval: 15_000,
  });
  const [first] = query.data?.pages ?? [];
  const rows = query.data?.pages.flatMap((page) => page.cases) ?? [];
  return (
    <div className="space-y-3">
      <PageTitle text={t('title')} />
      <div className="flex flex-wrap items-center gap-2">
        <Segments
          label={t('filterState')}
          value={state ?? 'all'}
          options={[{ value: 'all', label: t('all') }, ...STATES.map((value) => ({ value, label: t(`state.${value}`) }))]}
          onChange={(value) => set('state', value)}
        />
        <Segments
          label={t('filterTopic')}
          value={topic ?? 'all'}
          options={[{ value: 'all', label: t('all') }, ...TOPICS.map((value) => ({ value, label: t(`topic.${value}`) }))]}
          onChange={(value) => set('topic', value)}
        />
        <input
          key={about}
          type="search"
          defaultValue={about}
          placeholder={t('about')}
          aria-label={t('about')}
          className="h-11 min-w-0 flex-1 basis-56 rounded-md border border-line-strong/70 bg-card px-3 text-sm sm:h-9 sm:max-w-72"
          onBlur={(event) => set('about', event.target.value.trim())}
          onKeyDown={(event) => {
            if (event.key === 'Enter') set('about', event.currentTarget.value.trim());
          }}
        />
        <span className="ms-auto flex flex-wrap items-center gap-2 text-[13px]">
          {first === undefined ? null : <Chip tone="accent">{t('open', { count: formatCount(first.open) })}</Chip>}
          {first !== undefined && first.overdue > 0 ? <Chip tone="bad">{t('overdue', { count: formatCount(first.overdue) })}</Chip> : null}
          {first !== undefined && first.appeals > 0 ? <Chip tone="wait">{t('appeals', { count: formatCount(first.appeals) })}</Chip> : null}
          <Button tone="primary" onClick={() => setOpening(true)}>
            {t('newCase')}
          </Button>
        </span>
      </div>
      <QueryNotes query={query} />
      {query.data === undefined && !query.isError ? <Skeleton className="h-96" /> : null}
      {first !== undefined && rows.length === 0 ? <Empty title={t('empty')} text={t('emptyText')} /> : null}
      {rows.length > 0 ? <CaseList rows={rows} /> : null}
      {query.hasNextPage ? (
        <Button onClick={() => void query.fetchNextPage()} disabled={query.isFetchingNextPage}>
          {t('more')}
        </Button>
      ) : null}
      <Sheet open={isOpening} title={t('newCase')} onClose={() => setOpening(false)}>
        <OpenForm />
      </Sheet>
    </div>
  );
}

function CaseList({ rows }: { readonly rows: readonly CaseLine[] }) {
  const t = useTranslations('cases');
  const keys = rows.map(({ caseId }) => caseId);
  const { box, chosen } = useRowKeys<HTMLUListElement>({ keys });
  return (
    <>
      <ul ref={box} className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-card shadow-card">
        {rows.map((row) => (
          <li key={row.caseId} data-case={row.caseId}>
            <Link
              href={`/supervisor/cases/${row.caseId}`}
              data-row-key={row.caseId}
              aria-current={row.caseId === chosen ? 'true' : undefined}
              className="flex min-h-11 flex-wrap items-center gap-x-4 gap-y-1 px-3 py-2 -outline-offset-2 sm:grid sm:grid-cols-[auto_minmax(0,1fr)_auto_auto] lg:grid-cols-[150px_minmax(0,1fr)_110px_90px_230px_150px] hover:bg-sunk aria-[current=true]:bg-accent-soft"
            >
              <span className="font-mono text-[13px] text-ink-3">{row.number}</span>
              <span className="min-w-0 flex-1 basis-52 truncate font-medium">{row.title}</span>
              <span>
                <Chip>{t(`topic.${row.topic}`)}</Chip>
              </span>
              <span>
                <Chip tone={CASE_TONE[row.state]}>{t(`state.${row.state}`)}</Chip>
              </span>
              <span className="text-[13px] text-ink-2">
                {row.state === 'closed' ? null : (
                  <>
                    {t('due')} <Time at={row.dueAt} /> {row.isOverdue ? <strong className="text-red">{t('dueOver')}</strong> : null}
                  </>
                )}
              </span>
              <span className="text-xs text-ink-3">{row.owner === UNOWNED ? t('unowned') : row.owner}</span>
            </Link>
          </li>
        ))}
      </ul>
      <p className="hidden text-xs text-ink-3 sm:block">{t('keys')}</p>
    </>
  );
}

function OpenForm() {
  const t = useTranslations('cases');
  const router = useRouter();
  const [topic, setTopic] = useState<CaseTopic>('abuse');
  const [title, setTitle] = useState('');
  const [ground, setGround] = useState('');
  const open = useMutation({
    mutationFn: () => staffApi.case.open({ topic, title: title.trim(), ground: ground.trim() }),
    onSuccess: ({ caseId }) => router.push(`/supervisor/cases/${caseId}`),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    open.mutate();
  };
  return (
    <form onSubmit={submit} className="space-y-3">
      <Segments
        label={t('filterTopic')}
        value={topic}
        options={TOPICS.map((value) => ({ value, label: t(`topic.${value}`) }))}
        onChange={setTopic}
      />
      <Field label={t('caseTitle')} value={title} maxLength={200} onChange={(event) => setTitle(event.target.value)} />
      <Field label={t('ground')} value={ground} maxLength={500} onChange={(event) => setGround(event.target.value)} />
      {open.isError ? <RefusalNote refusal={readRefusal(open.error)} /> : null}
      <Button type="submit" tone="primary" disabled={open.isPending || title.trim().length < 3 || ground.trim().length < 3}>
        {t('newCase')}
      </Button>
    </form>
  );
}
