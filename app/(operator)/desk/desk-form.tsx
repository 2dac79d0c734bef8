'use client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { Reason, SHORTEST } from '#app/_components/reason.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button } from '#app/_components/ui.tsx';
import type { DeskAct, DeskRow, StaffMe } from '#server/trpc/views.ts';

type Props = { readonly row: DeskRow; readonly staff: StaffMe; readonly chain: string; readonly onDone: () => void };

/** One step, in words and signed. */
export function DeskForm({ row, staff, chain, onDone }: Props) {
  const t = useTranslations('desk');
  const queryClient = useQueryClient();
  const [text, setText] = useState('');
  const send = useMutation({
    mutationFn: async (act: DeskAct) => {
      const { sendDeskStep } = await import('#app/_client/claim-signing.ts');
      return sendDeskStep(staff, chain, {
        queue: row.queue,
        subjectId: row.subjectId,
        act,
        text: act === 'taken' && text.trim() === '' ? t('takenText') : text.trim(),
      });
    },
    onSuccess: onDone,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['desk'] }),
  });
  const isBlocked = send.isPending || text.trim().length < SHORTEST;
  return (
    <div className="space-y-4">
      {row.text === null ? null : <p className="rounded-md bg-sunk p-3 text-[13px] wrap-anywhere">{row.text}</p>}
      <Reason label={t('text')} value={text} onChange={setText} />
      {row.mayFreeze ? <p className="text-xs text-ink-3">{t('freezeHelp')}</p> : null}
      {row.mayHide ? <p className="text-xs text-ink-3">{t('hideHelp')}</p> : null}
      {send.isError ? <RefusalNote refusal={readRefusal(send.error)} /> : null}
      <div className="flex flex-wrap gap-2">
        {row.mayFreeze ? (
          <Button tone="danger" disabled={isBlocked} onClick={() => send.mutate('frozen')}>
            {t('act.frozen')}
          </Button>
        ) : null}
        {row.mayUphold ? (
          <Button tone="danger" disabled={isBlocked} onClick={() => send.mutate('upheld')}>
            {t('act.upheld')}
          </Button>
        ) : null}
        {row.mayHide ? (
          <Button tone="danger" disabled={isBlocked} onClick={() => send.mutate('hidden')}>
            {t('act.hidden')}
          </Button>
        ) : null}
        {row.mayShow ? (
          <Button tone="primary" disabled={isBlocked} onClick={() => send.mutate('shown')}>
            {t('act.shown')}
          </Button>
        ) : null}
        {row.mayBeFalse ? (
          <Button disabled={isBlocked} onClick={() => send.mutate('false')}>
            {t('act.false')}
          </Button>
        ) : null}
        {row.owner === staff.staffId ? null : (
          <Button disabled={send.isPending} onClick={() => send.mutate('taken')}>
            {t('act.taken')}
          </Button>
        )}
        <Button disabled={isBlocked} onClick={() => send.mutate('noted')}>
          {t('act.noted')}
        </Button>
        {row.maySuspend ? (
          <Button tone="danger" disabled={isBlocked} onClick={() => send.mutate('suspended')}>
            {t('act.suspended')}
          </Button>
        ) : null}
        {row.mayClose ? (
          <Button tone={row.mayVerify ? 'plain' : 'primary'} disabled={isBlocked} onClick={() => send.mutate('closed')}>
            {send.isPending ? t('signing') : t(row.mayUphold ? 'act.refused' : 'act.closed')}
          </Button>
        ) : null}
        {row.mayVerify ? (
          <Button tone="primary" disabled={isBlocked} onClick={() => send.mutate('verified')}>
            {send.isPending ? t('signing') : t('act.verified')}
          </Button>
        ) : null}
      </div>
    </div>
  );
}
