'use client';
/** What the product has told me, by day (P-40). What is opened from here is read; a page behind a notice shows the figures. */
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { CheckCheck } from 'lucide-react';
import { useRouter, useSearchParams } from 'next/navigation';
import { Suspense } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { Empty } from '#app/_components/empty.tsx';
import { INBOX_MESSAGES } from '#app/_components/inbox-messages.ts';
import { QueryNotes, SignInFirst } from '#app/_components/loaded.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { useMe } from '#app/_components/session.tsx';
import { Button, LinkButton, PageTitle, Segments, Skeleton } from '#app/_components/ui.tsx';
import { useRoom } from '#app/_components/use-room.ts';
import type { NoticeFamily } from '#server/trpc/views.ts';
import { InboxSettings } from './inbox-settings.tsx';
import { NoticeDays } from './notice-days.tsx';

const FAMILIES = ['trade', 'money', 'claim', 'case', 'tax', 'experiment', 'watch'] as const satisfies readonly NoticeFamily[];
const isFamily = (value: string | null): value is NoticeFamily => FAMILIES.some((family) => family === value);

export default function InboxPage() {
  return (
    <Suspense fallback={<Skeleton className="h-96" />}>
      <Inbox />
    </Suspense>
  );
}

function Inbox() {
  const t = useTranslations();
  const me = useMe();
  const router = useRouter();
  const queryClient = useQueryClient();
  const params = useSearchParams();
  const asked = params.get('kind');
  const family = isFamily(asked) ? asked : null;
  const isUnreadOnly = params.get('unread') === '1';
  useRoom('/player', me ? `player:${me.acct}` : null, [['inbox']], INBOX_MESSAGES);
  const pages = useInfiniteQuery({
    queryKey: ['inbox', 'list', family, isUnreadOnly],
    queryFn: ({ pageParam }) => api.inbox.list({ family, before: pageParam, isUnreadOnly }),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next ?? undefined,
    enabled: Boolean(me),
    refetchInterval: 60_000,
  });
  const [first] = pages.data?.pages ?? [];
  const entries = pages.data?.pages.flatMap((page) => page.entries) ?? [];
  const markAll = useMutation({
    mutationFn: () => api.inbox.markAllRead(first?.headSeq ?? 1),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['inbox'] }),
  });
  const markOne = useMutation({
    mutationFn: (seq: number) => api.inbox.markRead(seq),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['inbox'] }),
  });
  if (me === null) return <SignInFirst />;
  const go = (kind: NoticeFamily | null, unread: boolean) => {
    const next = new URLSearchParams({ ...(kind === null ? {} : { kind }), ...(unread ? { unread: '1' } : {}) }).toString();
    router.replace(next === '' ? '/inbox' : `/inbox?${next}`);
  };
  const refused = [markAll, markOne].find(({ isError }) => isError);
  return (
    <div className="space-y-4">
      <PageTitle text={t('inbox.title')} />
      <header className="flex flex-wrap items-start justify-between gap-3">
        <div>
          <h1 className="text-xl font-bold">{t('inbox.title')}</h1>
          <p className="max-w-3xl text-[13px] text-ink-2">{t('inbox.lead')}</p>
        </div>
        <Button onClick={() => markAll.mutate()} disabled={markAll.isPending || first === undefined || first.headSeq === 0}>
          <CheckCheck size={15} aria-hidden /> {t('inbox.markAll')}
        </Button>
      </header>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Segments
          label={t('inbox.filter')}
          value={family ?? 'all'}
          options={[{ value: 'all', label: t('inbox.all') }, ...FAMILIES.map((value) => ({ value, label: t(`inbox.family.${value}`) }))]}
          onChange={(value) => go(value === 'all' ? null : value, isUnreadOnly)}
        />
        <label className="inline-flex min-h-11 cursor-pointer items-center gap-2 text-[13px] sm:min-h-8">
          <input
            type="checkbox"
            checked={isUnreadOnly}
            onChange={(event) => go(family, event.target.checked)}
            className="size-4 accent-accent"
          />
          {t('inbox.unreadOnly')}
        </label>
      </div>
      {refused === undefined ? null : <RefusalNote refusal={readRefusal(refused.error)} />}
      {pages.data === undefined && !pages.isError ? (
        <div aria-busy="true">
          <span className="sr-only">{t('panel.loading')}</span>
          <Skeleton className="h-96" />
        </div>
      ) : (
        <QueryNotes query={pages} />
      )}
      {pages.data === undefined ? null : entries.length === 0 ? (
        <div className="rounded-lg border border-line bg-card">
          {family === null && !isUnreadOnly ? (
            <Empty title={t('inbox.empty')} text={t('inbox.emptyText')}>
              <LinkButton href="/search">{t('nav.search')}</LinkButton>
            </Empty>
          ) : (
            <Empty title={t('inbox.emptyFiltered')} text={t('inbox.emptyFilteredText')}>
              <Button onClick={() => go(null, false)}>{t('inbox.showAll')}</Button>
            </Empty>
          )}
        </div>
      ) : (
        <NoticeDays entries={entries} onRead={(seq) => markOne.mutate(seq)} />
      )}
      {pages.hasNextPage ? (
        <div className="flex justify-center">
          <Button onClick={() => void pages.fetchNextPage()} disabled={pages.isFetchingNextPage}>
            {t('panel.more')}
          </Button>
        </div>
      ) : null}
      {first === undefined ? null : <InboxSettings muted={first.muted} />}
    </div>
  );
}
