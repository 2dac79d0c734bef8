'use client';
/** What restricts me and until when, with the way to object (V-16). Nothing is shown where nothing restricts. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { formatTime } from '#app/_client/format.ts';
import type { Restriction } from '#server/trpc/views.ts';
import { useName } from './item-art.tsx';
import { usePreferences } from './providers.tsx';
import { Reason, SHORTEST } from './reason.tsx';
import { RefusalNote } from './refusal-note.tsx';
import { useMe } from './session.tsx';
import { Sheet } from './sheet.tsx';
import { TimeLeft } from './time-left.tsx';
import { Button, TextLink } from './ui.tsx';
import { useRoom } from './use-room.ts';

/** `targetIds`: only what concerns these items, and the account itself. */
export function Restrictions({ targetIds }: { readonly targetIds?: readonly string[] }) {
  const t = useTranslations('restrictions');
  const me = useMe();
  useRoom('/player', me ? `player:${me.acct}` : null, [['restrictions']]);
  const query = useQuery({
    queryKey: ['restrictions'],
    queryFn: () => api.restriction.list(),
    enabled: Boolean(me),
    refetchInterval: 30_000,
  });
  const rows = (query.data ?? []).filter(
    ({ scope, targetId, isInForce, appeal }) =>
      (isInForce || appeal !== null) && (targetIds === undefined || scope !== 'item' || targetIds.includes(targetId)),
  );
  if (rows.length === 0) return null;
  return (
    <section aria-label={t('title')} className="divide-y divide-line rounded-lg border border-red/40 bg-red-soft">
      {rows.map((row) => (
        <Row key={row.freezeId} row={row} />
      ))}
    </section>
  );
}

function Row({ row }: { readonly row: Restriction }) {
  const t = useTranslations();
  const name = useName();
  const { locale } = usePreferences();
  const [isOpen, setOpen] = useState(false);
  const at = (iso: string) => formatTime(locale, iso, 'full');
  const { appeal } = row;
  return (
    <div className="flex flex-wrap items-start gap-x-4 gap-y-2 p-3 text-[13px]" data-freeze={row.freezeId}>
      <div className="min-w-0 flex-1 space-y-1">
        <p className="font-semibold">
          {t(`restrictions.${row.scope}`)}
          {row.names === null ? null : (
            <>
              {' · '}
              <TextLink href={`/i/${row.targetId}`} className="underline">
                {name(row.names)}
              </TextLink>
            </>
          )}
        </p>
        <p>
          <span className="text-ink-2">{t('restrictions.reason')}</span> {t(`cases.reasonCode.${row.reasonCode}`)}
          {row.reason === null ? '' : ` · ${row.reason}`}
        </p>
        <p>
          {row.isInForce ? t('restrictions.until', { at: at(row.until) }) : t('restrictions.over')}{' '}
          {row.isInForce ? <TimeLeft until={row.until} /> : null}
        </p>
        {appeal === null ? null : (
          <p>
            {appeal.state === 'open'
              ? t('restrictions.appealOpen', { at: at(appeal.dueAt) })
              : t(`restrictions.${appeal.state}`, { answer: appeal.answer ?? '' })}
          </p>
        )}
      </div>
      {row.claimId === null ? null : <TextLink href={`/disputes/${row.claimId}`}>{t('claims.see')}</TextLink>}
      {row.canAppeal ? <Button onClick={() => setOpen(true)}>{t('restrictions.appeal')}</Button> : null}
      <Sheet open={isOpen} title={t('restrictions.appealTitle')} onClose={() => setOpen(false)}>
        <AppealForm freezeId={row.freezeId} onSent={() => setOpen(false)} />
      </Sheet>
    </div>
  );
}

function AppealForm({ freezeId, onSent }: { readonly freezeId: string; readonly onSent: () => void }) {
  const t = useTranslations('restrictions');
  const queryClient = useQueryClient();
  const [text, setText] = useState('');
  const send = useMutation({
    mutationFn: () => api.restriction.appeal(freezeId, text.trim()),
    onSuccess: onSent,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['restrictions'] }),
  });
  return (
    <div className="space-y-3">
      <Reason label={t('appealText')} rows={6} value={text} onChange={setText} />
      <p className="text-xs text-ink-3">{t('appealHelp')}</p>
      {send.isError ? <RefusalNote refusal={readRefusal(send.error)} /> : null}
      <Button tone="primary" disabled={send.isPending || text.trim().length < SHORTEST} onClick={() => send.mutate()}>
        {t('send')}
      </Button>
    </div>
  );
}
