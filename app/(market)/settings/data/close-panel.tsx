'use client';
/** What goes now, and the account as a whole (P-46): what stands in the way is said first, the key signs once more, and there is no way back. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { Link } from '#app/_components/link.tsx';
import { usePassphrase } from '#app/_components/passphrase.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Panel } from '#app/_components/ui.tsx';
import type { CloseObstacle, Me, MyDataView } from '#server/trpc/views.ts';

/** Where each is ended. */
const WAY_OUT: Readonly<Record<CloseObstacle, string>> = {
  account_published: '/join',
  account_restricted: '/sign-in',
  account_claims_open: '/disputes',
  account_orders_open: '/orders',
  account_gifts_open: '/portfolio',
  account_trades_open: '/orders',
  account_transfers_open: '/money',
  account_award_open: '/money',
  account_balance: '/money',
};

export function DeletePanel({ me, data, onClosed }: { readonly me: Me; readonly data: MyDataView; readonly onClosed: () => void }) {
  const t = useTranslations('myData');
  return (
    <Panel title={t('delete')} id="delete">
      <div className="space-y-5">
        <ClearForm />
        <section className="space-y-3 border-t border-line pt-4">
          <h3 className="font-medium">{t('close')}</h3>
          <p className="text-[13px] text-ink-2">{t('closeText', { years: String(data.retentionYears) })}</p>
          {data.obstacles.length === 0 ? <CloseForm me={me} onClosed={onClosed} /> : <Obstacles codes={data.obstacles} />}
        </section>
      </div>
    </Panel>
  );
}

function ClearForm() {
  const t = useTranslations('myData');
  const queryClient = useQueryClient();
  const clear = useMutation({
    mutationFn: () => api.myData.clear(),
    onSuccess: () => Promise.all([['myData'], ['watch']].map((queryKey) => queryClient.invalidateQueries({ queryKey }))),
  });
  return (
    <section className="space-y-3">
      <p className="text-[13px] text-ink-2">{t('clearText')}</p>
      {clear.isError ? <RefusalNote refusal={readRefusal(clear.error)} /> : null}
      <Button onClick={() => clear.mutate()} disabled={clear.isPending}>
        {t('clear')}
      </Button>
      <p role="status" className="text-[13px] text-green">
        {clear.data === undefined ? '' : t('cleared', { count: String(clear.data.deleted) })}
      </p>
    </section>
  );
}

function Obstacles({ codes }: { readonly codes: readonly CloseObstacle[] }) {
  const t = useTranslations('myData');
  return (
    <div className="space-y-1">
      <p className="font-medium">{t('inTheWay')}</p>
      <ul className="list-disc space-y-1 ps-5">
        {codes.map((code) => (
          <li key={code} data-obstacle={code}>
            <Link href={WAY_OUT[code]} className="text-accent underline-offset-3 hover:underline">
              {t(`obstacle.${code}`)}
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}

function CloseForm({ me, onClosed }: { readonly me: Me; readonly onClosed: () => void }) {
  const t = useTranslations('myData');
  const key = usePassphrase(me);
  const queryClient = useQueryClient();
  const [isSure, setSure] = useState(false);
  const close = useMutation({
    mutationFn: async () => {
      const { askAgain } = await import('#app/_client/keys/ask-again.ts');
      await api.myData.close(await askAgain(me, key.passphrase, 'daoju.close-account/1', {}));
    },
    onSuccess: async () => {
      const { lockKeys } = await import('#app/_client/keys/key-store.ts');
      lockKeys();
      onClosed();
      await queryClient.resetQueries();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isSure) close.mutate();
  };
  return (
    <form onSubmit={submit} noValidate className="space-y-3">
      <label className="flex min-h-11 items-center gap-2">
        <input type="checkbox" className="size-5" checked={isSure} onChange={(event) => setSure(event.target.checked)} />
        {t('sure', { name: me.displayName })}
      </label>
      {key.field}
      {close.isError ? <RefusalNote refusal={readRefusal(close.error)} /> : null}
      <Button type="submit" tone="danger" disabled={!isSure || close.isPending || !key.isReady}>
        {t(close.isPending ? 'closing' : 'doClose')}
      </Button>
    </form>
  );
}
