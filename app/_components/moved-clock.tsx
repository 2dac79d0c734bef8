'use client';
/** On every page of a demonstration whose clock was moved (O-25): what time it is here, and how far that is ahead. */
import { useTranslations } from 'use-intl';
import { formatTime } from '#app/_client/format.ts';
import { useClockOffset, useNow, usePreferences } from './providers.tsx';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

/** `7 d 0 h`, below a day `0 h 15 min`. */
export function useAheadText(): (offsetMs: number) => string {
  const t = useTranslations('clock');
  return (offsetMs) => {
    const minutes = Math.floor(offsetMs / MINUTE_MS);
    const hours = Math.floor((minutes % DAY_MINUTES) / 60);
    const days = Math.floor(minutes / DAY_MINUTES);
    return days > 0
      ? t('ahead_days', { days: String(days), hours: String(hours) })
      : t('ahead_hours', { hours: String(hours), minutes: String(minutes % 60) });
  };
}

export function MovedClock() {
  const t = useTranslations('clock');
  const { locale } = usePreferences();
  const ahead = useAheadText();
  const offsetMs = useClockOffset();
  const now = useNow(10_000);
  if (offsetMs === 0 || now === null) return null;
  return (
    <div className="border-b border-line bg-amber-soft text-xs text-amber" data-moved-clock={offsetMs}>
      <p className="mx-auto min-h-7 max-w-[1480px] px-3 py-1.5 font-medium sm:px-5">
        {t('banner', { ahead: ahead(offsetMs), at: formatTime(locale, new Date(now).toISOString(), 'full') })}
      </p>
    </div>
  );
}
