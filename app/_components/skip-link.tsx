'use client';
import { useTranslations } from 'use-intl';

/** The first stop of the keyboard on every page: past the header, to `#content`. */
export function SkipLink() {
  const t = useTranslations('nav');
  return (
    <a
      href="#content"
      className="sr-only z-50 rounded bg-accent px-3 py-2 text-accent-ink focus:not-sr-only focus:fixed focus:start-3 focus:top-3"
    >
      {t('skip')}
    </a>
  );
}
