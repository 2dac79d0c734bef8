'use client';
/** What a studio announced of a kind's rules: old and new value, from when, days left (T-06). */
import { useTranslations } from 'use-intl';
import { formatBps, formatTime } from '#app/_client/format.ts';
import type { AnnouncedTerms as Announced } from '#server/trpc/views.ts';
import { usePreferences } from './providers.tsx';

type Change = Announced['changes'][number];

export function AnnouncedTerms({ announced }: { readonly announced: Announced }) {
  const t = useTranslations('kind.announced');
  const { locale } = usePreferences();
  const text = (term: Change['term'], value: Change['now']): string => {
    if (typeof value === 'boolean') return value ? t('yes') : t('no');
    if (term === 'royalty_bps' || term === 'fee_bps') return formatBps(value);
    return term === 'resale_wait_trading_days' ? t('days', { count: value }) : t('hours', { count: value });
  };
  return (
    <div className="space-y-1 text-[13px]">
      <ul className="list-disc space-y-1 ps-4 marker:text-ink-3">
        {announced.changes.map(({ term, before, now }) => (
          <li key={term} className="font-medium">
            {t('change', { term: t(`term.${term}`), before: text(term, before), now: text(term, now) })}
          </li>
        ))}
      </ul>
      <p className="text-ink-2">{t('from', { time: formatTime(locale, announced.from), days: announced.daysLeft })}</p>
    </div>
  );
}
