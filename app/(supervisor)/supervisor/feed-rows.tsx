'use client';
/** Only what is in view exists in the page, so fifty thousand rows scroll like fifty; at the end of them the next older page is asked for. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useEffect, useMemo, useState } from 'react';
import { useTranslations } from 'use-intl';
import { formatCount, formatTime, shortId } from '#app/_client/format.ts';
import { alertsZh } from '#app/_client/messages/alerts.ts';
import { casesZh } from '#app/_client/messages/cases.ts';
import { codesZh, knownCode } from '#app/_client/messages/codes.ts';
import { useName } from '#app/_components/item-art.tsx';
import { useNow, usePreferences } from '#app/_components/providers.tsx';
import { Chip, Yuan } from '#app/_components/ui.tsx';
import { useArmName } from '#app/_components/use-arm-name.ts';
import { useRowKeys } from '#app/_components/use-row-keys.ts';
import type { FeedMessage } from '#server/realtime/events.ts';
import type { IsoText } from '#server/trpc/views.ts';
import { amountOf, explanationOf, flagsOf, measureOf, peopleOf, placeOf, rowKey, subjectOf, taxOf } from './feed-fields.ts';
import { shortenIds } from './linked-text.tsx';
import { useFlagName, useTypeLabel } from './type-label.ts';
import type { useFeedGames } from './use-feed-games.ts';

/** Dense where a mouse points, a finger's height on a phone. */
const DESK = { query: '(min-width: 640px)', rowPx: 32 };
const PHONE_ROW_PX = 52;
/** Nearly a screen of rows; the same while they are on their way, so that nothing moves when they come. */
export const FEED_HEIGHT = 'h-[max(420px,calc(100dvh-330px))]';
const ENOUGH_ROWS = 12;
const dayOf = (ts: IsoText): string => formatTime('en', ts, 'day');
const COLUMNS =
  'sm:grid-cols-[56px_112px_minmax(0,150px)_minmax(0,1fr)_112px] lg:grid-cols-[56px_112px_minmax(0,150px)_minmax(0,1fr)_120px_164px_104px_120px]';

type Props = {
  readonly rows: readonly FeedMessage[];
  readonly known: ReturnType<typeof useFeedGames>;
  readonly selected: ReadonlySet<string>;
  readonly onOpen: (message: FeedMessage) => void;
  readonly onSelect: (message: FeedMessage) => void;
  readonly onPause: () => void;
  readonly onEnd: () => void;
};

function useRowPx(): number {
  const [px, setPx] = useState(DESK.rowPx);
  useEffect(() => {
    const desk = matchMedia(DESK.query);
    const measure = () => setPx(desk.matches ? DESK.rowPx : PHONE_ROW_PX);
    measure();
    desk.addEventListener('change', measure);
    return () => desk.removeEventListener('change', measure);
  }, []);
  return px;
}

