'use client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { Reason } from '#app/_components/reason.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Panel, Time } from '#app/_components/ui.tsx';
import type { AlertView } from '#server/trpc/views.ts';
import { StateChip } from '../alert-row.tsx';

const SHORTEST_REASON = 5;
const STATES = ['new', 'triaged', 'case', 'dismissed'] as const;

export function AlertActions({ alert }: { readonly alert: AlertView }) {
  const t = useTranslations('alerts');
  return (
    <Panel title={t('history')}>
      {alert.steps.length === 0 ? <p className="text-[13px] text-ink-2">{t('historyEmpty')}</p> : null}
      <ol className="space-y-2 text-[13px]">
        {alert.steps.map((step) => (
          <li key={`${step.to}${step.at}`} className="space-y-0.5">
            <p className="flex flex-wrap items-center gap-x-2">
              {STATES.filter((state) => state === step.to).map((state) => (
                <StateChip key={state} state={state} />
              ))}
              <Time at={step.at} /> <span className="text-ink-3">{step.by}</span>
            </p>
            {step.reason === null ? null : <p>{step.reason}</p>}
          </li>
        ))}
      </ol>
      {alert.canAct ? <ActForm alert={alert} /> : null}
    </Panel>
  );
}

function ActForm({ alert }: { readonly alert: AlertView }) {
  const t = useTranslations('alerts');
  const queryClient = useQueryClient();
  const [reason, setReason] = useState('');
  const act = useMutation({
    mutationFn: (what: 'triage' | 'dismiss' | 'open_case') =>
      staffApi.alert.act({ alertId: alert.alertId, act: what, ...(reason.trim() === '' ? {} : { reason }) }),
    onSettled: () => {
      void queryClient.invalidateQueries({ queryKey: ['alert', alert.alertId] });
      void queryClient.invalidateQueries({ queryKey: ['alerts'] });
    },
    onSuccess: () => setReason(''),
  });
  const hasReason = reason.trim().length >= SHORTEST_REASON;
  return (
    <div className="mt-4 space-y-2">
      <Reason label={t('reason')} rows={3} value={reason} onChange={setReason} />
      <p className="text-xs text-ink-3">{t('reasonHelp')}</p>
      <div className="flex flex-wrap gap-2">
        {alert.state === 'new' ? (
          <Button tone="primary" disabled={act.isPending} onClick={() => act.mutate('triage')}>
            {t('triage')}
          </Button>
        ) : null}
        <Button disabled={act.isPending || !hasReason} onClick={() => act.mutate('dismiss')}>
          {t('dismiss')}
        </Button>
        <Button tone="danger" disabled={act.isPending || !hasReason} onClick={() => act.mutate('open_case')}>
          {t('openCase')}
        </Button>
      </div>
      {act.isError ? <RefusalNote refusal={readRefusal(act.error)} /> : null}
    </div>
  );
}
