'use client';
/** Blocks, newest first (O-03). Everything shown can be proven from the static files alone. */
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { explorerPlace } from '#app/_client/explorer-place.ts';
import { formatCount } from '#app/_client/format.ts';
import { Empty } from '#app/_components/empty.tsx';
import { HeldRows } from '#app/_components/held-rows.tsx';
import { QueryNotes } from '#app/_components/loaded.tsx';
import { Button, Chip, ChipList, Field, Id, PageTitle, Panel, Skeleton, TextLink, Time } from '#app/_components/ui.tsx';
import type { BlockRow } from '#server/trpc/views.ts';

const POLL_MS = 3_000;

export default function ExplorerPage() {
  const t = useTranslations();
  const blocks = useInfiniteQuery({
    queryKey: ['blocks'],
    queryFn: ({ pageParam }) => api.explorer.blocks(pageParam === null ? {} : { before: pageParam }),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.nextBefore,
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > 1 ? false : POLL_MS),
    placeholderData: keepPreviousData,
  });
  const rows = blocks.data?.pages.flatMap((page) => page.rows) ?? [];
  return (
    <div className="space-y-4">
      <PageTitle text={t('explorer.title')} />
      <header className="flex flex-wrap items-end justify-between gap-4">
        <h1 className="text-xl font-bold">{t('explorer.title')}</h1>
        <FindBox />
      </header>
      <Panel title={t('explorer.blocks')} flush>
        <div className="px-4 pt-3 empty:hidden">
          <QueryNotes query={blocks} />
        </div>
        {blocks.isPending ? <Skeleton className="h-[60vh]" /> : null}
        {blocks.data === undefined ? null : rows.length === 0 ? (
          <Empty title={t('explorer.empty')} />
        ) : (
          <HeldRows rows={rows} keyOf={({ height }) => height}>
            {(shown) => <BlockTable rows={shown} />}
          </HeldRows>
        )}
      </Panel>
      {blocks.hasNextPage ? (
        <div className="text-center">
          <Button onClick={() => void blocks.fetchNextPage()} disabled={blocks.isFetchingNextPage}>
            {t('panel.more')}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

function BlockTable({ rows }: { readonly rows: readonly BlockRow[] }) {
  const t = useTranslations('explorer');
  return (
    <table className="data-table as-cards">
      <thead>
        <tr>
          <th>{t('height')}</th>
          <th>{t('time')}</th>
          <th className="end">{t('txs')}</th>
          <th>{t('hash')}</th>
          <th>{t('signers')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((block) => (
          <tr key={block.height}>
            <td data-label={t('height')}>
              <TextLink href={`/explorer/blocks/${block.height}`} className="num inline-flex min-h-8 items-center font-semibold">
                {formatCount(block.height)}
              </TextLink>
            </td>
            <td data-label={t('time')}>
              <Time at={block.sealedAt} style="full" />
            </td>
            <td data-label={t('txs')} className="num end">
              {formatCount(block.txCount)}
            </td>
            <td data-label={t('hash')}>
              <Id value={block.headerHash} />
            </td>
            <td data-label={t('signers')}>
              {block.certified ? <ChipList tone="good" texts={block.signers} /> : <Chip tone="wait">{t('notCertified')}</Chip>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** `812` opens a block, `#812` an entry, `item 12`, `kind 3`; 64 hexadecimal digits a transaction or else an account. */
function FindBox() {
  const t = useTranslations('explorer');
  const router = useRouter();
  const [text, setText] = useState('');
  const [isUnknown, setUnknown] = useState(false);
  const go = async (event: FormEvent) => {
    event.preventDefault();
    const place = explorerPlace(text);
    setUnknown(place === null);
    if (place === null) return;
    if (place.kind === 'address') return router.push(place.href);
    const entry = await api.explorer.tx(place.id).catch(() => null);
    router.push(entry === null ? `/explorer/state/accounts/${place.id}` : `/explorer/entries/${entry.index}`);
  };
  return (
    <form onSubmit={(event) => void go(event)} className="flex items-end gap-2">
      <Field
        label={t('find')}
        value={text}
        onChange={(event) => setText(event.target.value)}
        placeholder="812 · #4031"
        inputMode="text"
        error={isUnknown ? t('unknownText') : undefined}
      />
      <Button type="submit" tone="primary" className="shrink-0 whitespace-nowrap sm:min-h-10">
        {t('go')}
      </Button>
    </form>
  );
}
