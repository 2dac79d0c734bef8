'use client';
import { useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { Pause, Play } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { formatCount, formatTime, shortId } from '#app/_client/format.ts';
import { staffZh } from '#app/_client/messages/staff.ts';
import { Empty } from '#app/_components/loaded.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Sheet } from '#app/_components/sheet.tsx';
import { TradeDetail } from '#app/_components/trade/trade-detail.tsx';
import { Button, Chip, Field, Id, PageTitle, Skeleton, Yuan } from '#app/_components/ui.tsx';
import type { FeedMessage } from '#server/realtime/events.ts';
import type { StaffRole } from '#server/trpc/views.ts';
import { Completeness } from './completeness.tsx';
import { Tiles } from './tiles.tsx';
import { useFeed } from './use-feed.ts';

const ROW_PX = 44;
const TYPES = staffZh.supervisor.types;
const keyOf = (type: string): string => type.replaceAll('.', '_');
const isType = (key: string): key is keyof typeof TYPES => Object.hasOwn(TYPES, key);
const textField = (message: FeedMessage, name: string): string | null => {
  const value = message.body[name];
  return typeof value === 'string' ? value : null;
};
const amountOf = (message: FeedMessage): string | null =>
  textField(message, 'grossFen') ?? textField(message, 'priceFen') ?? textField(message, 'amountFen') ?? textField(message, 'totalFen');
const subjectOf = (message: FeedMessage): string =>
  textField(message, 'tradeId') ??
  textField(message, 'orderId') ??
  textField(message, 'sellerRef') ??
  textField(message, 'paymentId') ??
  String(message.body.height ?? '');

export default function FeedPage() {
  const staff = useStaff();
  return staff ? <Feed role={staff.role} /> : null;
}

function Feed({ role }: { readonly role: StaffRole }) {
  const t = useTranslations('supervisor');
  const { rooms, rows, states, pause, resume } = useFeed(role);
  const [type, setType] = useState('');
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<FeedMessage | null>(null);
  const types = useMemo(() => [...new Set(rows.shown.map((message) => message.type))].sort(), [rows.shown]);
  const shown = useMemo(() => {
    const needle = text.trim().toLowerCase();
    return rows.shown.filter(
      (message) => (type === '' || message.type === type) && (needle === '' || JSON.stringify(message.body).toLowerCase().includes(needle)),
    );
  }, [rows.shown, type, text]);
  const label = useTypeLabel();
  return (
    <div className="space-y-4">
      <PageTitle text={t('feed')} />
      <Tiles />
      <div className="rounded-lg border border-line bg-card">
        <div className="flex flex-wrap items-center gap-x-5 gap-y-1 border-b border-line px-4 py-2 text-[13px]">
          {rooms.map((room) => (
            <Completeness key={room} room={room} state={states[room] ?? { kind: 'connecting' }} />
          ))}
        </div>
        <div className="grid gap-3 border-b border-line p-3 sm:grid-cols-[auto_minmax(0,220px)_minmax(0,1fr)] sm:items-end">
          <Button onClick={rows.isPaused ? resume : pause} aria-pressed={rows.isPaused}>
            {rows.isPaused ? <Play size={15} aria-hidden /> : <Pause size={15} aria-hidden />} {rows.isPaused ? t('resume') : t('pause')}
          </Button>
          <label className="block">
            <span className="mb-1 block text-[13px] font-medium text-ink-2">{t('filterType')}</span>
            <select
              className="h-11 w-full rounded-md border border-line-strong/70 bg-card px-2 sm:h-10"
              value={type}
              onChange={(event) => setType(event.target.value)}
            >
              <option value="">{t('filterAll')}</option>
              {types.map((name) => (
                <option key={name} value={name}>
                  {label(name)}
                </option>
              ))}
            </select>
          </label>
          <Field label={t('filterText')} value={text} onChange={(event) => setText(event.target.value)} />
        </div>
        <p className="num border-b border-line px-4 py-1.5 text-xs text-ink-3" role="status">
          {rows.isPaused
            ? t('paused', { count: formatCount(rows.held.length) })
            : t('rows', { count: formatCount(rows.shown.length), shown: formatCount(shown.length) })}
        </p>
        {shown.length === 0 ? <Empty title={t('feedEmpty')} text={t('feedEmptyText')} /> : <Rows rows={shown} onOpen={setChosen} />}
      </div>
      <Sheet open={chosen !== null} title={chosen === null ? '' : label(chosen.type)} onClose={() => setChosen(null)} wide>
        {chosen === null ? null : <Message message={chosen} />}
      </Sheet>
    </div>
  );
}

function useTypeLabel(): (type: string) => string {
  const t = useTranslations('supervisor.types');
  return (type) => {
    const key = keyOf(type);
    return isType(key) ? t(key) : type;
  };
}

/** Only what is in view exists in the page, so fifty thousand rows scroll like fifty. */
function Rows({ rows, onOpen }: { readonly rows: readonly FeedMessage[]; readonly onOpen: (message: FeedMessage) => void }) {
  const { locale } = usePreferences();
  const t = useTranslations('supervisor');
  const label = useTypeLabel();
  const box = useRef<HTMLElement>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => box.current, estimateSize: () => ROW_PX, overscan: 12 });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable with the keyboard
    <section ref={box} className="h-[560px] overflow-auto" tabIndex={0} aria-label={t('feed')}>
      <ul className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const message = rows[index];
          if (message === undefined) return null;
          const amount = amountOf(message);
          return (
            <li
              key={`${message.room}${message.seq}`}
              className="absolute inset-x-0"
              style={{ transform: `translateY(${start}px)`, height: ROW_PX }}
            >
              <button
                type="button"
                onClick={() => onOpen(message)}
                data-message-type={message.type}
                className="grid h-full w-full grid-cols-[64px_1fr_auto] items-center gap-3 border-b border-line px-4 text-start text-[13px] hover:bg-sunk sm:grid-cols-[56px_84px_minmax(0,180px)_minmax(0,1fr)_auto]"
              >
                <span className="num hidden text-ink-3 sm:block">{formatCount(message.seq)}</span>
                <span className="num text-ink-2">{formatTime(locale, message.ts, 'clock')}</span>
                <span className="truncate font-medium">{label(message.type)}</span>
                <span className="hidden truncate font-mono text-xs text-ink-3 sm:block">{shortId(subjectOf(message), 14, 6)}</span>
                <span className="text-end">{amount === null || !/^-?\d+$/.test(amount) ? '' : <Yuan fen={amount} />}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** A row opens its trade with trace, money and item; below it the message itself, as it was hashed. */
function Message({ message }: { readonly message: FeedMessage }) {
  const t = useTranslations('supervisor');
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
          {t('message')} <Chip>{message.room}</Chip> <span className="num text-ink-3">#{message.seq}</span>
        </h3>
        <pre className="overflow-x-auto rounded-md border border-line bg-sunk p-3 text-xs">{JSON.stringify(message.body, null, 2)}</pre>
        <p className="mt-1 flex flex-wrap items-center gap-1 text-xs text-ink-3">
          {t('bodyHash')} <Id value={message.bodyHash} />
        </p>
      </section>
    </div>
  );
}
