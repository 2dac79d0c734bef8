'use client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { Reason } from '#app/_components/reason.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Field } from '#app/_components/ui.tsx';
import type { OpeningScope, StaffMe } from '#server/trpc/views.ts';

const FIELDS = ['name', 'id_number', 'phone'] as const satisfies readonly OpeningScope[];

/** What is missing is said by the server, with a code; nothing is sent twice. */
export function OpeningForm(props: { readonly subject: string; readonly staff: StaffMe; readonly onDone: () => void }) {
  const t = useTranslations('opening');
  const id = useId();
  const queryClient = useQueryClient();
  const cases = useQuery({ queryKey: ['cases', 'open'], queryFn: () => staffApi.case.list({ state: 'open' }) });
  const [caseId, setCaseId] = useState('');
  const [legalGround, setGround] = useState('');
  const [reason, setReason] = useState('');
  const [scope, setScope] = useState<readonly OpeningScope[]>([]);
  const send = useMutation({
    mutationFn: async () => {
      const { sendOpening } = await import('#app/_client/case-signing.ts');
      return sendOpening(props.staff, { caseId, subject: props.subject, legalGround: legalGround.trim(), reason: reason.trim(), scope });
    },
    onSuccess: props.onDone,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['openings'] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
  const toggle = (field: OpeningScope) =>
    setScope((before) => (before.includes(field) ? before.filter((each) => each !== field) : [...before, field]));
  return (
    <form onSubmit={submit} className="space-y-4">
      <div>
        <label htmlFor={`${id}-case`} className="mb-1 block text-[13px] font-medium text-ink-2">
          {t('case')}
        </label>
        <select
          id={`${id}-case`}
          value={caseId}
          onChange={(event) => setCaseId(event.target.value)}
          className="h-11 w-full rounded-md border border-line-strong/70 bg-card px-3 text-sm sm:h-10"
        >
          <option value="">{cases.data?.cases.length === 0 ? t('noCases') : t('chooseCase')}</option>
          {cases.data?.cases.map((file) => (
            <option key={file.caseId} value={file.caseId}>
              {file.number} {file.title}
            </option>
          ))}
        </select>
      </div>
      <Field
        label={t('ground')}
        placeholder={t('groundHint')}
        value={legalGround}
        maxLength={500}
        onChange={(event) => setGround(event.target.value)}
      />
      <Reason label={t('reason')} rows={4} value={reason} onChange={setReason} />
      <fieldset>
        <legend className="mb-1 text-[13px] font-medium text-ink-2">{t('scope')}</legend>
        {FIELDS.map((field) => (
          <label key={field} className="flex min-h-11 items-center gap-2 text-sm sm:min-h-8">
            <input type="checkbox" checked={scope.includes(field)} onChange={() => toggle(field)} className="size-4 accent-accent" />
            {t(`field.${field}`)}
          </label>
        ))}
      </fieldset>
      {send.isError ? <RefusalNote refusal={readRefusal(send.error)} /> : null}
      <Button type="submit" tone="primary" disabled={send.isPending}>
        {send.isPending ? t('sending') : t('send')}
      </Button>
    </form>
  );
}
