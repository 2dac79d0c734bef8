'use client';
/** Evidence by its number, and referring the case to another authority, signed (V-14). */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { Reason, SHORTEST } from '#app/_components/reason.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Sheet } from '#app/_components/sheet.tsx';
import { Button, Field } from '#app/_components/ui.tsx';
import { REFER_TO, type ReferTo } from '#sandbox/cases/refer-order.ts';
import type { CaseView, StaffMe } from '#server/trpc/views.ts';

const ID_MIN = 4;

export function CaseActs({ file }: { readonly file: CaseView }) {
  const t = useTranslations('cases');
  const staff = useStaff();
  const [shown, setShown] = useState<'evidence' | 'refer' | null>(null);
  const close = () => setShown(null);
  if (!staff) return null;
  return (
    <div className="flex flex-wrap gap-2">
      <Button onClick={() => setShown('evidence')}>{t('addEvidence')}</Button>
      <Button onClick={() => setShown('refer')}>{t('refer')}</Button>
      <Sheet open={shown === 'evidence'} title={t('addEvidence')} onClose={close}>
        <EvidenceForm file={file} onDone={close} />
      </Sheet>
      <Sheet open={shown === 'refer'} title={t('refer')} onClose={close}>
        <ReferForm file={file} staff={staff} onDone={close} />
      </Sheet>
    </div>
  );
}

type FormProps = { readonly file: CaseView; readonly onDone: () => void };

function EvidenceForm({ file, onDone }: FormProps) {
  const t = useTranslations('cases');
  const queryClient = useQueryClient();
  const [subjectId, setSubject] = useState('');
  const [text, setText] = useState('');
  const send = useMutation({
    mutationFn: () => staffApi.case.step(file.caseId, { act: 'evidence', subjectId: subjectId.trim(), text: text.trim() }),
    onSuccess: onDone,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['case', file.caseId] }),
  });
  return (
    <div className="space-y-3">
      <Field label={t('evidenceId')} value={subjectId} maxLength={100} onChange={(event) => setSubject(event.target.value)} />
      <Reason label={t('evidenceText')} rows={3} value={text} onChange={(value) => setText(value.slice(0, 500))} />
      {send.isError ? <RefusalNote refusal={readRefusal(send.error)} /> : null}
      <Button tone="primary" disabled={send.isPending || subjectId.trim().length < ID_MIN} onClick={() => send.mutate()}>
        {t('addEvidence')}
      </Button>
    </div>
  );
}

function ReferForm({ file, staff, onDone }: FormProps & { readonly staff: StaffMe }) {
  const t = useTranslations('cases');
  const id = useId();
  const queryClient = useQueryClient();
  const [authority, setAuthority] = useState<ReferTo>('public_security');
  const [reason, setReason] = useState('');
  const send = useMutation({
    mutationFn: async () => {
      const { sendReferral } = await import('#app/_client/refer-signing.ts');
      return sendReferral(staff, { caseId: file.caseId, authority, reason: reason.trim() });
    },
    onSuccess: onDone,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['case', file.caseId] }),
  });
  return (
    <div className="space-y-3">
      <div>
        <label htmlFor={id} className="mb-1 block text-[13px] font-medium text-ink-2">
          {t('referWhom')}
        </label>
        <select
          id={id}
          value={authority}
          onChange={(event) => setAuthority(REFER_TO.find((each) => each === event.target.value) ?? 'other')}
          className="h-11 w-full rounded-md border border-line-strong/70 bg-card px-3 text-sm sm:h-10"
        >
          {REFER_TO.map((each) => (
            <option key={each} value={each}>
              {t(`referTo.${each}`)}
            </option>
          ))}
        </select>
      </div>
      <Reason label={t('reason')} value={reason} onChange={setReason} />
      {send.isError ? <RefusalNote refusal={readRefusal(send.error)} /> : null}
      <Button tone="primary" disabled={send.isPending || reason.trim().length < SHORTEST} onClick={() => send.mutate()}>
        {send.isPending ? t('signing') : t('confirm')}
      </Button>
    </div>
  );
}
