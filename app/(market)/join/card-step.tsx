'use client';
/** R2: a bank card in the same name. Another card than the one that is bound asks for the passphrase (P-02, P-06). */
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { usePassphrase } from '#app/_components/passphrase.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Field } from '#app/_components/ui.tsx';
import type { Me } from '#server/trpc/views.ts';
import { useStep } from './use-step.ts';

export function CardStep({ me, onDone }: { readonly me: Me; readonly onDone: () => void }) {
  const t = useTranslations('join');
  const [card, setCard] = useState('');
  const isBound = me.level !== 'R0' && me.level !== 'R1';
  const key = usePassphrase(me);
  const digits = card.replace(/[\s-]/g, '');
  const bind = async () => {
    if (!isBound) return api.account.bindCard(digits);
    const { askAgain } = await import('#app/_client/keys/ask-again.ts');
    const proof = await askAgain(me, key.passphrase, 'daoju.payout-account/1', { lastDigits: digits.slice(-4) });
    return api.account.bindCard(digits, proof);
  };
  const { isBusy, refusal, submit } = useStep(bind, onDone);
  return (
    <form onSubmit={submit} className="space-y-4">
      <p className="text-ink-2">{t(isBound ? 'otherCardText' : 'cardText')}</p>
      <Field label={t('card')} inputMode="numeric" autoComplete="off" value={card} onChange={(event) => setCard(event.target.value)} />
      {isBound ? key.field : null}
      {refusal === null ? null : <RefusalNote refusal={refusal} />}
      <div className="flex gap-2">
        <Button type="submit" tone="primary" disabled={isBusy || !/^\d{12,19}$/.test(digits) || (isBound && !key.isReady)}>
          {t('bind')}
        </Button>
        <Button onClick={onDone}>{t('skip')}</Button>
      </div>
    </form>
  );
}
