'use client';
/** The platform agreement with its old versions (P-09): what people accept when they join. */
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { usePreferences } from '#app/_components/providers.tsx';
import { Chip, PageTitle, Panel, Segments, TextLink } from '#app/_components/ui.tsx';
import { AGREEMENTS } from './text.ts';

const [NEWEST] = AGREEMENTS;

export default function AgreementPage() {
  const t = useTranslations();
  const { locale } = usePreferences();
  const [version, setVersion] = useState(NEWEST?.version ?? '');
  const shown = AGREEMENTS.find((each) => each.version === version) ?? NEWEST;
  if (shown === undefined) return null;
  return (
    <div className="max-w-3xl space-y-4">
      <PageTitle text={t('foot.agreement')} />
      <header className="space-y-2">
        <h1 className="text-xl font-bold">{t('foot.agreement')}</h1>
        <p className="flex flex-wrap items-center gap-3 text-sm text-ink-2">
          <Chip tone={shown === NEWEST ? 'good' : 'plain'}>{t('foot.version', { version: shown.version })}</Chip>
          <span className="num">{t('foot.since', { day: shown.from })}</span>
          <TextLink href="/rules">{t('rules.title')}</TextLink>
        </p>
        {AGREEMENTS.length === 1 ? null : (
          <Segments
            label={t('foot.versions')}
            value={version}
            options={AGREEMENTS.map((each) => ({ value: each.version, label: t('foot.version', { version: each.version }) }))}
            onChange={setVersion}
          />
        )}
      </header>
      <Panel>
        <div className="space-y-5">
          {shown.sections[locale].map(({ title, text }) => (
            <section key={title} className="space-y-1">
              <h2 className="font-semibold">{title}</h2>
              <p className="leading-7 text-ink-2">{text}</p>
            </section>
          ))}
        </div>
      </Panel>
    </div>
  );
}
