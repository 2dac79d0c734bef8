'use client';
/** The studio's kinds with what is issued and what is announced of them (T-23). */
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { formatCount, formatTime } from '#app/_client/format.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { Empty } from '#app/_components/empty.tsx';
import { KindLine } from '#app/_components/item-art.tsx';
import { QueryNotes } from '#app/_components/loaded.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { Button, Chip, Field, PageTitle, Panel, Skeleton } from '#app/_components/ui.tsx';
import type { StudioKindRow } from '#server/trpc/views.ts';

const FIRST = '-1';

export default function StudioKindsPage() {
  const t = useTranslations();
  const [text, setText] = useState('');
  const kinds = useInfiniteQuery({
    queryKey: ['studio', 'kinds', text],
    queryFn: ({ pageParam }) => staffApi.studio.kinds(text, pageParam),
    initialPageParam: FIRST,
    getNextPageParam: (page) => page.nextAfter,
    placeholderData: keepPreviousData,
  });
  const rows = kinds.data?.pages.flatMap((page) => page.rows) ?? [];
  return (
    <div className="space-y-4">
      <PageTitle text={t('studio.kinds')} />
      <h1 className="text-xl font-bold">{t('studio.kinds')}</h1>
      <div className="max-w-sm">
        <Field
          label={t('studioKinds.search')}
          type="search"
          value={text}
          maxLength={100}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      <Panel flush>
        <div className="px-4 pt-3 empty:hidden">
          <QueryNotes query={kinds} />
        </div>
        {kinds.isPending ? (
          <Skeleton className="h-[60vh]" />
        ) : rows.length === 0 && !kinds.isError ? (
          <Empty title={t('studioKinds.empty')} text={t('studioKinds.emptyText')} />
        ) : (
          <KindRows rows={rows} />
        )}
      </Panel>
      {kinds.hasNextPage ? (
        <div className="text-center">
          <Button onClick={() => void kinds.fetchNextPage()} disabled={kinds.isFetchingNextPage}>
            {t('panel.more')}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

function KindRows({ rows }: { readonly rows: readonly StudioKindRow[] }) {
  const t = useTranslations('studioKinds');
  const { locale } = usePreferences();
  return (
    <table className="data-table as-cards">
      <thead>
        <tr>
          <th>{t('kind')}</th>
          <th>class_ref</th>
          <th className="end">{t('issued')}</th>
          <th className="end">{t('cap')}</th>
          <th>{t('announced')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((kind) => (
          <tr key={kind.classId}>
            <td>
              <KindLine href={`/studio/kinds/${kind.classId}`} names={kind.names} icon={kind.icon} rarity={kind.rarity} />
            </td>
            <td data-label="class_ref">
              <span className="font-mono text-xs break-all">{kind.classRef}</span>
            </td>
            <td data-label={t('issued')} className="num end">
              {formatCount(kind.issued)}
            </td>
            <td data-label={t('cap')} className="num end">
              {kind.supplyCap === null ? t('noCap') : formatCount(kind.supplyCap)}
            </td>
            <td data-label={t('announced')}>
              {kind.announced === null ? (
                <span className="text-ink-3">—</span>
              ) : (
                <Chip tone="wait">{t('from', { time: formatTime(locale, kind.announced.from, 'short') })}</Chip>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
