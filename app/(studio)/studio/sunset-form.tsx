'use client';
/** The end of a studio's games: filled in, shown as everybody will read it, then one press that signs and announces it (T-27). */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { browserClock } from '#app/_client/clock.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { NoticeText } from '#app/_components/sunset-text.tsx';
import { Button, Field } from '#app/_components/ui.tsx';
import type { StudioOverview } from '#server/trpc/views.ts';

const DAY_MS = 86_400_000;
const SUCCESSOR = /^(?:[0-9a-f]{64})?$/;

/** The last moment of a day in Beijing. */
const lastMoment = (day: string) => new Date(Date.parse(`${day}T16:00:00.000Z`) - 1).toISOString();

export function SunsetForm({ games }: { readonly games: StudioOverview['games'] }) {
  const t = useTranslations('sunset');
  const client = useQueryClient();
  const termsId = useId();
  const [isOpen, setOpen] = useState(false);
  const [isShown, setShown] = useState(false);
  const [draft, setDraft] = useState({ lastDay: '', terms: '', successor: '' });
  // The same press sent again is the same notice; another notice has another reference.
  const reference = useRef<string | null>(null);
  const edit = (part: Partial<typeof draft>) => {
    reference.current = null;
    setShown(false);
    setDraft({ ...draft, ...part });
  };
  const send = useMutation({
    mutationFn: async () => {
      reference.current ??= (await import('#app/_client/signing.ts')).newReferenceId();
      return staffApi.studio.announceSunset(games[0]?.gameId ?? '', {
        reference_id: reference.current,
        last_day: draft.lastDay,
        refund_terms: draft.terms.trim(),
        ...(draft.successor === '' ? {} : { successor: draft.successor }),
      });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['studio', 'sunset'] }),
  });
  const isReady = draft.lastDay !== '' && draft.terms.trim() !== '' && SUCCESSOR.test(draft.successor);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isShown) send.mutate();
    else setShown(true);
  };
  if (!isOpen) return <Button onClick={() => setOpen(true)}>{t('announce')}</Button>;
  return (
    <form onSubmit={submit} className="max-w-2xl space-y-4 rounded-md border border-line p-4" aria-label={t('announce')}>
      <p className="text-[13px] text-ink-2">{t('announceText')}</p>
      <Field type="date" label={t('lastDay')} value={draft.lastDay} onChange={(event) => edit({ lastDay: event.target.value })} />
      <div>
        <label htmlFor={termsId} className="mb-1 block text-[13px] font-medium text-ink-2">
          {t('terms')}
        </label>
        <textarea
          id={termsId}
          rows={4}
          maxLength={5_000}
          value={draft.terms}
          onChange={(event) => edit({ terms: event.target.value })}
          className="w-full rounded-md border border-line-strong/70 bg-card p-2 text-sm"
        />
      </div>
      <Field label={t('successor')} value={draft.successor} onChange={(event) => edit({ successor: event.target.value.trim() })} />
      {isShown && isReady ? (
        <div className="space-y-2" role="status">
          <p className="text-[13px] font-semibold">{t('preview')}</p>
          <NoticeText
            notice={{
              games,
              announcedAt: new Date(browserClock.nowMs()).toISOString(),
              lastDay: lastMoment(draft.lastDay),
              daysLeft: Math.max(1, Math.ceil((Date.parse(lastMoment(draft.lastDay)) - browserClock.nowMs()) / DAY_MS)),
              refundTerms: draft.terms.trim(),
              hasSuccessor: draft.successor !== '',
              file: null,
            }}
          />
        </div>
      ) : null}
      {send.isError ? <RefusalNote refusal={readRefusal(send.error)} /> : null}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" tone={isShown ? 'danger' : 'primary'} disabled={!isReady || send.isPending}>
          {send.isPending ? t('sending') : isShown ? t('confirm') : t('show')}
        </Button>
        <Button onClick={() => (isShown ? setShown(false) : setOpen(false))} disabled={send.isPending}>
          {t('back')}
        </Button>
      </div>
    </form>
  );
}
