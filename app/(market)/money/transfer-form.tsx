'use client';
/** Paying in and out, each with the passphrase again (P-38, 1.5). */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, isUnsure, readRefusal } from '#app/_client/api.ts';
import { formatYuan, parseYuan } from '#app/_client/format.ts';
import { usePassphrase } from '#app/_components/passphrase.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Field, LinkButton, Panel, Segments } from '#app/_components/ui.tsx';
import type { FenText, Me, MoneyView } from '#server/trpc/views.ts';

type Kind = 'deposit' | 'withdraw';

export function TransferForm({ me, money }: { readonly me: Me; readonly money: MoneyView }) {
  const t = useTranslations('money');
  const [kind, setKind] = useState<Kind>('deposit');
  const [text, setText] = useState('');
  const [tried, setTried] = useState(false);
  const key = usePassphrase(me);
  const send = useSend(me, () => {
    setText('');
    setTried(false);
    key.forget();
  });
  const amount = parseYuan(text);
  const isRight = amount !== null && amount > 0n;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (isRight) send.mutate({ kind, amountFen: amount.toString(), passphrase: key.passphrase });
  };
  const options = [
    { value: 'deposit', label: t('deposit') },
    { value: 'withdraw', label: t('withdraw') },
  ] as const;
  const { payoutAccount } = money;
  return (
    <Panel title={t(kind)} aside={<Segments label={t('kind')} value={kind} options={options} onChange={setKind} />}>
      <form onSubmit={submit} noValidate className="space-y-3">
        <p className="text-[13px] text-ink-2">
          {kind === 'deposit' ? t('depositText') : payoutAccount === null ? t('noAccount') : t('withdrawText', { account: payoutAccount })}
        </p>
        {payoutAccount === null ? (
          <LinkButton href="/join?step=card">{t('noAccount')}</LinkButton>
        ) : (
          <>
            <Field
              label={t('amount')}
              inputMode="decimal"
              autoComplete="off"
              value={text}
              placeholder="1,000.00"
              suffix="元"
              align="end"
              error={tried && !isRight ? t('badAmount') : null}
              onChange={(event) => setText(event.target.value)}
            />
            {key.field}
            {send.isError ? <RefusalNote refusal={readRefusal(send.error)} /> : null}
            <Button type="submit" tone="primary" disabled={send.isPending || !key.isReady}>
              {t(kind === 'deposit' ? 'confirmDeposit' : 'confirmWithdraw', { amount: isRight ? formatYuan(amount) : '' })}
            </Button>
            <p role="status" className="text-[13px] text-green">
              {send.isSuccess ? t('submitted') : ''}
            </p>
          </>
        )}
      </form>
    </Panel>
  );
}

function useSend(me: Me, onSent: () => void) {
  const queryClient = useQueryClient();
  // Kept until an answer arrives, so that pressing again after a lost answer moves the money once.
  const reference = useRef<string | null>(null);
  return useMutation({
    mutationFn: async (wish: { readonly kind: Kind; readonly amountFen: FenText; readonly passphrase: string | null }) => {
      reference.current ??= crypto.randomUUID();
      const transfer = { referenceId: reference.current, amountFen: wish.amountFen };
      const { askAgain } = await import('#app/_client/keys/ask-again.ts');
      const format = wish.kind === 'deposit' ? 'daoju.deposit/1' : 'daoju.withdrawal/1';
      return api.money[wish.kind](transfer, await askAgain(me, wish.passphrase, format, transfer));
    },
    onSuccess: () => {
      reference.current = null;
      onSent();
      return queryClient.invalidateQueries({ queryKey: ['money'] });
    },
    onError: (error) => {
      if (!isUnsure(readRefusal(error))) reference.current = null;
    },
  });
}
