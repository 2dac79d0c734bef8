'use client';
/** What the rules do because of this alert: cool-downs that run by themselves (CN-SV-06), and the freeze of a chain that a person has to
 *  decide, with one press (CN-SV-12). */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { formatTime } from '#app/_client/format.ts';
import { useName } from '#app/_components/item-art.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { Reason } from '#app/_components/reason.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Button, Id, Panel, TextLink, Time } from '#app/_components/ui.tsx';
import type { AlertView, StaffMe } from '#server/trpc/views.ts';

const SHORTEST_REASON = 5;
const FREEZE_MS = 48 * 3_600_000;

export function AlertMeasures({ alert }: { readonly alert: AlertView }) {
  const staff = useStaff();
  return (
    <>
      {alert.coolDowns.length === 0 ? null : <CoolDownPanel alert={alert} />}
      {alert.chainItem === null || staff === null || staff === undefined ? null : (
        <ChainPanel alert={alert} item={alert.chainItem} staff={staff} />
      )}
    </>
  );
}

function CoolDownPanel({ alert }: { readonly alert: AlertView }) {
  const t = useTranslations('alerts');
  const name = useName();
  const queryClient = useQueryClient();
  const [reason, setReason] = useState('');
  const lift = useMutation({
    mutationFn: () => api.alert.liftCoolDowns(alert.alertId, reason.trim()),
    onSuccess: () => setReason(''),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['alert', alert.alertId] }),
  });
  return (
    <Panel title={t('coolDowns')}>
      <ul className="space-y-2 text-[13px]">
        {alert.coolDowns.map((each) => (
          <li key={each.coolDownId} data-cool-down={each.coolDownId} className="space-y-0.5">
            <p className="flex flex-wrap items-center gap-x-2">
              <Id value={each.acct} />
              <span>{alert.names[each.acct] ?? ''}</span>
              <span className="ms-auto">{name(each.names)}</span>
            </p>
            <p className="text-ink-2">
              {each.isRunning ? t('coolDownUntil') : t('coolDownOver')} <Time at={each.liftedAt ?? each.until} />
            </p>
            {each.objection === null ? null : <p className="rounded-md bg-amber-soft p-2">{t('objection', { text: each.objection })}</p>}
          </li>
        ))}
      </ul>
      {alert.coolDowns.some(({ isRunning }) => isRunning) ? (
        <div className="mt-3 space-y-2">
          <Reason label={t('liftReason')} rows={2} value={reason} onChange={setReason} />
          <Button disabled={lift.isPending || reason.trim().length < SHORTEST_REASON} onClick={() => lift.mutate()}>
            {t('liftCoolDowns')}
          </Button>
        </div>
      ) : null}
      {lift.isError ? <RefusalNote refusal={readRefusal(lift.error)} /> : null}
    </Panel>
  );
}

type Chain = { readonly alert: AlertView; readonly item: NonNullable<AlertView['chainItem']>; readonly staff: StaffMe };

function ChainPanel({ alert, item, staff }: Chain) {
  const t = useTranslations('alerts');
  const name = useName();
  const { locale } = usePreferences();
  const queryClient = useQueryClient();
  const freeze = useMutation({
    mutationFn: async () => {
      const { sendFreeze } = await import('#app/_client/case-signing.ts');
      const reason = t('chainReason', { alert: alert.alertId.slice(0, 12) });
      const caseId = alert.caseId ?? (await api.alert.act({ alertId: alert.alertId, act: 'open_case', reason })).caseId ?? '';
      return sendFreeze(staff, { caseId, scope: 'item', targetId: item.itemId, reasonCode: 'disputed_trade', reason, termMs: FREEZE_MS });
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['alert', alert.alertId] }),
  });
  const canFreeze = item.frozenUntil === null && (alert.canAct || alert.state === 'case');
  return (
    <Panel title={t('chain')}>
      <div className="space-y-2 text-[13px]">
        <p>
          <TextLink href={`/supervisor/items/${item.itemId}`}>{name(item.names)}</TextLink>
        </p>
        <p className="text-ink-2">
          {item.frozenUntil === null ? t('chainHelp') : t('chainFrozen', { at: formatTime(locale, item.frozenUntil, 'full') })}
        </p>
        {canFreeze ? (
          <Button tone="danger" disabled={freeze.isPending} onClick={() => freeze.mutate()}>
            {t(freeze.isPending ? 'chainSigning' : 'chainFreeze')}
          </Button>
        ) : null}
        {freeze.isError ? <RefusalNote refusal={readRefusal(freeze.error)} /> : null}
      </div>
    </Panel>
  );
}
