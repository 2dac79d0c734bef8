'use client';
/** One declaration when somebody else used the account (P-33): what it does stands before the signature, what it did after it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ShieldAlert } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { formatTime } from '#app/_client/format.ts';
import type { Me, TakeoverTerms } from '#server/trpc/views.ts';
import { usePassphrase } from '../passphrase.tsx';
import { usePreferences } from '../providers.tsx';
import { Reason, SHORTEST } from '../reason.tsx';
import { RefusalNote } from '../refusal-note.tsx';
import { Sheet } from '../sheet.tsx';
import { Button } from '../ui.tsx';

export function Takeover({ me }: { readonly me: Me }) {
  const t = useTranslations('takeover');
  const { locale } = usePreferences();
  const [isOpen, setOpen] = useState(false);
  const query = useQuery({ queryKey: ['takeover'], queryFn: () => api.claim.takeover(), refetchInterval: 30_000 });
  const running = query.data?.running ?? null;
  if (running !== null) {
    const { canceled, claims, until, isDone } = running;
    return (
      <p className="rounded-lg border border-line bg-card p-4 text-[13px]" data-testid="takeover">
        <strong>{t('declared')}</strong> {t('did', { canceled, claims, until: formatTime(locale, until, 'full') })}{' '}
        {isDone ? null : t('waits')}
      </p>
    );
  }
  return (
    <>
      <Button tone="danger" onClick={() => setOpen(true)}>
        <ShieldAlert size={15} aria-hidden /> {t('open')}
      </Button>
      <Sheet open={isOpen} title={t('title')} onClose={() => setOpen(false)}>
        <Declare me={me} terms={query.data?.terms ?? null} onDone={() => setOpen(false)} />
      </Sheet>
    </>
  );
}

type DeclareProps = { readonly me: Me; readonly terms: TakeoverTerms | null; readonly onDone: () => void };

function Declare({ me, terms, onDone }: DeclareProps) {
  const t = useTranslations('takeover');
  const queryClient = useQueryClient();
  const [text, setText] = useState('');
  const { field, passphrase, isReady } = usePassphrase(me);
  const send = useMutation({
    mutationFn: async () => (await import('#app/_client/claim-signing.ts')).sendTakeover({ me, passphrase }, text.trim()),
    onSuccess: onDone,
    onSettled: () =>
      Promise.all([['takeover'], ['claims'], ['me'], ['orders']].map((queryKey) => queryClient.invalidateQueries({ queryKey }))),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
  return (
    <form onSubmit={submit} className="space-y-4">
      <ul className="list-disc space-y-1 ps-5 text-[13px] text-ink-2">
        {(['orders', 'claims', 'cool', 'free'] as const).map((key) => (
          <li key={key}>{t(`does.${key}`, { trades: terms?.tradesDays ?? '—', cool: terms?.coolDays ?? '—' })}</li>
        ))}
      </ul>
      <Reason label={t('what')} value={text} onChange={setText} />
      {field}
      {send.isError ? <RefusalNote refusal={readRefusal(send.error)} /> : null}
      <Button type="submit" tone="danger" disabled={send.isPending || !isReady || terms === null || text.trim().length < SHORTEST}>
        {send.isPending ? t('sending') : t('confirm')}
      </Button>
    </form>
  );
}
