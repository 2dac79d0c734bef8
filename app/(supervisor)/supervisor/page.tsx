'use client';
import { useQuery } from '@tanstack/react-query';
import { ListFilter, Pause, Play } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import { useTranslations } from 'use-intl';
import { formatCount } from '#app/_client/format.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { Empty } from '#app/_components/empty.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Sheet } from '#app/_components/sheet.tsx';
import { TradeDetail } from '#app/_components/trade/trade-detail.tsx';
import { Button, Chip, Id, PageTitle, Skeleton } from '#app/_components/ui.tsx';
import { useRoomName } from '#app/_components/use-code-name.ts';
import type { FeedMessage } from '#server/realtime/events.ts';
import type { StaffRole } from '#server/trpc/views.ts';
import { AgainstLedger, Completeness, CompletenessBar } from './completeness.tsx';
import { fitsFilter, isPulse, rowKey, textField } from './feed-fields.ts';
import { FeedFilters, useFilter } from './feed-filters.tsx';
import { FEED_HEIGHT, FeedRows } from './feed-rows.tsx';
import { FeedSelection } from './feed-selection.tsx';
import { FeedViews } from './feed-views.tsx';
import { Tiles } from './tiles.tsx';
import { useTypeLabel } from './type-label.ts';
import { useFeed } from './use-feed.ts';
import { useFeedGames } from './use-feed-games.ts';

const CONNECTING = { kind: 'connecting' } as const;

export default function FeedPage() {
  const staff = useStaff();
  return staff ? <Feed role={staff.role} /> : null;
}

