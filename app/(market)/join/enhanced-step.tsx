'use client';
/** R3 (P-02): what a person declares under their key before they trade for more than 10,000.00 元 in a day. */
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, type FundsFrom } from '#app/_client/api.ts';
import { usePassphrase } from '#app/_components/passphrase.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Field, Segments } from '#app/_components/ui.tsx';
import type { Me } from '#server/trpc/views.ts';
import { useStep } from './use-step.ts';

const SOURCES = ['wage', 'business', 'savings', 'items', 'other'] as const satisfies readonly FundsFrom[];

export function EnhancedStep({ me, onDone }: { readonly me: Me; readonly onDone: () => void }) {
  const t = useTranslations('join.enhanced');
  const [occupation, setOccupation] = useState('');
  const [fundsFrom, setFundsFrom] = useState<FundsFrom>('wage');
  const key = usePassphrase(me);
  const declare = async () => {
    const declaration = { occupation: occupation.normalize('NFC').trim(), fundsFrom };
    const { askAgain } = await import('#app/_client/keys/ask-again.ts');
    return api.account.checkEnhanced(declaration, await askAgain(me, key.passphrase, 'daoju.enhanced-check/1', declaration));
  };
  const { isBusy, refusal, submit } = useStep(declare, onDone);
  return (
    <form onSubmit={submit} className="space-y-4">
      <p className="text-ink-2">{t('text')}</p>
      <Field
        label={t('occupation')}
        autoComplete="organization-title"
        maxLength={60}
        value={occupation}
        onChange={(event) => setOccupation(event.target.value)}
      />
      <div>
        <p className="mb-1 text-[13px] font-medium text-ink-2">{t('fundsFrom')}</p>
        <Segments
          label={t('fundsFrom')}
          value={fundsFrom}
          options={SOURCES.map((value) => ({ value, label: t(`sources.${value}`) }))}
          onChange={setFundsFrom}
        />
      </div>
      {key.field}
      {refusal === null ? null : <RefusalNote refusal={refusal} />}
      <Button type="submit" tone="primary" disabled={isBusy || occupation.trim().length < 2 || !key.isReady}>
        {t('declare')}
      </Button>
    </form>
  );
}
