'use client';
/** Whose work is shown here, with its licence. */
import { useTranslations } from 'use-intl';
import { PageTitle, Panel } from '#app/_components/ui.tsx';

const LINK = 'text-accent underline underline-offset-3';

export default function CreditsPage() {
  const t = useTranslations('credits');
  return (
    <div className="max-w-3xl space-y-4">
      <PageTitle text={t('title')} />
      <h1 className="text-xl font-bold">{t('title')}</h1>
      <Panel title={t('icons')}>
        <p>{t('iconsText')}</p>
        <p className="mt-2 flex flex-wrap gap-4">
          <a className={LINK} href="https://game-icons.net" rel="noreferrer">
            game-icons.net
          </a>
          <a className={LINK} href="https://creativecommons.org/licenses/by/3.0/" rel="noreferrer">
            CC BY 3.0 · {t('licence')}
          </a>
        </p>
      </Panel>
      <Panel title={t('catalogue')}>
        <p>{t('catalogueText')}</p>
      </Panel>
      <Panel title={t('fonts')}>
        <p>{t('fontsText')}</p>
      </Panel>
    </div>
  );
}
