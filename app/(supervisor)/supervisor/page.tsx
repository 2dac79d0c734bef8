'use client';
import { useQuery } from '@tanstack/react-query';
import { Pause, Play } from 'lucide-react';
import { useRouter, useSearchParams } from 'next/navigation';
import { useCallback, useMemo, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { formatCount } from '#app/_client/format.ts';
import { Empty } from '#app/_components/empty.tsx';
import { useName } from '#app/_components/item-art.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Sheet } from '#app/_components/sheet.tsx';
import { TradeDetail } from '#app/_components/trade/trade-detail.tsx';
import { Button, Chip, Field, Id, PageTitle, Skeleton } from '#app/_components/ui.tsx';
import { useRoomName } from '#app/_components/use-code-name.ts';
import type { FeedMessage } from '#server/realtime/events.ts';
import type { StaffRole } from '#server/trpc/views.ts';
import { AgainstLedger, Completeness } from './completeness.tsx';
import { type FeedFilter, fitsFilter, flagsOf, rowKey, textField } from './feed-fields.ts';
import { FeedRows } from './feed-rows.tsx';
import { FeedSelection } from './feed-selection.tsx';
import { FeedViews } from './feed-views.tsx';
import { Tiles } from './tiles.tsx';
import { useFlagName, useTypeLabel } from './type-label.ts';
import { useFeed } from './use-feed.ts';
import { useFeedGames } from './use-feed-games.ts';

export default function FeedPage() {
  const staff = useStaff();
  return staff ? <Feed role={staff.role} /> : null;
}

/** The filter stands in the address, so that it can be sent to a colleague and kept as a view. */
function useFilter() {
  const router = useRouter();
  const params = useSearchParams();
  const query = params.toString();
  const set = (name: 'type' | 'flag' | 'game' | 'min' | 'q', value: string) => {
    const next = new URLSearchParams(query);
    if (value === '') next.delete(name);
    else next.set(name, value);
    router.replace(next.size === 0 ? '/supervisor' : `/supervisor?${next.toString()}`, { scroll: false });
  };
  const min = params.get('min') ?? '';
  const filter: FeedFilter = useMemo(() => {
    const now = new URLSearchParams(query);
    const yuan = now.get('min') ?? '';
    return {
      type: now.get('type') ?? '',
      flag: now.get('flag') ?? '',
      game: now.get('game') ?? '',
      minFen: /^\d{1,12}$/.test(yuan) ? BigInt(yuan) * 100n : null,
      text: (now.get('q') ?? '').trim().toLowerCase(),
    };
  }, [query]);
  return { filter, min, text: params.get('q') ?? '', query, set };
}

function Feed({ role }: { readonly role: StaffRole }) {
  const t = useTranslations('supervisor');
  const { rooms, rows, states, ledger, loadOlder, pause, resume } = useFeed(role);
  const { filter, min, text, query, set } = useFilter();
  const [chosen, setChosen] = useState<FeedMessage | null>(null);
  const [selected, setSelected] = useState<ReadonlyMap<string, FeedMessage>>(new Map());
  const label = useTypeLabel();
  const types = useMemo(() => [...new Set(rows.shown.map((message) => message.type))].sort(), [rows.shown]);
  const flags = useMemo(() => [...new Set(rows.shown.flatMap(flagsOf))].sort(), [rows.shown]);
  const { games, of } = useFeedGames(rows.shown);
  const flagName = useFlagName();
  const nameOf = useName();
  const gameName = (gameId: string) => {
    const game = games.find((each) => each.gameId === gameId);
    return game === undefined ? gameId : nameOf(game.names);
  };
  const shown = useMemo(() => rows.shown.filter((message) => fitsFilter(message, filter, of)), [rows.shown, filter, of]);
  const keys = useMemo(() => new Set(selected.keys()), [selected]);
  const onEnd = useCallback(() => void loadOlder().catch(() => undefined), [loadOlder]);
  const select = (message: FeedMessage) =>
    setSelected((before) => {
      const next = new Map(before);
      if (!next.delete(rowKey(message))) next.set(rowKey(message), message);
      return next;
    });
  const choice = (name: 'type' | 'flag' | 'game', title: string, values: readonly string[], word: (value: string) => string) => (
    <label className="block">
      <span className="mb-1 block text-[13px] font-medium text-ink-2">{title}</span>
      <select
        className="h-11 w-full rounded-md border border-line-strong/70 bg-card px-2 sm:h-10"
        value={filter[name]}
        onChange={(event) => set(name, event.target.value)}
      >
        <option value="">{t('filterAll')}</option>
        {[...new Set([...values, ...(filter[name] === '' ? [] : [filter[name]])])].map((value) => (
          <option key={value} value={value}>
            {word(value)}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <div className="space-y-4">
      <PageTitle text={t('feed')} />
      <Tiles />
      <div className="rounded-lg border border-line bg-card">
        <div className="flex flex-wrap items-center gap-x-5 gap-y-1 border-b border-line px-4 py-2 text-[13px]">
          {rooms.map((room) => (
            <Completeness key={room} room={room} state={states[room] ?? { kind: 'connecting' }} />
          ))}
          {ledger === null ? null : <AgainstLedger state={ledger} />}
        </div>
        <div className="grid grid-cols-2 gap-3 border-b border-line p-3 lg:grid-cols-[auto_minmax(0,200px)_minmax(0,160px)_minmax(0,180px)_minmax(0,140px)_minmax(0,1fr)] lg:items-end">
          <Button className="self-end" onClick={rows.isPaused ? resume : pause} aria-pressed={rows.isPaused}>
            {rows.isPaused ? <Play size={15} aria-hidden /> : <Pause size={15} aria-hidden />} {rows.isPaused ? t('resume') : t('pause')}
          </Button>
          {choice('type', t('filterType'), types, label)}
          {choice('flag', t('filterFlag'), flags, flagName)}
          {choice(
            'game',
            t('filterGame'),
            games.map(({ gameId }) => gameId),
            gameName,
          )}
          <Field label={t('filterMin')} inputMode="numeric" value={min} suffix="元" onChange={(event) => set('min', event.target.value)} />
          <Field label={t('filterText')} value={text} onChange={(event) => set('q', event.target.value)} />
        </div>
        <FeedViews query={query} />
        <FeedSelection rows={[...selected.values()]} onClear={() => setSelected(new Map())} />
        <p className="num border-b border-line px-4 py-1.5 text-xs text-ink-3" role="status">
          {rows.isPaused
            ? t('paused', { count: formatCount(rows.held.length) })
            : t('rows', { count: formatCount(rows.shown.length), shown: formatCount(shown.length) })}
        </p>
        {shown.length === 0 ? (
          <Empty title={t('feedEmpty')} text={t('feedEmptyText')}>
            {rows.shown.length === 0 ? null : <Button onClick={onEnd}>{t('older')}</Button>}
          </Empty>
        ) : (
          <FeedRows rows={shown} selected={keys} onOpen={setChosen} onSelect={select} onEnd={onEnd} />
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
    queryFn: () => api.supervisor.getTrade(tradeId ?? ''),
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
