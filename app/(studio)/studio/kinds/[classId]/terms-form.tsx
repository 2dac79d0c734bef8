'use client';
/** A change of a kind: first what it changes from and to, then one press that signs and announces it (T-06, Q-03). */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { type FormEvent, type ReactNode, useId, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { TermChanges } from '#app/_components/announced-terms.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Field, Panel } from '#app/_components/ui.tsx';
import type { StudioKind } from '#server/trpc/views.ts';
import { type Draft, type DraftFault, draftOf, isoFromBeijing, readDraft } from './terms-draft.ts';

const PUBLICITY = [0, 24, 72, 168] as const;
const PROTECTION = [72, 168] as const;
const STEPS_MAX = 24;

export function TermsForm({ kind }: { readonly kind: StudioKind }) {
  const t = useTranslations('studioKinds');
  const client = useQueryClient();
  const [draft, setDraft] = useState<Draft>(() => draftOf(kind));
  const [from, setFrom] = useState('');
  const [isShown, setShown] = useState(false);
  // The same press sent again is the same change; another change has another reference.
  const reference = useRef<string | null>(null);
  const read = readDraft(kind, draft);
  const edit = (part: Partial<Draft>) => {
    reference.current = null;
    setShown(false);
    setDraft({ ...draft, ...part });
  };
  const send = useMutation({
    mutationFn: async (isTakingBack: boolean) => {
      reference.current ??= (await import('#app/_client/signing.ts')).newReferenceId();
      const change = isTakingBack
        ? { terms: {} }
        : { ...read.change, ...(from === '' || !read.hasTerms ? {} : { effective_from: isoFromBeijing(from) }) };
      return staffApi.studio.changeKind(kind.classId, { reference_id: reference.current, ...change });
    },
    onSuccess: (after) => client.setQueryData(['studio', 'kind', kind.classId], after),
    onSettled: () => client.invalidateQueries({ queryKey: ['studio', 'kinds'] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isShown) send.mutate(false);
    else setShown(true);
  };
  const isReady = read.faults.length === 0 && (read.hasTerms || read.change.supply_cap !== undefined);
  const error = (fault: DraftFault) => (read.faults.includes(fault) ? t(`fault.${fault}`) : null);
  return (
    <Panel title={t('change')}>
      <form onSubmit={submit} className="space-y-4">
        <p className="text-[13px] text-ink-2">{t('changeText')}</p>
        <div className="grid gap-3 sm:grid-cols-2">
          <Field
            label={t('royalty')}
            suffix="%"
            inputMode="decimal"
            value={draft.royalty}
            error={error('royalty')}
            onChange={(event) => edit({ royalty: event.target.value })}
          />
          <Field
            label={t('fee')}
            suffix="%"
            inputMode="decimal"
            value={draft.fee}
            error={error('fee')}
            onChange={(event) => edit({ fee: event.target.value })}
          />
          <Field
            label={t('smallestOffer')}
            suffix="%"
            inputMode="decimal"
            value={draft.smallestOffer}
            help={t('smallestOfferHelp')}
            error={error('smallestOffer')}
            onChange={(event) => edit({ smallestOffer: event.target.value })}
          />
          <Choice label={t('publicity')} value={draft.publicity} options={PUBLICITY} onChange={(publicity) => edit({ publicity })} />
          <Choice label={t('protection')} value={draft.protection} options={PROTECTION} onChange={(protection) => edit({ protection })} />
          <Field
            label={t('wait')}
            inputMode="numeric"
            value={draft.wait}
            error={error('wait')}
            onChange={(event) => edit({ wait: event.target.value })}
          />
          <Field
            label={t('capField')}
            inputMode="numeric"
            value={draft.cap}
            help={t('capHelp')}
            error={error('cap')}
            onChange={(event) => edit({ cap: event.target.value })}
          />
        </div>
        <fieldset className="grid gap-1 sm:grid-cols-3">
          <legend className="sr-only">{t('change')}</legend>
          <Tick isOn={draft.isCollectible} onChange={(isCollectible) => edit({ isCollectible })}>
            {t('collectible')}
          </Tick>
          <Tick isOn={draft.isGiftable} onChange={(isGiftable) => edit({ isGiftable })}>
            {t('giftable')}
          </Tick>
          <Tick isOn={draft.isResalable} onChange={(isResalable) => edit({ isResalable })}>
            {t('resalable')}
          </Tick>
        </fieldset>
        <Schedule draft={draft} onChange={(schedule) => edit({ schedule })} fault={error('schedule')} />
        <Field
          type="datetime-local"
          label={t('holdsFromField')}
          help={t('holdsFromHelp')}
          value={from}
          onChange={(event) => setFrom(event.target.value)}
        />
        {send.isError ? <RefusalNote refusal={readRefusal(send.error)} /> : null}
        {isShown && isReady ? (
          <div className="space-y-2 rounded-md border border-line bg-sunk p-3 text-[13px]" role="status">
            <p className="font-semibold">{t('preview')}</p>
            <TermChanges changes={read.changes} />
            {read.change.supply_cap === undefined ? null : <p>{t('capTo', { count: read.change.supply_cap })}</p>}
          </div>
        ) : null}
        <div className="flex flex-wrap gap-2">
          <Button type="submit" tone="primary" disabled={!isReady || send.isPending}>
            {send.isPending ? t('sending') : isShown ? t('confirm') : t('show')}
          </Button>
          {kind.announced === null ? null : (
            <Button tone="danger" disabled={send.isPending} onClick={() => send.mutate(true)}>
              {t('takeBack')}
            </Button>
          )}
        </div>
        {send.isSuccess ? (
          <p role="status" className="text-[13px] text-green">
            {t('done')}
          </p>
        ) : null}
      </form>
    </Panel>
  );
}

function Choice<T extends number>(props: {
  readonly label: string;
  readonly value: T;
  readonly options: readonly T[];
  readonly onChange: (value: T) => void;
}) {
  const t = useTranslations('kind.announced');
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-[13px] font-medium text-ink-2">
        {props.label}
      </label>
      <select
        id={id}
        value={props.value}
        onChange={(event) => props.onChange(props.options.find((each) => String(each) === event.target.value) ?? props.value)}
        className="h-11 w-full rounded-md border border-line-strong/70 bg-card px-3 text-sm sm:h-10"
      >
        {props.options.map((hours) => (
          <option key={hours} value={hours}>
            {t('hours', { count: hours })}
          </option>
        ))}
      </select>
    </div>
  );
}

function Tick({
  isOn,
  onChange,
  children,
}: {
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
  readonly children: ReactNode;
}) {
  return (
    <label className="flex min-h-11 items-center gap-2 text-sm sm:min-h-9">
      <input type="checkbox" className="size-4 accent-accent" checked={isOn} onChange={(event) => onChange(event.target.checked)} />
      {children}
    </label>
  );
}

function Schedule(props: {
  readonly draft: Draft;
  readonly onChange: (schedule: Draft['schedule']) => void;
  readonly fault: string | null;
}) {
  const t = useTranslations('studioKinds');
  const { schedule } = props.draft;
  const change = (at: number, part: Partial<Draft['schedule'][number]>) =>
    props.onChange(schedule.map((step, index) => (index === at ? { ...step, ...part } : step)));
  return (
    <fieldset className="space-y-2">
      <legend className="text-[13px] font-medium text-ink-2">{t('schedule')}</legend>
      <p className="text-xs text-ink-3">{t('scheduleHelp')}</p>
      {schedule.map((step, at) => (
        <div key={step.key} className="grid grid-cols-[minmax(0,1fr)_auto] items-end gap-2 sm:grid-cols-[minmax(0,1fr)_8rem_auto]">
          <div className="max-sm:col-span-2">
            <Field
              type="datetime-local"
              label={t('stepFrom')}
              value={step.from}
              onChange={(event) => change(at, { from: event.target.value })}
            />
          </div>
          <Field
            label={t('stepTotal')}
            inputMode="numeric"
            value={step.total}
            onChange={(event) => change(at, { total: event.target.value })}
          />
          <Button aria-label={t('stepRemove')} onClick={() => props.onChange(schedule.filter((_, index) => index !== at))}>
            <X size={14} aria-hidden />
          </Button>
        </div>
      ))}
      {props.fault === null ? null : <p className="text-xs text-red">{props.fault}</p>}
      <Button
        disabled={schedule.length >= STEPS_MAX}
        onClick={() => props.onChange([...schedule, { key: (schedule.at(-1)?.key ?? 0) + 1, from: '', total: '' }])}
      >
        <Plus size={14} aria-hidden /> {t('stepAdd')}
      </Button>
    </fieldset>
  );
}
