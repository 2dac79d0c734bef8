'use client';
/** What is switched on in a search, in words, each with one press to switch it off. */
import { X } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { attributeValueName, categoryName, rarityName } from '#app/_client/catalogue-words.ts';
import { formatYuan } from '#app/_client/format.ts';
import { facetParameter } from '#app/_client/search-address.ts';
import { useName } from '#app/_components/item-art.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { Button } from '#app/_components/ui.tsx';
import type { Facet } from '#server/trpc/views.ts';

const FLAGS = ['listed', 'atOnce', 'transferable', 'experiment'] as const;
const isFlag = (key: string): key is (typeof FLAGS)[number] => FLAGS.some((flag) => flag === key);

type Props = { readonly params: URLSearchParams; readonly facets: readonly Facet[]; readonly onChange: (params: URLSearchParams) => void };

export function ActiveFilters({ params, facets, onChange }: Props) {
  const t = useTranslations('search');
  const words = useFilterWords(facets);
  const entries = [...params.entries()].filter(([key, value]) => key !== 'sort' && key !== 'view' && value !== '');
  if (entries.length === 0) return null;
  const drop = (key: string, value: string) => {
    const next = new URLSearchParams();
    for (const [name, kept] of params.entries()) if (name !== key || kept !== value) next.append(name, kept);
    onChange(next);
  };
  return (
    <ul className="mb-3 flex flex-wrap gap-1.5">
      {entries.map(([key, value]) => {
        const [name, text] = words(key, value);
        return (
          <li key={`${key}=${value}`} className="max-w-full">
            <button
              type="button"
              onClick={() => drop(key, value)}
              className="inline-flex min-h-11 max-w-full items-center gap-1 rounded border border-line bg-card px-2 text-start text-[13px] hover:border-accent hover:text-accent sm:min-h-7"
            >
              {name === '' ? null : <span className="text-ink-3">{name}</span>}
              <span className="min-w-0 break-words">{text}</span>
              <X size={13} className="flex-none" aria-hidden />
            </button>
          </li>
        );
      })}
      <li>
        <Button tone="quiet" className="sm:min-h-7" onClick={() => onChange(new URLSearchParams())}>
          {t('clear')}
        </Button>
      </li>
    </ul>
  );
}

/** Name and value of one parameter of the address. */
function useFilterWords(facets: readonly Facet[]): (key: string, value: string) => readonly [string, string] {
  const t = useTranslations('search');
  const { locale } = usePreferences();
  const nameOf = useName();
  return (key, value) => {
    if (key === 'q' || key === 'where') return ['', value];
    if (isFlag(key)) return ['', t(key)];
    if ((key === 'min' || key === 'max') && /^\d+$/.test(value)) return [t(key === 'min' ? 'from' : 'to'), formatYuan(value)];
    const facet = facets.find((each) => facetParameter(each.key) === key);
    const name = facet === undefined ? key.replace(/^a\./, '') : nameOf(facet.labels);
    if (key === 'category') return [name, categoryName(value, locale)];
    if (key === 'rarity') return [name, rarityName(value, locale) ?? value];
    const option = facet === undefined || facet.kind === 'range' ? undefined : facet.options.find((each) => each.value === value);
    return [
      name,
      option === undefined
        ? value.replace('..', ' – ')
        : option.labels.zh === null
          ? attributeValueName(value, locale).text
          : nameOf(option.labels),
    ];
  };
}
