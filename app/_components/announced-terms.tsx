'use client';
/** What a studio announced of a kind's rules: old and new value, from when, days left (T-06). */
import { useTranslations } from 'use-intl';
import { formatBps, formatCount, formatTime } from '#app/_client/format.ts';
import type { AnnouncedTerms as Announced } from '#server/trpc/views.ts';
import { usePreferences } from './providers.tsx';

type Change = Announced['changes'][number];

/** A value of a term in words. */
export function useTermText(): (term: Change['term'], value: Change['now']) => string {
  const t = useTranslations('kind.announced');
  const { locale } = usePreferences();
  return (term, value) => {
    if (typeof value === 'boolean') return value ? t('yes') : t('no');
    if (typeof value !== 'number') {
      const steps = value.map(({ from, total }) => t('step', { time: formatTime(locale, from, 'full'), total: formatCount(total) }));
      return steps.length === 0 ? t('noSchedule') : steps.join(t('and'));
    }
    if (term === 'royalty_bps' || term === 'fee_bps' || term === 'smallest_offer_bps') return formatBps(value);
    return term === 'resale_wait_trading_days' ? t('days', { count: value }) : t('hours', { count: value });
  };
}

export function TermChanges({ changes }: { readonly changes: readonly Change[] }) {
  const t = useTranslations('kind.announced');
  const text = useTermText();
  return (
    <ul className="list-disc space-y-1 ps-4 marker:text-ink-3">
      {changes.map(({ term, before, now }) => (
        <li key={term} className="font-medium">
          {t('change', { term: t(`term.${term}`), before: text(term, before), now: text(term, now) })}
        </li>
      ))}
    </ul>
  );
}

export function AnnouncedTerms({ announced }: { readonly announced: Announced }) {
  const t = useTranslations('kind.announced');
  const { locale } = usePreferences();
  return (
    <div className="space-y-1 text-[13px]">
      <TermChanges changes={announced.changes} />
      <p className="text-ink-2">{t('from', { time: formatTime(locale, announced.from), days: announced.daysLeft })}</p>
    </div>
  );
}
