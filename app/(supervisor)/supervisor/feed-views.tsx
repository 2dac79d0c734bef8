'use client';
/** Views of the feed that were given a name (V-03): the filter stands in the address, a view is a name for one, kept in this browser. */
import { X } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { type FormEvent, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '#app/_components/ui.tsx';

type View = { readonly name: string; readonly query: string };
const KEY = 'daoju_feed_views';
const MOST = 20;

function readViews(): readonly View[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(stored) ? stored.filter(isView).slice(0, MOST) : [];
  } catch {
    return [];
  }
}
function isView(value: unknown): value is View {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    'query' in value &&
    typeof value.name === 'string' &&
    typeof value.query === 'string'
  );
}

export function FeedViews({ query }: { readonly query: string }) {
  const t = useTranslations('supervisor');
  const router = useRouter();
  const [views, setViews] = useState<readonly View[]>([]);
  const [name, setName] = useState('');
  useEffect(() => setViews(readViews()), []);
  const keep = (next: readonly View[]) => {
    setViews(next);
    localStorage.setItem(KEY, JSON.stringify(next));
  };
  const save = (event: FormEvent) => {
    event.preventDefault();
    const wanted = name.trim();
    if (wanted === '') return;
    keep([...views.filter((view) => view.name !== wanted), { name: wanted, query }].slice(-MOST));
    setName('');
  };
  return (
    <div className="flex flex-wrap items-center gap-2">
      {views.length === 0 ? null : <span className="text-ink-3">{t('views')}</span>}
      {views.map((view) => (
        <span key={view.name} className="inline-flex items-center rounded-md border border-line" data-view={view.name}>
          <button
            type="button"
            aria-pressed={view.query === query}
            onClick={() => router.replace(view.query === '' ? '/supervisor' : `/supervisor?${view.query}`, { scroll: false })}
            className="min-h-11 px-2.5 hover:text-accent aria-pressed:font-semibold aria-pressed:text-accent sm:min-h-7"
          >
            {view.name}
          </button>
          <button
            type="button"
            aria-label={t('viewForget', { name: view.name })}
            onClick={() => keep(views.filter((each) => each.name !== view.name))}
            className="inline-grid size-11 place-items-center text-ink-3 hover:text-red sm:size-7"
          >
            <X size={13} aria-hidden />
          </button>
        </span>
      ))}
      {query === '' || views.some((view) => view.query === query) ? null : (
        <form onSubmit={save} className="flex items-center gap-2">
          <input
            aria-label={t('viewName')}
            placeholder={t('viewName')}
            value={name}
            maxLength={40}
            onChange={(event) => setName(event.target.value)}
            className="h-11 w-40 rounded-md border border-line-strong/70 bg-card px-2 sm:h-7"
          />
          <Button type="submit" tone="quiet" className="px-2 text-[13px] sm:min-h-7!" disabled={name.trim() === ''}>
            {t('viewSave')}
          </Button>
        </form>
      )}
    </div>
  );
}
