'use client';
/** What a replay counts and how (V-23): games, kinds, payers, the experiments of that time, rows and groupings. Nothing chosen means all. */
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useId } from 'react';
import { useTranslations } from 'use-intl';
import { staffApi } from '#app/_client/staff-api.ts';
import { useName } from '#app/_components/item-art.tsx';
import { Segments } from '#app/_components/ui.tsx';
import type { ReplayGrouping, ReplayStartInput } from '#server/trpc/views.ts';
import { KindPick, type PickedKind } from '../kind-pick.tsx';

export const GROUPINGS: readonly ReplayGrouping[] = ['day', 'game', 'itemClass', 'payerGroup'];
export type Method = Pick<ReplayStartInput, 'blocked' | 'experiments' | 'detail'> & {
  readonly games: readonly string[];
  readonly kinds: readonly PickedKind[];
  readonly payers: readonly string[];
  readonly groupBy: readonly ReplayGrouping[];
};

export const WHOLE_MARKET: Method = {
  blocked: 'REMOVE',
  experiments: 'KEEP',
  detail: 'CHANGED',
  games: [],
  kinds: [],
  payers: [],
  groupBy: GROUPINGS,
};

export function methodInput(method: Method): Omit<ReplayStartInput, 'from' | 'to' | 'draft'> {
  const { games, kinds, payers, groupBy, blocked, experiments, detail } = method;
  const orAll = (ids: readonly string[]) => (ids.length === 0 ? null : [...ids]);
  const scope = { gameIds: orAll(games), classIds: orAll(kinds.map(({ classId }) => classId)), payerGroups: orAll(payers) };
  return { scope, blocked, experiments, detail, groupBy: GROUPINGS.filter((grouping) => groupBy.includes(grouping)) };
}

export function ScopeForm({ method, onChange }: { readonly method: Method; readonly onChange: (method: Method) => void }) {
  const t = useTranslations('replay');
  const nameOf = useName();
  const choices = useQuery({ queryKey: ['replays', 'choices'], queryFn: () => staffApi.replay.choices() });
  const set = (change: Partial<Method>) => onChange({ ...method, ...change });
  return (
    <fieldset className="min-w-0 space-y-3 rounded-md border border-line p-3">
      <legend className="px-1 text-[13px] font-semibold">{t('scopeTitle')}</legend>
      <p className="text-[13px] text-ink-2">{t('scopeText')}</p>
      <div className="grid items-start gap-x-5 gap-y-3 md:grid-cols-2">
        <Part title={t('games')}>
          <Boxes
            options={(choices.data?.games ?? []).map(({ gameId, names }) => ({ value: gameId, label: nameOf(names) }))}
            chosen={method.games}
            onChange={(games) => set({ games })}
          />
        </Part>
        <Part title={t('payers')}>
          <Boxes
            options={(choices.data?.levels ?? []).map((level) => ({ value: `PLAYER ${level}`, label: t('payer', { level }) }))}
            chosen={method.payers}
            onChange={(payers) => set({ payers })}
          />
        </Part>
        <KindPick kinds={method.kinds} onChange={(kinds) => set({ kinds })} />
        <Part title={t('groupBy')}>
          <Boxes
            options={GROUPINGS.map((value) => ({ value, label: t(`grouping.${value}`) }))}
            chosen={method.groupBy}
            onChange={(groupBy) => set({ groupBy: GROUPINGS.filter((grouping) => groupBy.includes(grouping)) })}
          />
        </Part>
        <Part title={t('blocked')}>
          <Segments
            label={t('blocked')}
            value={method.blocked}
            options={(['REMOVE', 'KEEP'] as const).map((value) => ({ value, label: t(`blockedText.${value}`) }))}
            onChange={(blocked) => set({ blocked })}
          />
        </Part>
        <Part title={t('experiments')}>
          <Segments
            label={t('experiments')}
            value={method.experiments}
            options={(['KEEP', 'DROP'] as const).map((value) => ({ value, label: t(`experimentsText.${value}`) }))}
            onChange={(experiments) => set({ experiments })}
          />
        </Part>
        <Part title={t('detail')}>
          <Segments
            label={t('detail')}
            value={method.detail}
            options={(['CHANGED', 'ALL', 'NONE'] as const).map((value) => ({ value, label: t(`detailText.${value}`) }))}
            onChange={(detail) => set({ detail })}
          />
        </Part>
      </div>
    </fieldset>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h3 id={id} className="mb-1 text-[13px] font-medium text-ink-2">
        {title}
      </h3>
      {children}
    </section>
  );
}

type BoxesProps = {
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
};

function Boxes({ options, chosen, onChange }: BoxesProps) {
  return (
    <div className="flex flex-wrap gap-x-4">
      {options.map(({ value, label }) => (
        <label key={value} className="flex min-h-11 cursor-pointer items-center gap-2 text-[13px] sm:min-h-8">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={chosen.includes(value)}
            onChange={(event) => onChange(event.target.checked ? [...chosen, value] : chosen.filter((each) => each !== value))}
          />
          {label}
        </label>
      ))}
    </div>
  );
}
