'use client';
/** A dispute about one trade (P-32): ground, what happened, files, and the key's signature once more. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { type FormEvent, useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import type { Chosen } from '#app/_client/claim-signing.ts';
import type { ClaimKind, Me, TradeView } from '#server/trpc/views.ts';
import { usePassphrase } from '../passphrase.tsx';
import { Reason, SHORTEST } from '../reason.tsx';
import { RefusalNote } from '../refusal-note.tsx';
import { Button } from '../ui.tsx';
import { FileList } from './file-list.tsx';

const OF_BUYER = [
  'not_authorized',
  'deceived',
  'studio_refuses',
  'payment_disputed',
  'minor_purchase',
] as const satisfies readonly ClaimKind[];
const OF_SELLER = ['not_authorized', 'deceived', 'payment_disputed'] as const satisfies readonly ClaimKind[];

export function ClaimForm({ trade, me }: { readonly trade: TradeView; readonly me: Me }) {
  const t = useTranslations('claims');
  const id = useId();
  const router = useRouter();
  const queryClient = useQueryClient();
  const kinds: readonly ClaimKind[] = trade.side === 'buy' ? OF_BUYER : OF_SELLER;
  const [kind, setKind] = useState<ClaimKind>('deceived');
  const [reason, setReason] = useState('');
  const [files, setFiles] = useState<readonly Chosen[]>([]);
  const { field, passphrase, isReady } = usePassphrase(me);
  const send = useMutation({
    mutationFn: async () => {
      const { sendClaim } = await import('#app/_client/claim-signing.ts');
      return sendClaim({ me, passphrase }, trade, { kind, reason: reason.trim(), files });
    },
    onSuccess: ({ claimId }) => router.push(`/disputes/${claimId}`),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['trade', trade.tradeId] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
  return (
    <form onSubmit={submit} className="space-y-4">
      <p className="text-[13px] text-ink-2">{t('openHelp')}</p>
      <div>
        <label htmlFor={id} className="mb-1 block text-[13px] font-medium text-ink-2">
          {t('kindLabel')}
        </label>
        <select
          id={id}
          value={kind}
          onChange={(event) => setKind(kinds.find((each) => each === event.target.value) ?? 'deceived')}
          className="h-11 w-full rounded-md border border-line-strong/70 bg-card px-3 text-sm sm:h-10"
        >
          {kinds.map((each) => (
            <option key={each} value={each}>
              {t(`kind.${each}`)}
            </option>
          ))}
        </select>
      </div>
      <Reason label={t('reason')} value={reason} onChange={setReason} />
      <FileList files={files} onChange={setFiles} />
      {field}
      {send.isError ? <RefusalNote refusal={readRefusal(send.error)} /> : null}
      <Button type="submit" tone="primary" disabled={send.isPending || !isReady || reason.trim().length < SHORTEST}>
        {send.isPending ? t('sending') : t('send')}
      </Button>
    </form>
  );
}
