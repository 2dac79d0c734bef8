'use client';
/** Everything as one file, for the passphrase again (P-46, 1.5). */
import { useMutation } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { usePassphrase } from '#app/_components/passphrase.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Panel } from '#app/_components/ui.tsx';
import type { Me } from '#server/trpc/views.ts';

export function ExportPanel({ me }: { readonly me: Me }) {
  const t = useTranslations('myData');
  const key = usePassphrase(me);
  const take = useMutation({
    mutationFn: async () => {
      const { exportMyData } = await import('#app/_client/export-my-data.ts');
      await exportMyData(me, key.passphrase);
    },
    onSuccess: () => key.forget(),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    take.mutate();
  };
  return (
    <Panel title={t('export')} id="export">
      <form onSubmit={submit} noValidate className="space-y-3">
        <p className="text-[13px] text-ink-2">{t('exportText')}</p>
        {key.field}
        {take.isError ? <RefusalNote refusal={readRefusal(take.error)} /> : null}
        <Button type="submit" tone="primary" disabled={take.isPending || !key.isReady}>
          {t(take.isPending ? 'exporting' : 'doExport')}
        </Button>
        <p role="status" className="text-[13px] text-green">
          {take.isSuccess ? t('exported') : ''}
        </p>
        <p className="text-xs text-ink-3">{t('notHeld')}</p>
      </form>
    </Panel>
  );
}
