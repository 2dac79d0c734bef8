'use client';
/** Only what is in view exists in the page, so fifty thousand rows scroll like fifty; at the end of them the next older page is asked for. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { formatCount, formatTime, shortId } from '#app/_client/format.ts';
import { usePreferences } from '#app/_components/providers.tsx';
import { Yuan } from '#app/_components/ui.tsx';
import type { FeedMessage } from '#server/realtime/events.ts';
import { amountOf, rowKey, subjectOf } from './feed-fields.ts';
import { useTypeLabel } from './type-label.ts';

const ROW_PX = 44;
const ENOUGH_ROWS = 12;

type Props = {
  readonly rows: readonly FeedMessage[];
  readonly selected: ReadonlySet<string>;
  readonly onOpen: (message: FeedMessage) => void;
  readonly onSelect: (message: FeedMessage) => void;
  readonly onEnd: () => void;
};

export function FeedRows({ rows, selected, onOpen, onSelect, onEnd }: Props) {
  const t = useTranslations('supervisor');
  const box = useRef<HTMLElement>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => box.current, estimateSize: () => ROW_PX, overscan: 12 });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - ENOUGH_ROWS) onEnd();
  }, [last, rows.length, onEnd]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable with the keyboard
    <section ref={box} className="h-[560px] overflow-auto" tabIndex={0} aria-label={t('feed')} data-feed-rows={rows.length}>
      <ul className="relative" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const message = rows[index];
          if (message === undefined) return null;
          return (
            <li key={rowKey(message)} className="absolute inset-x-0 flex" style={{ transform: `translateY(${start}px)`, height: ROW_PX }}>
              <Row message={message} isSelected={selected.has(rowKey(message))} onOpen={onOpen} onSelect={onSelect} />
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Row(props: {
  readonly message: FeedMessage;
  readonly isSelected: boolean;
  readonly onOpen: (message: FeedMessage) => void;
  readonly onSelect: (message: FeedMessage) => void;
}) {
  const t = useTranslations('supervisor');
  const { locale } = usePreferences();
  const label = useTypeLabel();
  const { message } = props;
  const amount = amountOf(message);
  return (
    <>
      <label className="flex w-11 flex-none items-center justify-center border-b border-line hover:bg-sunk">
        <span className="sr-only">{t('selectRow', { seq: formatCount(message.seq), room: message.room })}</span>
        <input type="checkbox" checked={props.isSelected} onChange={() => props.onSelect(message)} className="size-4 accent-accent" />
      </label>
      <button
        type="button"
        onClick={() => props.onOpen(message)}
        data-message-type={message.type}
        data-seq={message.seq}
        className="grid h-full min-w-0 flex-1 grid-cols-[64px_1fr_auto] items-center gap-3 border-b border-line pe-4 text-start text-[13px] hover:bg-sunk sm:grid-cols-[56px_84px_minmax(0,180px)_minmax(0,1fr)_auto]"
      >
        <span className="num hidden text-ink-3 sm:block">{formatCount(message.seq)}</span>
        <span className="num text-ink-2">{formatTime(locale, message.ts, 'clock')}</span>
        <span className="truncate font-medium">{label(message.type)}</span>
        <span className="hidden truncate font-mono text-xs text-ink-3 sm:block">{shortId(subjectOf(message), 14, 6)}</span>
        <span className="text-end">{amount === null ? '' : <Yuan fen={amount} />}</span>
      </button>
    </>
  );
}
