'use client';
/** Notices under the day on which they came, in Beijing's time. */
import clsx from 'clsx';
import { Check } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { formatTime, formatYuan } from '#app/_client/format.ts';
import { useName } from '#app/_components/item-art.tsx';
import { Link } from '#app/_components/link.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { Chip, Time } from '#app/_components/ui.tsx';
import type { InboxEntry } from '#server/trpc/views.ts';

type Read = (seq: number) => void;

export function NoticeDays({ entries, onRead }: { readonly entries: readonly InboxEntry[]; readonly onRead: Read }) {
  const { locale } = usePreferences();
  const days = Map.groupBy(entries, ({ at }) => formatTime(locale, at, 'day'));
  return (
    <div className="space-y-4">
      {[...days].map(([day, rows]) => (
        <section key={day} aria-label={day}>
          <h2 className="num mb-1.5 text-[13px] font-semibold text-ink-2">{day}</h2>
          <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-card shadow-card">
            {rows.map((entry) => (
              <Row key={entry.seq} entry={entry} onRead={onRead} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function Row({ entry, onRead }: { readonly entry: InboxEntry; readonly onRead: Read }) {
  const t = useTranslations('inbox');
  const name = useName();
  const { locale } = usePreferences();
  const { seq, at, code, family, link, names, side, dueAt, amountFen, outcome, isRead } = entry;
  const facts = {
    name: names === null ? t('item') : name(names),
    amount: amountFen === null ? '' : formatYuan(amountFen),
    side: side ?? 'none',
    outcome: outcome ?? 'none',
  };
  return (
    <li className="flex items-stretch" data-notice={code} data-read={isRead}>
      <Link
        href={link}
        onClick={() => (isRead ? undefined : onRead(seq))}
        className="flex min-h-14 min-w-0 flex-1 items-start gap-3 px-3 py-2.5 hover:bg-sunk focus-visible:-outline-offset-2 sm:px-4"
      >
        <span aria-hidden className={clsx('mt-1.5 size-2 flex-none rounded-full', isRead ? 'bg-transparent' : 'bg-accent')} />
        <span className="min-w-0 flex-1 space-y-1">
          <span className={clsx('block', isRead ? 'text-ink-2' : 'font-semibold')}>
            {isRead ? null : <span className="sr-only">{t('unread')}: </span>}
            {t(`code.${code}`, facts)}
          </span>
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-ink-3">
            <Chip>{t(`family.${family}`)}</Chip>
            <Time at={at} style="clock" />
            {dueAt === null ? null : <span className="num">{t('due', { at: formatTime(locale, dueAt, 'full') })}</span>}
          </span>
        </span>
      </Link>
      {isRead ? null : (
        <button
          type="button"
          onClick={() => onRead(seq)}
          aria-label={t('markOne')}
          title={t('markOne')}
          className="grid w-11 flex-none place-items-center text-ink-3 hover:bg-accent-soft hover:text-accent focus-visible:-outline-offset-2"
        >
          <Check size={16} aria-hidden />
        </button>
      )}
    </li>
  );
}
