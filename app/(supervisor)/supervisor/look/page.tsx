'use client';
/** The door to looking through an item, a trade or a person: by reference (V-12, V-13). */
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button, Field, PageTitle, Panel } from '#app/_components/ui.tsx';

const PLACES: readonly (readonly [RegExp, string])[] = [
  [/^itm_[0-9a-z]+$/, '/supervisor/items/'],
  [/^trd_[0-9a-z]+$/, '/supervisor/trades/'],
  [/^[0-9a-f]{64}$/, '/supervisor/people/'],
  [/^alr_[0-9a-f]+$/, '/supervisor/alerts/'],
  [/^cas_[0-9a-f]+$/, '/supervisor/cases/'],
  [/^SBX-\d{4}-\d{4}$/, '/supervisor/experiments/'],
];

export default function LookPage() {
  const t = useTranslations('look');
  const router = useRouter();
  const [text, setText] = useState('');
  const [isMalformed, setMalformed] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const reference = text.trim();
    const place = PLACES.find(([pattern]) => pattern.test(reference));
    if (place === undefined) setMalformed(true);
    else router.push(`${place[1]}${reference}`);
  };
  return (
    <div className="max-w-2xl space-y-4">
      <PageTitle text={t('title')} />
      <Panel title={t('title')}>
        <form onSubmit={submit} className="space-y-3">
          <p className="text-[13px] text-ink-2">{t('lead')}</p>
          <Field
            label={t('reference')}
            value={text}
            maxLength={100}
            autoComplete="off"
            spellCheck={false}
            error={isMalformed ? t('malformed') : null}
            onChange={(event) => {
              setText(event.target.value);
              setMalformed(false);
            }}
          />
          <Button type="submit" tone="primary" disabled={text.trim() === ''}>
            {t('go')}
          </Button>
        </form>
      </Panel>
    </div>
  );
}
