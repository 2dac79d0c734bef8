'use client';
import { useTranslations } from 'use-intl';

/** `0.2345` → `23.4 %`: a share for the eye; the caps themselves are checked in integers elsewhere. */
export const percent = (ratio: string): string => `${Math.floor(Number(ratio) * 1_000) / 10} %`;

export function useSeconds(): (ms: number | null) => string {
  const t = useTranslations('supervisor');
  return (ms) =>
    ms === null ? '—' : t('seconds', { value: `${Math.floor(ms / 1_000)}.${String(Math.floor((ms % 1_000) / 10)).padStart(2, '0')}` });
}
