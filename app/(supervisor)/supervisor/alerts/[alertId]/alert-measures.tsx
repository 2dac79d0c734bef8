'use client';
/** What the rules do because of this alert: cool-downs that run by themselves (CN-SV-06), and the freeze of a chain that a person has to
 *  decide, with one press (CN-SV-12). */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { formatTime, shortId } from '#app/_client/format.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { useName } from '#app/_components/item-art.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { Reason } from '#app/_components/reason.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Sheet } from '#app/_components/sheet.tsx';
import { Button, Chip, Id, Panel, TextLink, Time } from '#app/_components/ui.tsx';
import type { AlertView, ChainItem, StaffMe } from '#server/trpc/views.ts';

const SHORTEST_REASON = 5;

export function AlertMeasures({ alert }: { readonly alert: AlertView }) {
  const staff = useStaff();
  return (
    <>
      {alert.coolDowns.length === 0 ? null : <CoolDownPanel alert={alert} />}
      {alert.chain === null || staff === null || staff === undefined ? null : (
        <ChainPanel alert={alert} items={alert.chain} staff={staff} />
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
    mutationFn: () => staffApi.alert.liftCoolDowns(alert.alertId, reason.trim()),
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

type Chain = { readonly alert: AlertView; readonly items: readonly ChainItem[]; readonly staff: StaffMe };

function ChainPanel({ alert, items, staff }: Chain) {
  const t = useTranslations('alerts');
  const coSign = useTranslations('coSign');
  const queryClient = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const free = items.filter(({ frozenUntil }) => frozenUntil === null);
  const freeze = useMutation({
    mutationFn: async () => {
      const { sendFreeze } = await import('#app/_client/case-signing.ts');
      const reason = t('chainReason', { alert: alert.alertId.slice(0, 12) });
      const caseId = alert.caseId ?? (await staffApi.alert.act({ alertId: alert.alertId, act: 'open_case', reason })).caseId ?? '';
      const { terms } = await staffApi.case.get(caseId);
      const termMs = terms.temporaryFreezeMs;
      // One after the other: what is frozen stays so when a later one is refused, and pressing again goes on with the rest.
      let waits = false;
      for (const { itemId } of free) {
        const { state } = await sendFreeze(staff, {
          caseId,
          scope: 'item',
          targetId: itemId,
          reasonCode: 'disputed_trade',
          reason,
          termMs,
        });
        waits ||= state === 'waits';
      }
      return { caseId, waits };
    },
    onSuccess: () => setAsking(false),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['alert', alert.alertId] }),
  });
  const canFreeze = free.length > 0 && (alert.canAct || alert.state === 'case');
  return (
    <Panel title={t('chain')}>
      <div className="space-y-3 text-[13px]">
        <p className="text-ink-2">{free.length === 0 ? t('chainAll') : t('chainHelp')}</p>
        <ChainList items={items} />
        {freeze.data?.waits === true ? (
          <p>
            {coSign('waiting')} <TextLink href={`/supervisor/cases/${freeze.data.caseId}`}>{t('state.case')}</TextLink>
          </p>
        ) : canFreeze ? (
          <Button tone="danger" onClick={() => setAsking(true)}>
            {t('chainFreeze', { count: free.length })}
          </Button>
        ) : null}
      </div>
      <Sheet open={isAsking} title={t('chainConfirmTitle')} onClose={() => setAsking(false)}>
        <div className="space-y-3 text-[13px]">
          <p className="text-base font-semibold">
            {t('chainConfirm', { items: free.length, holders: new Set(free.map(({ holderRef }) => holderRef)).size })}
          </p>
          <ChainList items={free} />
          <p className="text-ink-2">{t('chainConfirmNext')}</p>
          {freeze.isError ? <RefusalNote refusal={readRefusal(freeze.error)} /> : null}
          <div className="flex flex-wrap gap-2">
            <Button tone="danger" disabled={freeze.isPending || free.length === 0} onClick={() => freeze.mutate()}>
              {freeze.isPending ? t('chainSigning') : t('chainFreeze', { count: free.length })}
            </Button>
            <Button disabled={freeze.isPending} onClick={() => setAsking(false)}>
              {t('chainCancel')}
            </Button>
          </div>
        </div>
      </Sheet>
    </Panel>
  );
}

function ChainList({ items }: { readonly items: readonly ChainItem[] }) {
  const t = useTranslations('alerts');
  const name = useName();
  const { locale } = usePreferences();
  return (
    <ul className="divide-y divide-line rounded-md border border-line">
      {items.map((item) => (
        <li key={item.itemId} data-chain-item={item.itemId} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
          <TextLink href={`/supervisor/items/${item.itemId}`} className="font-medium">
            {name(item.names)} #{item.serialNo}
          </TextLink>
          <TextLink href={`/supervisor/people/${item.holderRef}`} className="font-mono text-xs">
            {shortId(item.holderRef)}
          </TextLink>
          <span className="text-ink-3">{t('chainHops', { count: item.hops })}</span>
          {item.isListed ? <Chip tone="wait">{t('chainListed')}</Chip> : null}
          {item.frozenUntil === null ? null : (
            <Chip tone="bad">{t('chainFrozen', { at: formatTime(locale, item.frozenUntil, 'full') })}</Chip>
          )}
        </li>
      ))}
    </ul>
  );
}