function Feed({ role }: { readonly role: StaffRole }) {
  const t = useTranslations('supervisor');
  const { rooms, rows, states, ledger, loadOlder, pause, resume } = useFeed(role);
  const asked = useFilter();
  const { filter, query } = asked;
  const [chosen, setChosen] = useState<FeedMessage | null>(null);
  const [selected, setSelected] = useState<ReadonlyMap<string, FeedMessage>>(new Map());
  const label = useTypeLabel();
  const known = useFeedGames(rows.shown);
  const shown = useMemo(() => rows.shown.filter((message) => fitsFilter(message, filter, known.of)), [rows.shown, filter, known.of]);
  const hidden = useMemo(() => rows.shown.filter(isPulse).length, [rows.shown]);
  const keys = useMemo(() => new Set(selected.keys()), [selected]);
  const isArriving = rooms.some((room) => ['connecting', 'catching_up'].includes((states[room] ?? CONNECTING).kind));
  const [isFiltering, setFiltering] = useState(false);
  const turn = rows.isPaused ? resume : pause;
  const onEnd = useCallback(() => void loadOlder().catch(() => undefined), [loadOlder]);
  const select = (message: FeedMessage) =>
    setSelected((before) => {
      const next = new Map(before);
      if (!next.delete(rowKey(message))) next.set(rowKey(message), message);
      return next;
    });
  return (
    <div className="space-y-3">
      <PageTitle text={t('feed')} />
      <Tiles />
      <div className="rounded-lg border border-line bg-card">
        <CompletenessBar>
          {rooms.map((room) => (
            <Completeness key={room} room={room} state={states[room] ?? CONNECTING} />
          ))}
          {ledger === null ? null : <AgainstLedger state={ledger} />}
        </CompletenessBar>
        <div className="grid grid-cols-2 gap-2 border-b border-line p-2 md:grid-cols-3 xl:grid-cols-[auto_repeat(8,minmax(0,1fr))]">
          <Button className="px-3 sm:min-h-8!" onClick={turn} aria-pressed={rows.isPaused} aria-keyshortcuts="p">
            {rows.isPaused ? <Play size={15} aria-hidden /> : <Pause size={15} aria-hidden />} {rows.isPaused ? t('resume') : t('pause')}
          </Button>
          <Button
            className="sm:hidden"
            aria-expanded={isFiltering}
            aria-controls="feed-filters"
            onClick={() => setFiltering((before) => !before)}
          >
            <ListFilter size={15} aria-hidden /> {t('filters')} {asked.count > 0 ? <Chip tone="accent">{asked.count}</Chip> : null}
          </Button>
          <div id="feed-filters" className={isFiltering ? 'contents' : 'hidden sm:contents'}>
            <FeedFilters {...asked} messages={rows.shown} known={known} />
          </div>
        </div>
        <div className="flex min-h-8 flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-3 py-0.5 text-xs">
          <p className={rows.isPaused ? 'num font-semibold text-amber' : 'num text-ink-3'} role="status">
            {rows.isPaused
              ? t('paused', { count: formatCount(rows.held.length) })
              : t('rows', { count: formatCount(rows.shown.length), shown: formatCount(shown.length) })}
          </p>
          {hidden === 0 && !filter.hasPulse ? null : (
            <label className="inline-flex min-h-11 items-center gap-1.5 text-ink-3 sm:min-h-6">
              <input
                type="checkbox"
                checked={filter.hasPulse}
                onChange={(event) => asked.set('pulse', event.target.checked ? '1' : '')}
                className="size-3.5 accent-accent"
              />
              {t('pulse', { count: formatCount(hidden) })}
            </label>
          )}
          {asked.count === 0 ? null : (
            <button type="button" className="min-h-11 text-accent hover:underline sm:min-h-6" onClick={asked.clear}>
              {t('clearFilters')}
            </button>
          )}
          <FeedViews query={query} />
          <button type="button" className="ms-auto min-h-11 text-accent hover:underline sm:min-h-6" onClick={onEnd}>
            {t('older')}
          </button>
          <FeedSelection rows={[...selected.values()]} onClear={() => setSelected(new Map())} />
        </div>
        {shown.length === 0 ? (
          rows.shown.length === hidden && asked.count === 0 ? (
            isArriving ? (
              <Skeleton className={FEED_HEIGHT} />
            ) : (
              <Empty title={t('feedEmpty')} text={t('feedEmptyText')}>
                {hidden === 0 ? null : <Button onClick={onEnd}>{t('older')}</Button>}
              </Empty>
            )
          ) : (
            <Empty title={t('feedNoMatch')} text={t('feedNoMatchText')}>
              <Button onClick={asked.clear}>{t('clearFilters')}</Button> <Button onClick={onEnd}>{t('older')}</Button>
            </Empty>
          )
        ) : (
          <FeedRows rows={shown} known={known} selected={keys} onOpen={setChosen} onSelect={select} onPause={turn} onEnd={onEnd} />
        )}
      </div>
      <Sheet open={chosen !== null} title={chosen === null ? '' : label(chosen.type)} onClose={() => setChosen(null)} wide>
        {chosen === null ? null : <Message message={chosen} />}
      </Sheet>
    </div>
  );
}

/** A row opens its trade with trace, money and item; below it the message itself, as it was hashed. */
function Message({ message }: { readonly message: FeedMessage }) {
  const t = useTranslations('supervisor');
  const roomName = useRoomName();
  const tradeId = textField(message, 'tradeId');
  const trade = useQuery({
    queryKey: ['lookThrough', tradeId],
    queryFn: () => staffApi.supervisor.getTrade(tradeId ?? ''),
    enabled: tradeId !== null,
    retry: false,
  });
  return (
    <div className="space-y-4">
      {trade.data === undefined ? (
        tradeId !== null && trade.isPending ? (
          <Skeleton className="h-80" />
        ) : null
      ) : (
        <TradeDetail trade={trade.data} isNarrow />
      )}
      <section>
        <h3 className="mb-1 text-[13px] font-semibold">
          {t('message')} <Chip>{roomName(message.room)}</Chip> <span className="num text-ink-3">#{message.seq}</span>
        </h3>
        <pre className="overflow-x-auto rounded-md border border-line bg-sunk p-3 text-xs">{JSON.stringify(message.body, null, 2)}</pre>
        <p className="mt-1 flex flex-wrap items-center gap-1 text-xs text-ink-3">
          {t('bodyHash')} <Id value={message.bodyHash} />
        </p>
      </section>
    </div>
  );
}
