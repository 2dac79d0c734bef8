'use client';
/** Which of red and green means up: by language at first, by choice from then on. It stands beside every chart and on every page. */
import { useTranslations } from 'use-intl';
import { usePreferences } from './providers.tsx';

export function RiseColours() {
  const t = useTranslations('riseColours');
  const { rise, setRise } = usePreferences();
  const change = t('change', { colour: t(rise === 'red' ? 'green' : 'red') });
  return (
    <button
      type="button"
      title={change}
      onClick={() => setRise(rise === 'red' ? 'green' : 'red')}
      className="inline-flex min-h-11 items-center gap-2 rounded px-1 hover:text-accent sm:min-h-7"
    >
      <span className="text-up">▲ {t('up')}</span>
      <span className="text-down">▼ {t('down')}</span>
      <span className="sr-only">{change}</span>
    </button>
  );
}
