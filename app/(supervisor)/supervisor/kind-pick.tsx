'use client';
/** Kinds of items chosen by name: found by typing, shown with a button that takes them out again. No id is typed. */
import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { refinementName, typeName } from '#app/_client/catalogue-words.ts';
import { shortId } from '#app/_client/format.ts';
import { useName } from '#app/_components/item-art.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import type { ClassCard, Names } from '#server/trpc/views.ts';

export type PickedKind = Pick<ClassCard, 'classId' | 'gameId' | 'type' | 'typeZh' | 'refinement'> & { readonly names: Names };
const FOUND = 6;

type Props = { readonly kinds: readonly PickedKind[]; readonly onChange: (kinds: readonly PickedKind[]) => void };

export function KindPick({ kinds, onChange }: Props) {
  const t = useTranslations('replay');
  const nameOf = useName();
  const id = useId();
  const [typed, setTyped] = useState('');
  const text = typed.trim();
  const found = useQuery({
    queryKey: ['kinds', 'pick', text],
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
          // Enter in a search must not send the form.
          if (event.key === 'Enter') event.preventDefault();
        }}
      />
      {text === '' || found.data === undefined ? null : (
        <ul className="mt-1 divide-y divide-line rounded-md border border-line">
          {rows.length === 0 ? <li className="px-3 py-2 text-[13px] text-ink-2">{t('kindNone')}</li> : null}
          {rows.map((kind) => (
            <li key={kind.classId}>
              <button
                type="button"
                className="flex min-h-11 w-full flex-wrap items-center gap-x-3 px-3 py-1 text-start text-[13px] hover:bg-sunk sm:min-h-8"
                onClick={() => {
                  const { classId, gameId, type, typeZh, refinement, names } = kind;
                  onChange([...kinds, { classId, gameId, type, typeZh, refinement, names }]);
                  setTyped('');
                }}
              >
                <span>{nameOf(kind.names)}</span> <Told kind={kind} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <ul className="mt-2 flex flex-wrap gap-2 empty:hidden">
        {kinds.map((kind) => (
          <li key={kind.classId} className="inline-flex items-center gap-2 rounded border border-line bg-sunk ps-2 text-[13px]">
            <span>{nameOf(kind.names)}</span> <Told kind={kind} />
            <button
              type="button"
              aria-label={t('remove', { name: nameOf(kind.names) })}
              className="inline-grid size-11 place-items-center text-ink-3 hover:text-red sm:size-8"
              onClick={() => onChange(kinds.filter(({ classId }) => classId !== kind.classId))}
            >
              <X size={14} aria-hidden />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What tells kinds of one name apart: their type, how refined they are, their id. */
function Told({ kind }: { readonly kind: PickedKind }) {
  const { locale } = usePreferences();
  const refined = kind.refinement === null ? '' : ` · ${refinementName(kind.refinement, locale)}`;
  return (
    <span className="text-xs text-ink-3">
      {typeName(kind, locale)}
      {refined} <span className="font-mono">{shortId(kind.classId, 8, 4)}</span>
    </span>
  );
}
