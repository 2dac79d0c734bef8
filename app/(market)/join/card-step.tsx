'use client';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Field } from '#app/_components/ui.tsx';
import type { Refusal } from '#server/trpc/views.ts';

export function CardStep({ onDone }: { readonly onDone: () => void }) {
  const t = useTranslations('join');
  const queryClient = useQueryClient();
  const [card, setCard] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const digits = card.replace(/[\s-]/g, '');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setRefusal(null);
    api.account
      .bindCard(digits)
      .then((me) => {
        queryClient.setQueryData(['me'], me);
        onDone();
      })
      .catch((error: unknown) => setRefusal(readRefusal(error)))
      .finally(() => setBusy(false));
  };
  return (
    <form onSubmit={submit} className="space-y-4">
      <p className="text-ink-2">{t('cardText')}</p>
      <Field label={t('card')} inputMode="numeric" autoComplete="off" value={card} onChange={(event) => setCard(event.target.value)} />
      {refusal === null ? null : <RefusalNote refusal={refusal} />}
      <div className="flex gap-2">
        <Button type="submit" tone="primary" disabled={isBusy || !/^\d{12,19}$/.test(digits)}>
          {t('bind')}
        </Button>
        <Button onClick={onDone}>{t('skip')}</Button>
      </div>
    </form>
  );
}
