'use client';
/** Acts of this case that wait for the supervisor's own signature: what it is for, how it is given, and taking it back. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { CoSignNote } from '#app/_components/co-sign-note.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Panel } from '#app/_components/ui.tsx';
import type { CaseView, CoSignView } from '#server/trpc/views.ts';

export function AwaitedPanel({ file }: { readonly file: CaseView }) {
  const t = useTranslations('coSign');
  if (file.coSigns.length === 0) return null;
  return (
    <Panel title={t('title')}>
      <div className="space-y-3">
        {file.coSigns.map((request) => (
          <AwaitedAct key={request.coSignId} request={request} />
        ))}
      </div>
    </Panel>
  );
}

export function AwaitedAct({ request }: { readonly request: CoSignView }) {
  const t = useTranslations('coSign');
  const queryClient = useQueryClient();
  const withdraw = useMutation({
    mutationFn: () => staffApi.case.withdraw(request.coSignId),
    onSettled: () => Promise.all(['case', 'openings'].map((queryKey) => queryClient.invalidateQueries({ queryKey: [queryKey] }))),
  });
  return (
    <CoSignNote request={request}>
      <p className="text-ink-2">{t('nothingYet')}</p>
      <Button disabled={withdraw.isPending} onClick={() => withdraw.mutate()}>
        {t('withdraw')}
      </Button>
      {withdraw.isError ? <RefusalNote refusal={readRefusal(withdraw.error)} /> : null}
    </CoSignNote>
  );
}

/** Whether this act is asked for already, and only the signature is missing. */
export function isAwaited({ coSigns }: CaseView, step: string): boolean {
  return coSigns.some((each) => each.step === step && (each.state === 'waiting' || each.state === 'signed'));
}
