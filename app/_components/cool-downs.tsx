'use client';
/** Kinds that I trade none of for a while, since when, until when, and my objection (rulebook CN-SV-06). */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { formatTime } from '#app/_client/format.ts';
import type { CoolDownView } from '#server/trpc/views.ts';
import { useName } from './item-art.tsx';
import { usePreferences } from './providers.tsx';
import { Reason, SHORTEST } from './reason.tsx';
import { RefusalNote } from './refusal-note.tsx';
import { useMe } from './session.tsx';
import { Sheet } from './sheet.tsx';
import { Button, TextLink } from './ui.tsx';
import { useRoom } from './use-room.ts';

export function CoolDowns() {
  const t = useTranslations('coolDowns');
  const me = useMe();
  useRoom('/player', me ? `player:${me.acct}` : null, [['coolDowns']]);
  const query = useQuery({
    queryKey: ['coolDowns'],
    queryFn: () => api.restriction.coolDowns(),
    enabled: Boolean(me),
    refetchInterval: 30_000,
  });
  const rows = query.data ?? [];
  if (rows.length === 0) return null;
  return (
    <section aria-label={t('title')} className="divide-y divide-amber/30 rounded-lg border border-amber/40 bg-amber-soft">
      {rows.map((row) => (
        <Row key={row.coolDownId} row={row} />
      ))}
    </section>
  );
}

function Row({ row }: { readonly row: CoolDownView }) {
  const t = useTranslations('coolDowns');
  const name = useName();
  const { locale } = usePreferences();
  const [isOpen, setOpen] = useState(false);
  return (
    <div className="flex flex-wrap items-start gap-x-4 gap-y-2 p-3 text-[13px]" data-cool-down={row.coolDownId}>
      <div className="min-w-0 flex-1 space-y-1">
        <p className="font-semibold">
          {t('title')} ·{' '}
          <TextLink href={`/c/${row.classId}`} className="underline">
            {name(row.names)}
          </TextLink>
        </p>
        <p>{t('why')}</p>
        <p className="num">{row.isRunning ? t('until', { at: formatTime(locale, row.until, 'full') }) : t('over')}</p>
        {row.objection === null ? null : <p>{row.answer === null ? t('objected') : t('answered', { answer: row.answer })}</p>}
      </div>
      {row.isRunning && row.objection === null ? <Button onClick={() => setOpen(true)}>{t('object')}</Button> : null}
      <Sheet open={isOpen} title={t('object')} onClose={() => setOpen(false)}>
        <ObjectionForm coolDownId={row.coolDownId} onSent={() => setOpen(false)} />
      </Sheet>
    </div>
  );
}

function ObjectionForm({ coolDownId, onSent }: { readonly coolDownId: string; readonly onSent: () => void }) {
  const t = useTranslations('coolDowns');
  const queryClient = useQueryClient();
  const [text, setText] = useState('');
  const send = useMutation({
    mutationFn: () => api.restriction.objectToCoolDown(coolDownId, text.trim()),
    onSuccess: onSent,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['coolDowns'] }),
  });
  return (
    <div className="space-y-3">
      <Reason label={t('text')} rows={5} value={text} onChange={setText} />
      <p className="text-xs text-ink-3">{t('help')}</p>
      {send.isError ? <RefusalNote refusal={readRefusal(send.error)} /> : null}
      <Button tone="primary" disabled={send.isPending || text.trim().length < SHORTEST} onClick={() => send.mutate()}>
        {t('send')}
      </Button>
    </div>
  );
}
