'use client';
/** Freezes of a case: their clocks, the second signature, lifting, the answer to an appeal. Nothing is sent before it is confirmed. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { formatTime } from '#app/_client/format.ts';
import { usePreferences } from '#app/_components/providers.tsx';
import { Reason, SHORTEST } from '#app/_components/reason.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Sheet } from '#app/_components/sheet.tsx';
import { TimeLeft } from '#app/_components/time-left.tsx';
import { Button, Chip, type ChipTone, CopyButton, Id, Panel, Time } from '#app/_components/ui.tsx';
import type { CaseView, FreezeState, FreezeView, StaffMe } from '#server/trpc/views.ts';
import { LinkedText } from '../../linked-text.tsx';
import { isAwaited } from './awaited-panel.tsx';
import { FreezeForm } from './freeze-form.tsx';

const TONE = { proposed: 'wait', active: 'bad', ended: 'plain' } as const satisfies Record<FreezeState, ChipTone>;

export function FreezePanel({ file }: { readonly file: CaseView }) {
  const t = useTranslations('cases');
  const staff = useStaff();
  const [isOpen, setOpen] = useState(false);
  if (staff === null || staff === undefined) return null;
  return (
    <Panel
      title={t('clocks')}
      flush
      aside={
        file.canAct ? (
          <Button tone="danger" onClick={() => setOpen(true)}>
            {t('freeze')}
          </Button>
        ) : null
      }
    >
      {file.freezes.length === 0 ? <p className="p-4 text-[13px] text-ink-3">{t('noFreezes')}</p> : null}
      <ul className="divide-y divide-line">
        {file.freezes.map((freeze) => (
          <Freeze key={freeze.freezeId} file={file} freeze={freeze} staff={staff} />
        ))}
      </ul>
      <Sheet open={isOpen} title={t('freezeTitle')} onClose={() => setOpen(false)}>
        <FreezeForm file={file} staff={staff} onDone={() => setOpen(false)} />
      </Sheet>
    </Panel>
  );
}

type Shown = { readonly file: CaseView; readonly freeze: FreezeView; readonly staff: StaffMe };

function Freeze({ file, freeze, staff }: Shown) {
  const t = useTranslations('cases');
  const { locale } = usePreferences();
  const { appeal } = freeze;
  const isLifting = isAwaited(file, `lift ${freeze.freezeId}`);
  const isParty = freeze.setBy === staff.staffId || freeze.approvedBy === staff.staffId;
  return (
    <li className="space-y-2 p-4 text-[13px]" data-freeze={freeze.freezeId} data-state={freeze.state}>
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Chip tone={TONE[freeze.state]}>{t(`freezeState.${freeze.state}`)}</Chip>
        <strong>{t(`scope.${freeze.scope}`)}</strong> <LinkedText text={freeze.targetId} />
        <CopyButton text={freeze.targetId} />
        <span>{t(`reasonCode.${freeze.reasonCode}`)}</span>
        <span className="num">{t('until', { at: formatTime(locale, freeze.until, 'full') })}</span>
        {freeze.state === 'active' ? <TimeLeft until={freeze.until} /> : null}
        {freeze.endedAs === null ? null : <Chip>{t(`endedAs.${freeze.endedAs}`)}</Chip>}
      </p>
      <p className="text-ink-2">
        <LinkedText text={freeze.reason} />
      </p>
      <p className="flex flex-wrap items-center gap-x-3 text-xs text-ink-3">
        <span>{t('setBy', { who: freeze.setBy })}</span>
        {freeze.approvedBy === null ? null : <span>{t('approvedBy', { who: freeze.approvedBy })}</span>}
        {freeze.holder === null ? null : (
          <span>
            {t('holder')} <LinkedText text={freeze.holder} />
          </span>
        )}
        {freeze.txId === null ? null : (
          <span>
            {t('onLedger')} <Id value={freeze.txId} />
          </span>
        )}
      </p>
      {appeal === null ? null : (
        <div className="space-y-1 rounded-md bg-sunk p-2" data-appeal={appeal.state}>
          <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <strong>{t('act.appeal')}</strong>
            <Time at={appeal.openedAt} style="full" />
            {appeal.state === 'open' ? (
              <>
                <Chip tone="wait">{t('appealState.open')}</Chip>
                <span>
                  {t('appealDue')} <Time at={appeal.dueAt} style="full" />
                </span>
                <TimeLeft until={appeal.dueAt} />
              </>
            ) : (
              <Chip tone={appeal.state === 'granted' ? 'good' : 'plain'}>{t(`appealState.${appeal.state}`)}</Chip>
            )}
          </p>
          <p>{appeal.text}</p>
          {appeal.answer === null ? null : (
            <p className="border-s-2 border-line-strong/60 ps-2 text-ink-2">
              {appeal.answer} {appeal.answeredAt === null ? null : <Time at={appeal.answeredAt} style="full" />}
            </p>
          )}
        </div>
      )}
      {freeze.state === 'proposed' && freeze.setBy !== staff.staffId && !isAwaited(file, `approve ${freeze.freezeId}`) ? (
        <Approve file={file} freeze={freeze} staff={staff} />
      ) : null}
      {appeal?.state === 'open' && !isParty && !isLifting ? <WithReason kind="answer" file={file} freeze={freeze} staff={staff} /> : null}
      {freeze.state === 'ended' || isLifting ? null : <WithReason kind="lift" file={file} freeze={freeze} staff={staff} />}
      {appeal?.state === 'open' && isParty ? <p className="text-xs text-ink-3">{t('anotherAnswers')}</p> : null}
    </li>
  );
}

function useAct(caseId: string, work: (choice: boolean) => Promise<unknown>, onDone: () => void = () => undefined) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: work,
    onSuccess: onDone,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['case', caseId] }),
  });
}

function Approve({ file, freeze, staff }: Shown) {
  const t = useTranslations('cases');
  const act = useAct(file.caseId, async () => (await import('#app/_client/case-signing.ts')).sendApproval(staff, file.caseId, freeze));
  return (
    <div className="space-y-2">
      <Button tone="primary" disabled={act.isPending} onClick={() => act.mutate(true)}>
        {act.isPending ? t('signing') : t('approve')}
      </Button>
      {act.isError ? <RefusalNote refusal={readRefusal(act.error)} /> : null}
    </div>
  );
}

/** Lifting and answering: a sentence first, then the signature. */
function WithReason({ kind, file, freeze, staff }: Shown & { readonly kind: 'lift' | 'answer' }) {
  const t = useTranslations('cases');
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState('');
  const reason = text.trim();
  const work = async (isGranted: boolean) => {
    const { sendAppealAnswer, sendLift } = await import('#app/_client/case-signing.ts');
    if (kind === 'lift') return sendLift(staff, freeze, reason);
    return sendAppealAnswer(staff, freeze, { appealId: freeze.appeal?.appealId ?? '', isGranted, reason });
  };
  const act = useAct(file.caseId, work, () => setOpen(false));
  const isReady = !act.isPending && reason.length >= SHORTEST;
  const title = kind === 'answer' ? t('answer') : freeze.state === 'proposed' ? t('withdraw') : t('lift');
  return (
    <>
      <Button tone={kind === 'answer' ? 'primary' : 'plain'} className="me-2" onClick={() => setOpen(true)}>
        {title}
      </Button>
      <Sheet open={isOpen} title={title} onClose={() => setOpen(false)}>
        <div className="space-y-3">
          <Reason label={t('reason')} value={text} onChange={setText} />
          {act.isError ? <RefusalNote refusal={readRefusal(act.error)} /> : null}
          <div className="flex flex-wrap gap-2">
            <Button tone="primary" disabled={!isReady} onClick={() => act.mutate(true)}>
              {act.isPending ? t('signing') : kind === 'answer' ? t('grant') : t('confirm')}
            </Button>
            {kind === 'answer' ? (
              <Button disabled={!isReady} onClick={() => act.mutate(false)}>
                {t('reject')}
              </Button>
            ) : null}
          </div>
        </div>
      </Sheet>
    </>
  );
}
