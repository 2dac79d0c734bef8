'use client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { Reason, SHORTEST } from '#app/_components/reason.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Field, Segments } from '#app/_components/ui.tsx';
import type { CaseView, FreezeReason, FreezeScope, StaffMe } from '#server/trpc/views.ts';
import { exampleOf, TargetNote } from './target-note.tsx';

const SCOPES = ['item', 'class', 'account', 'payout'] as const satisfies readonly FreezeScope[];
const REASONS = [
  'stolen_item',
  'disputed_trade',
  'market_abuse',
  'laundering',
  'minor',
  'court_request',
  'other',
] as const satisfies readonly FreezeReason[];
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const TERMS_MS = [24 * HOUR_MS, 48 * HOUR_MS, 7 * DAY_MS, 30 * DAY_MS, 90 * DAY_MS];

/** The usual ones within the pack's bounds, and the bounds themselves: up to the first of them one signature suffices. */
export function termsWithin(usual: readonly number[], { temporaryFreezeMs, longestFreezeMs }: CaseView['terms']): readonly number[] {
  const all = new Set([...usual, temporaryFreezeMs].filter((ms) => ms <= longestFreezeMs));
  if (usual.some((ms) => ms >= longestFreezeMs)) all.add(longestFreezeMs);
  return [...all].toSorted((a, b) => a - b);
}

/** A long one a minute shorter, so that the pack's bound holds from the entry on too. */
export function chosenMs(term: string, { temporaryFreezeMs }: CaseView['terms']): number {
  return Number(term) <= temporaryFreezeMs ? Number(term) : Number(term) - 60_000;
}

/** The bounds in words. */
export function boundsOf({ temporaryFreezeMs, longestFreezeMs }: CaseView['terms']) {
  return { hours: temporaryFreezeMs / HOUR_MS, days: longestFreezeMs / DAY_MS };
}

type Props = { readonly file: CaseView; readonly staff: StaffMe; readonly onDone: () => void };

export function FreezeForm({ file, staff, onDone }: Props) {
  const t = useTranslations('cases');
  const id = useId();
  const queryClient = useQueryClient();
  const [scope, setScope] = useState<FreezeScope>('item');
  const [targetId, setTargetId] = useState('');
  const [reasonCode, setReasonCode] = useState<FreezeReason>(file.topic === 'theft' ? 'stolen_item' : 'market_abuse');
  const [reason, setReason] = useState('');
  const [term, setTerm] = useState(() => String(Math.min(24 * HOUR_MS, file.terms.temporaryFreezeMs)));
  const send = useMutation({
    mutationFn: async () => {
      const { sendFreeze } = await import('#app/_client/case-signing.ts');
      const order = { caseId: file.caseId, scope, targetId: targetId.trim(), reasonCode, reason: reason.trim() };
      return sendFreeze(staff, { ...order, termMs: chosenMs(term, file.terms) });
    },
    onSuccess: onDone,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['case', file.caseId] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
  const terms = termsWithin(TERMS_MS, file.terms).map((ms) => ({
    value: String(ms),
    label: ms <= 3 * DAY_MS || ms % DAY_MS !== 0 ? t('hours', { count: ms / HOUR_MS }) : t('days', { count: ms / DAY_MS }),
  }));
  return (
    <form onSubmit={submit} className="space-y-4">
      <Segments
        label={t('freeze')}
        value={scope}
        options={SCOPES.map((value) => ({ value, label: t(`scope.${value}`) }))}
        onChange={setScope}
      />
      <Field
        label={t('target')}
        value={targetId}
        maxLength={100}
        placeholder={exampleOf(scope)}
        onChange={(event) => setTargetId(event.target.value)}
      />
      <TargetNote scope={scope} targetId={targetId.trim()} />
      <div>
        <label htmlFor={`${id}-code`} className="mb-1 block text-[13px] font-medium text-ink-2">
          {t('ground')}
        </label>
        <select
          id={`${id}-code`}
          value={reasonCode}
          onChange={(event) => setReasonCode(REASONS.find((each) => each === event.target.value) ?? 'other')}
          className="h-11 w-full rounded-md border border-line-strong/70 bg-card px-3 text-sm sm:h-10"
        >
          {REASONS.map((each) => (
            <option key={each} value={each}>
              {t(`reasonCode.${each}`)}
            </option>
          ))}
        </select>
      </div>
      <Reason label={t('reason')} rows={4} value={reason} onChange={setReason} />
      <Segments label={t('term')} value={term} options={terms} onChange={setTerm} />
      <p className="text-xs text-ink-3">{t(Number(term) <= file.terms.temporaryFreezeMs ? 'oneSigns' : 'twoSign', boundsOf(file.terms))}</p>
      {send.isError ? <RefusalNote refusal={readRefusal(send.error)} /> : null}
      <Button type="submit" tone="danger" disabled={send.isPending || targetId.trim() === '' || reason.trim().length < SHORTEST}>
        {send.isPending ? t('signing') : t('confirm')}
      </Button>
    </form>
  );
}
