'use client';
/** Decisions of the rules that want a supervisor's eye (V-09): let through for review, or refused. The address holds the filters. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useRouter, useSearchParams } from 'next/navigation';
import { Suspense } from 'react';
import { useTranslations } from 'use-intl';
import { formatCount } from '#app/_client/format.ts';
import { knownCode } from '#app/_client/messages/codes.ts';
import { reviewsZh } from '#app/_client/messages/reviews.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { Empty } from '#app/_components/empty.tsx';
import { useName } from '#app/_components/item-art.tsx';
import { QueryNotes } from '#app/_components/loaded.tsx';
import { type PeriodFrame, PeriodPicker, PeriodSkeleton, usePeriod } from '#app/_components/period-frame.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Button, Chip, PageTitle, Segments, Skeleton } from '#app/_components/ui.tsx';
import { useRowKeys } from '#app/_components/use-row-keys.ts';
import { DECISION_CODES, type DecisionCode } from '#sandbox/decisions/decision.ts';
import { SPAN_KINDS } from '#sandbox/reports/span.ts';
import { DecisionRow } from './decision-row.tsx';

const FIRST_PAGE: string | null = null;
const MOST_COUNTED = 1_000;
const KINDS = ['review', 'deny'] as const;
const pickClass = 'h-11 max-w-full min-w-0 rounded-md border border-line-strong/70 bg-card px-3 text-sm sm:h-9';

export default function DecisionsPage() {
  return (
    <Suspense fallback={<Skeleton className="h-dvh" />}>
      <Decisions />
    </Suspense>
  );
}

function Decisions() {
  const t = useTranslations('reviews');
  const staff = useStaff();
  const frame = usePeriod('/supervisor/decisions', 'period', SPAN_KINDS);
  return (
    <div className="space-y-3">
      <PageTitle text={t('title')} />
      <p className="max-w-4xl text-[13px] text-ink-2">{t('lead')}</p>
      {staff?.role !== 'sup_market' ? (
        <Empty title={t('roleNeeded')} />
      ) : frame === null ? (
        <PeriodSkeleton />
      ) : (
        <DecisionList frame={frame} />
      )}
    </div>
  );
}

function useFilters() {
  const router = useRouter();
  const params = useSearchParams();
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(params);
    if (value === '') next.delete(name);
    else next.set(name, value);
    router.replace(`/supervisor/decisions?${next.toString()}`, { scroll: false });
  };
  const code: DecisionCode | null = knownCode(reviewsZh.reviews.code, params.get('code') ?? '');
  return {
    kind: KINDS.find((each) => each === params.get('decision')) ?? 'review',
    code,
    gameId: params.get('game'),
    classId: params.get('kind'),
    set,
  };
}

function DecisionList({ frame }: { readonly frame: PeriodFrame }) {
  const t = useTranslations('reviews');
  const panel = useTranslations('panel');
  const name = useName();
  const { kind, code, gameId, classId, set } = useFilters();
  const period = frame.span.label;
  const query = useInfiniteQuery({
    queryKey: ['ruledDecisions', period, kind, code, gameId, classId],
    queryFn: ({ pageParam }) =>
      staffApi.supervisor.decisions({ period, kind, code, gameId, classId, ...(pageParam === null ? {} : { cursor: pageParam }) }),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: frame.isOpen ? 15_000 : false,
  });
  // How many wait behind the other word: an empty list of reviews must not hide a hundred refusals.
  const other = kind === 'review' ? 'deny' : 'review';
  const { data: beside } = useQuery({
    queryKey: ['ruledDecisions', period, other, code, gameId, classId, 'count'],
    queryFn: () => staffApi.supervisor.decisions({ period, kind: other, code, gameId, classId }),
    refetchInterval: frame.isOpen ? 15_000 : false,
  });
  const [first] = query.data?.pages ?? [];
  const { box } = useRowKeys<HTMLUListElement>({ keys: query.data?.pages.flatMap((page) => page.rows.map(({ id }) => id)) ?? [] });
  const countOf = (value: (typeof KINDS)[number]) => {
    const count = (value === kind ? first : beside)?.count;
    return count === undefined ? '' : `${formatCount(count)}${count >= MOST_COUNTED ? '+' : ''}`;
  };
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? [];
  return (
    <>
      <PeriodPicker frame={frame} />
      <div className="flex flex-wrap items-center gap-2">
        <Segments
          label={t('filter')}
          value={kind}
          options={KINDS.map((value) => ({ value, label: t(`kind.${value}`), note: countOf(value) }))}
          onChange={(value) => set('decision', value === 'review' ? '' : value)}
        />
        <select aria-label={t('reason')} value={code ?? ''} onChange={(event) => set('code', event.target.value)} className={pickClass}>
          <option value="">{t('anyReason')}</option>
          {CODES.map((each) => (
            <option key={each} value={each}>
              {t(`code.${each}`)}
            </option>
          ))}
        </select>
        <select aria-label={t('game')} value={gameId ?? ''} onChange={(event) => set('game', event.target.value)} className={pickClass}>
          <option value="">{t('anyGame')}</option>
          {first?.games.map((game) => (
            <option key={game.gameId} value={game.gameId}>
              {name(game.names)}
            </option>
          ))}
        </select>
        {classId === null ? null : <Button onClick={() => set('kind', '')}>{t('anyKind')}</Button>}
        {first === undefined ? null : (
          <span className="num ms-auto">
            <Chip tone={kind === 'review' && first.count > 0 ? 'wait' : 'plain'}>
              {t('count', { count: `${formatCount(first.count)}${first.count >= MOST_COUNTED ? '+' : ''}` })}
            </Chip>
          </span>
        )}
      </div>
      <QueryNotes query={query} />
      {query.data === undefined && !query.isError ? <Skeleton className="h-96" /> : null}
      {first !== undefined && rows.length === 0 ? (
        <div className="rounded-lg border border-line bg-card">
          <Empty title={t('empty')} text={t('emptyText')} />
        </div>
      ) : null}
      {rows.length === 0 ? null : (
        <ul ref={box} className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-card shadow-card">
          {rows.map((row) => (
            <DecisionRow key={row.id} row={row} onKind={() => set('kind', row.classId)} />
          ))}
        </ul>
      )}
      {query.hasNextPage ? (
        <Button onClick={() => void query.fetchNextPage()} disabled={query.isFetchingNextPage}>
          {panel('more')}
        </Button>
      ) : null}
    </>
  );
}

/** In order of precedence, the one that only asks for review first. */
const REVIEWED: DecisionCode = 'price_off_market';
const CODES: readonly DecisionCode[] = [REVIEWED, ...DECISION_CODES.filter((code) => code !== REVIEWED)];
