'use client';
/** A proof of filing with the receipt's number and day, and a complaint that the money is missing. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { Reason, SHORTEST } from '#app/_components/reason.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Field } from '#app/_components/ui.tsx';
import type { DueReturn, ReserveView } from '#server/trpc/views.ts';

/** The answer is the page's new state. */
function useReserveAct<T>(act: (wish: T) => Promise<ReserveView>, onDone: () => void) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: (view) => {
      queryClient.setQueryData(['money', 'reserve'], view);
      onDone();
    },
  });
}

export function ProofForm(props: { readonly due: DueReturn; readonly hasSimulatedOffice: boolean; readonly onSent: () => void }) {
  const t = useTranslations('reserves');
  const { tax, month } = props.due;
  const [receiptNo, setReceiptNo] = useState('');
  const [filedOn, setFiledOn] = useState('');
  const send = useReserveAct(api.reserve.prove, props.onSent);
  const office = useMutation({
    mutationFn: () => api.reserve.fileAtSimulatedOffice({ tax, month }),
    onSuccess: (receipt) => {
      setReceiptNo(receipt.receiptNo);
      setFiledOn(receipt.filedOn);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate({ tax, month, receiptNo, filedOn });
  };
  return (
    <form onSubmit={submit} className="space-y-3 rounded-md bg-accent-soft/50 p-3">
      {props.hasSimulatedOffice ? (
        <div className="space-y-1">
          <Button disabled={office.isPending} onClick={() => office.mutate()}>
            {t('fileThere')}
          </Button>
          <p className="text-xs text-ink-2">
            {office.data === undefined
              ? t('fileThereHelp')
              : t('filedThere', { receiptNo: office.data.receiptNo, date: office.data.filedOn })}
          </p>
          {office.isError ? <RefusalNote refusal={readRefusal(office.error)} /> : null}
        </div>
      ) : null}
      <div className="grid gap-3 sm:grid-cols-2">
        <Field
          label={t('receiptNo')}
          value={receiptNo}
          required
          minLength={8}
          maxLength={40}
          autoComplete="off"
          onChange={(event) => setReceiptNo(event.target.value)}
        />
        <Field label={t('filedOn')} type="date" value={filedOn} required onChange={(event) => setFiledOn(event.target.value)} />
      </div>
      {send.isError ? <RefusalNote refusal={readRefusal(send.error)} /> : null}
      <Button type="submit" tone="primary" disabled={send.isPending || receiptNo.trim() === '' || filedOn === ''}>
        {t('send')}
      </Button>
    </form>
  );
}

export function Complaint({ tradeId, onClose }: { readonly tradeId: string; readonly onClose: () => void }) {
  const t = useTranslations('reserves');
  const [text, setText] = useState('');
  const send = useReserveAct(api.reserve.complain, onClose);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate({ tradeId, text });
  };
  return (
    <form onSubmit={submit} className="space-y-2">
      <Reason label={t('complainText')} value={text} most={1_000} onChange={setText} />
      <p className="text-xs text-ink-3">{t('complainHelp')}</p>
      {send.isError ? <RefusalNote refusal={readRefusal(send.error)} /> : null}
      <p className="flex flex-wrap gap-2">
        <Button type="submit" tone="primary" disabled={send.isPending || text.trim().length < SHORTEST}>
          {t('send')}
        </Button>
        <Button onClick={onClose}>{t('cancel')}</Button>
      </p>
    </form>
  );
}