export function FeedRows({ rows, known, selected, onOpen, onSelect, onPause, onEnd }: Props) {
  const t = useTranslations('supervisor');
  const rowPx = useRowPx();
  const keys = useMemo(() => rows.map(rowKey), [rows]);
  const { box, chosen, choose } = useRowKeys<HTMLElement>({
    keys,
    onMove: (place) => virtual.scrollToIndex(place, { align: 'auto' }),
    onKey: (key, at) => {
      if (key === 'p') onPause();
      const row = key === 'x' && at !== null ? rows[keys.indexOf(at)] : undefined;
      if (row !== undefined) onSelect(row);
      return key === 'p' || row !== undefined;
    },
  });
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => box.current, estimateSize: () => rowPx, overscan: 12 });
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured anew when the height of a row changes.
  useEffect(() => virtual.measure(), [rowPx]);
  const items = virtual.getVirtualItems();
  const now = useNow(60_000);
  const today = now === null ? null : dayOf(new Date(now).toISOString());
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - ENOUGH_ROWS) onEnd();
  }, [last, rows.length, onEnd]);
  return (
    <section
      ref={box as RefObject<HTMLElement>}
      className={`${FEED_HEIGHT} overflow-auto`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable with the keyboard
      tabIndex={0}
      aria-label={t('feed')}
      data-feed-rows={rows.length}
    >
      <Head />
      <ul className="relative" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const message = rows[index];
          const key = keys[index];
          if (message === undefined || key === undefined) return null;
          return (
            <li
              key={key}
              className="absolute inset-x-0 flex border-b border-line hover:bg-sunk data-chosen:bg-accent-soft"
              data-chosen={key === chosen || undefined}
              style={{ transform: `translateY(${start}px)`, height: rowPx }}
            >
              <Row
                message={message}
                known={known}
                isSelected={selected.has(key)}
                isToday={dayOf(message.ts) === today}
                onOpen={(opened) => {
                  choose(key);
                  onOpen(opened);
                }}
                onSelect={onSelect}
              />
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** Names what stands in the columns; each row says it by itself to whoever listens. */
function Head() {
  const t = useTranslations('supervisor');
  return (
    <div aria-hidden className="sticky top-0 z-10 hidden border-b border-line bg-sunk ps-9 text-xs text-ink-3 sm:flex">
      <div className={`grid flex-1 items-center gap-3 py-1 pe-4 ${COLUMNS}`}>
        <span className="text-end">{t('seq')}</span>
        <span>{t('time')}</span>
        <span>{t('type')}</span>
        <span>{t('about')}</span>
        <span className="hidden lg:block">{t('filterPerson')}</span>
        <span className="hidden lg:block">{t('subject')}</span>
        <span className="hidden text-end lg:block">{t('taxAmount')}</span>
        <span className="text-end">{t('amount')}</span>
      </div>
    </div>
  );
}

function Row(props: {
  readonly message: FeedMessage;
  readonly known: Props['known'];
  readonly isSelected: boolean;
  /** Every other row says its date. */
  readonly isToday: boolean;
  readonly onOpen: (message: FeedMessage) => void;
  readonly onSelect: (message: FeedMessage) => void;
}) {
  const t = useTranslations('supervisor');
  const { locale } = usePreferences();
  const label = useTypeLabel();
  const flagName = useFlagName();
  const { message } = props;
  const [amount, tax, about] = [amountOf(message), taxOf(message), useAbout(message, props.known)];
  // Blocks are the pulse of the ledger and nobody's business: they stand back.
  const isQuiet = message.type === 'ledger.block';
  return (
    <>
      <label className="flex w-11 flex-none cursor-pointer items-center justify-center sm:w-9">
        <span className="sr-only">{t('selectRow', { seq: formatCount(message.seq), room: message.room })}</span>
        <input type="checkbox" checked={props.isSelected} onChange={() => props.onSelect(message)} className="size-4 accent-accent" />
      </label>
      <button
        type="button"
        onClick={() => props.onOpen(message)}
        data-row-key={rowKey(message)}
        data-message-type={message.type}
        data-seq={message.seq}
        className={`grid h-full min-w-0 flex-1 scroll-mt-7 grid-cols-[6.5rem_minmax(0,1fr)_auto] items-center gap-x-3 pe-4 text-start text-[13px] -outline-offset-2 ${COLUMNS} ${isQuiet ? 'text-ink-3' : ''}`}
      >
        <span className="num hidden text-end text-ink-3 sm:block">{formatCount(message.seq)}</span>
        <span className="num text-ink-2">{formatTime(locale, message.ts, props.isToday ? 'clock' : 'short')}</span>
        <span className="min-w-0 sm:contents">
          <span className={`block truncate ${isQuiet ? '' : 'font-medium'}`}>{label(message.type)}</span>
          <span className="flex min-w-0 items-center gap-1.5">
            <span className="truncate max-sm:text-xs max-sm:text-ink-3">{about}</span>
            {flagsOf(message).map((flag) => (
              <Chip key={flag} tone="wait">
                {flagName(flag)}
              </Chip>
            ))}
          </span>
        </span>
        <span className="hidden truncate font-mono text-xs text-ink-2 lg:block">{shortId(peopleOf(message)[0] ?? '')}</span>
        <span className="hidden truncate font-mono text-xs text-ink-3 lg:block">{shortId(subjectOf(message), 12, 4)}</span>
        <span className="hidden text-end lg:block">{tax === null ? '' : <Yuan fen={tax} />}</span>
        <span className="text-end">{amount === null ? '' : <Yuan fen={amount} />}</span>
      </button>
    </>
  );
}

/** Of an experiment, a case or an alert, each in its own words. */
function useStateName(): (type: string, state: string) => string {
  const t = useTranslations();
  return (type, state) => {
    const [inCase, inAlert] = [knownCode(casesZh.cases.state, state), knownCode(alertsZh.state, state)];
    if (type === 'case.state' && inCase !== null) return t(`cases.state.${inCase}`);
    if (type.endsWith('.state') && type !== 'sbx.state' && inAlert !== null) return t(`alerts.state.${inAlert}`);
    const inExperiment = knownCode(codesZh.experimentState, state);
    if (inExperiment !== null) return t(`code.experimentState.${inExperiment}`);
    const said = knownCode(casesZh.cases.said, state);
    return said === null ? state : t(`cases.said.${said}`);
  };
}

/** In words: what an alert saw, which kind was traded, what an experiment measured, how far something went. */
function useAbout(message: FeedMessage, known: Props['known']): string {
  const nameOf = useName();
  const measure = useTranslations('code.measure');
  const stateName = useStateName();
  const cases = useTranslations('cases');
  const armName = useArmName();
  const explained = explanationOf(message);
  if (explained !== null) return shortenIds(nameOf(explained));
  const place = placeOf(message, known.of);
  const names = place === null ? undefined : known.kinds.get(place.classId);
  if (names !== undefined) return nameOf(names);
  const { kpiId, arm, value } = message.body;
  if (typeof kpiId === 'string') {
    const name = knownCode(codesZh.measure, measureOf(kpiId));
    return [name === null ? kpiId : measure(name), typeof arm === 'string' ? armName(arm) : '', value ?? '—'].filter(String).join(' · ');
  }
  const { to, reason, label, day, height, kind, reasonCode, targetId } = message.body;
  const block = typeof height === 'string' ? `#${height}` : undefined;
  const act = message.type === 'case.state' && typeof kind === 'string' ? knownCode(casesZh.cases.act, kind) : null;
  const why = typeof reasonCode === 'string' ? knownCode(casesZh.cases.reasonCode, reasonCode) : null;
  const parts = [act === null ? null : cases(`act.${act}`), why === null ? null : cases(`reasonCode.${why}`)];
  const halted = typeof targetId === 'string' ? known.kinds.get(targetId) : undefined;
  const target = typeof targetId !== 'string' ? null : halted === undefined ? shortId(targetId) : nameOf(halted);
  return [block, ...parts, target, label, typeof to === 'string' ? stateName(message.type, to) : null, reason, day]
    .filter((part) => typeof part === 'string')
    .join(' · ');
}
