'use client';
/** What a replay counts and how (V-23): games, kinds, payers, the experiments of that time, rows and groupings. Nothing chosen means all. */
import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { useName } from '#app/_components/item-art.tsx';
import { Segments } from '#app/_components/ui.tsx';
import type { Names, ReplayGrouping, ReplayStartInput } from '#server/trpc/views.ts';

export const GROUPINGS: readonly ReplayGrouping[] = ['day', 'game', 'itemClass', 'payerGroup'];
export type Method = Pick<ReplayStartInput, 'blocked' | 'experiments' | 'detail'> & {
  readonly games: readonly string[];
  readonly kinds: readonly { readonly classId: string; readonly names: Names }[];
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

const FOUND = 6;

function KindPick({ kinds, onChange }: { readonly kinds: Method['kinds']; readonly onChange: (kinds: Method['kinds']) => void }) {
  const t = useTranslations('replay');
  const nameOf = useName();
  const id = useId();
  const [typed, setTyped] = useState('');
  const text = typed.trim();
  const found = useQuery({
    queryKey: ['replays', 'kinds', text],
    queryFn: () => api.search.list({ text }),
    enabled: text !== '',
  });
  const rows = (found.data?.rows ?? []).filter(({ classId }) => kinds.every((kind) => kind.classId !== classId)).slice(0, FOUND);
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-[13px] font-medium text-ink-2">
        {t('kinds')}
      </label>
      <input
        id={id}
        autoComplete="off"
        placeholder={t('kindFind')}
        className="h-11 w-full rounded-md border border-line-strong/70 bg-card px-3 text-[15px] text-ink placeholder:text-ink-3 sm:h-10"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          // Enter in a search must not start the replay.
          if (event.key === 'Enter') event.preventDefault();
        }}
      />
      {text === '' || found.data === undefined ? null : (
        <ul className="mt-1 divide-y divide-line rounded-md border border-line">
          {rows.length === 0 ? <li className="px-3 py-2 text-[13px] text-ink-2">{t('kindNone')}</li> : null}
          {rows.map(({ classId, names }) => (
            <li key={classId}>
              <button
                type="button"
                className="flex min-h-11 w-full items-center px-3 text-start text-[13px] hover:bg-sunk sm:min-h-8"
                onClick={() => {
                  onChange([...kinds, { classId, names }]);
                  setTyped('');
                }}
              >
                {nameOf(names)}
              </button>
            </li>
          ))}
        </ul>
      )}
      <ul className="mt-2 flex flex-wrap gap-2 empty:hidden">
        {kinds.map(({ classId, names }) => (
          <li key={classId} className="inline-flex items-center gap-1 rounded border border-line bg-sunk ps-2 text-[13px]">
            {nameOf(names)}
            <button
              type="button"
              aria-label={t('remove', { name: nameOf(names) })}
              className="inline-grid size-11 place-items-center text-ink-3 hover:text-red sm:size-8"
              onClick={() => onChange(kinds.filter((kind) => kind.classId !== classId))}
            >
              <X size={14} aria-hidden />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
