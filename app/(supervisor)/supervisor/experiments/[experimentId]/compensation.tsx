'use client';
/** The experiment's compensation fund: what is left, what was paid and why, and a signed decision to pay. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { parseYuan } from '#app/_client/format.ts';
import { SHORTEST } from '#app/_components/reason.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Button, Field, Id, Panel, Time, Yuan } from '#app/_components/ui.tsx';
import type { ExperimentDeskView, StaffMe } from '#server/trpc/views.ts';

export function Compensation({ view }: { readonly view: ExperimentDeskView }) {
  const t = useTranslations('compensation');
  const staff = useStaff();
  const [isOpen, setOpen] = useState(false);
  const mayPay = staff !== null && staff !== undefined && staff.role !== 'auditor';
  return (
    <Panel title={t('title')} flush>
      <p className="flex flex-wrap gap-x-4 p-4 text-[13px]" data-testid="compensation">
        <span>
          {t('fund')} <Yuan fen={view.fundFen} />
        </span>
        <span>
          {t('paid')} <Yuan fen={view.compensationFen} />
        </span>
      </p>
      <ul className="divide-y divide-line border-t border-line text-[13px]">
        {view.compensations.map(({ at, acct, amountFen, by, reason }) => (
          <li key={`${at}${acct}${amountFen}`} className="space-y-1 px-4 py-2">
            <p className="flex flex-wrap items-center gap-x-3">
              <Yuan fen={amountFen} /> <Id value={acct} /> <Time at={at} style="full" /> <span className="text-ink-3">{by}</span>
            </p>
            <p className="text-ink-2">{reason}</p>
          </li>
        ))}
      </ul>
      {mayPay ? (
        <div className="border-t border-line p-4">
          {isOpen ? (
            <PayForm view={view} staff={staff} onDone={() => setOpen(false)} />
          ) : (
            <Button onClick={() => setOpen(true)}>{t('pay')}</Button>
          )}
        </div>
      ) : null}
    </Panel>
  );
}

function PayForm({ view, staff, onDone }: { readonly view: ExperimentDeskView; readonly staff: StaffMe; readonly onDone: () => void }) {
  const t = useTranslations('compensation');
  const queryClient = useQueryClient();
  const [acct, setAcct] = useState('');
  const [amount, setAmount] = useState('');
  const [reason, setReason] = useState('');
  const fen = parseYuan(amount);
  const act = useMutation({
    mutationFn: async () => {
      const { sendCompensation } = await import('#app/_client/case-signing.ts');
      const wish = { experimentId: view.experimentId, acct: acct.trim(), amountFen: String(fen), reason: reason.trim() };
      return sendCompensation(staff, view.chain, wish);
    },
    onSuccess: (fresh) => {
      queryClient.setQueryData(['experimentDesk', view.experimentId], fresh);
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    act.mutate();
  };
  const isReady = fen !== null && /^[0-9a-f]{64}$/.test(acct.trim()) && reason.trim().length >= SHORTEST;
  return (
    <form onSubmit={submit} className="space-y-3">
      <p className="text-[13px] text-ink-2">{t('claimDays', { days: view.compensationClaimDays })}</p>
      <Field label={t('acct')} value={acct} maxLength={64} onChange={(event) => setAcct(event.target.value)} />
      <Field label={t('amount')} value={amount} inputMode="decimal" onChange={(event) => setAmount(event.target.value)} />
      <Field label={t('reason')} value={reason} maxLength={2000} onChange={(event) => setReason(event.target.value)} />
      {act.isError ? <RefusalNote refusal={readRefusal(act.error)} /> : null}
      <Button type="submit" tone="primary" disabled={!isReady || act.isPending}>
        {t('confirm')}
      </Button>
    </form>
  );
}
