'use client';
/** Facets of a search, made from the kinds' attribute schema: checkboxes with counts, ranges with a histogram (P-10). */
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { attributeValueName, categoryName, rarityName } from '#app/_client/catalogue-words.ts';
import { formatCount, formatFen, parseYuan } from '#app/_client/format.ts';
import { facetParameter, setValue, toggleValue } from '#app/_client/search-address.ts';
import { ItemName } from '#app/_components/item-art.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { Button } from '#app/_components/ui.tsx';
import type { Facet } from '#server/trpc/views.ts';

type FacetProps = { readonly params: URLSearchParams; readonly onChange: (params: URLSearchParams) => void };
type EnumFacet = Extract<Facet, { kind: 'enum' | 'boolean' }>;
type RangeFacet = Extract<Facet, { kind: 'range' }>;
const SHOWN = 7;
const input = 'num h-11 w-full min-w-0 rounded-md border border-line-strong/60 bg-card px-2 text-sm sm:h-8';

export function FacetList({ facets, params, onChange }: FacetProps & { readonly facets: readonly Facet[] }) {
  const t = useTranslations('search');
  return (
    <div className="space-y-5">
      <PriceFacet params={params} onChange={onChange} />
      <div className="space-y-1">
        {(['listed', 'atOnce', 'transferable', 'experiment'] as const).map((name) => (
          <Check
            key={name}
            label={t(name)}
            isOn={params.get(name) === '1'}
            onToggle={() => onChange(setValue(params, name, params.get(name) === '1' ? null : '1'))}
          />
        ))}
      </div>
      {facets.map((facet) =>
        facet.kind === 'range' ? (
          <RangeBox key={facet.key} facet={facet} params={params} onChange={onChange} />
        ) : (
          <EnumBox key={facet.key} facet={facet} params={params} onChange={onChange} />
        ),
      )}
    </div>
  );
}

function Check(props: { readonly label: ReactNode; readonly count?: number; readonly isOn: boolean; readonly onToggle: () => void }) {
  return (
    <label className="flex min-h-11 cursor-pointer items-center gap-2 rounded px-1 text-[13px] hover:bg-sunk sm:min-h-7">
      <input type="checkbox" className="size-4 flex-none accent-accent" checked={props.isOn} onChange={props.onToggle} />
      <span className="min-w-0 flex-1 truncate">{props.label}</span>
      {props.count === undefined ? null : <span className="num text-xs text-ink-3">{formatCount(props.count)}</span>}
    </label>
  );
}

function EnumBox({ facet, params, onChange }: FacetProps & { readonly facet: EnumFacet }) {
  const t = useTranslations('search');
  const { locale } = usePreferences();
  const [isLong, setLong] = useState(false);
  const name = facetParameter(facet.key);
  const chosen = params.getAll(name);
  const options = isLong ? facet.options : facet.options.filter((option, index) => index < SHOWN || chosen.includes(option.value));
  const label = (option: EnumFacet['options'][number]) => {
    if (facet.key === 'category') return categoryName(option.value, locale);
    if (facet.key === 'rarity') return rarityName(option.value, locale);
    const { text, isForeign } = attributeValueName(option.value, locale);
    return isForeign || option.labels.zh !== null ? <ItemName names={option.labels} /> : text;
  };
  return (
    <fieldset>
      <legend className="mb-1 text-[13px] font-semibold">
        <ItemName names={facet.labels} />
      </legend>
      {options.map((option) => (
        <Check
          key={option.value}
          label={label(option)}
          count={option.count}
          isOn={chosen.includes(option.value)}
          onToggle={() => onChange(toggleValue(params, name, option.value))}
        />
      ))}
      {facet.options.length > SHOWN ? (
        <Button tone="quiet" className="min-h-9 px-1 sm:min-h-7" onClick={() => setLong(!isLong)} aria-expanded={isLong}>
          {isLong ? t('lessValues') : `${t('moreValues')} (${facet.options.length - SHOWN})`}
        </Button>
      ) : null}
    </fieldset>
  );
}

function Range(props: {
  readonly legend: ReactNode;
  readonly from: string;
  readonly to: string;
  readonly children?: ReactNode;
  readonly placeholders: readonly [string, string];
  readonly onApply: (from: string, to: string) => void;
}) {
  const t = useTranslations('search');
  const id = useId();
  const apply = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    props.onApply(String(data.get('from') ?? '').trim(), String(data.get('to') ?? '').trim());
  };
  return (
    <form onSubmit={apply} onBlur={(event) => event.currentTarget.contains(event.relatedTarget) || event.currentTarget.requestSubmit()}>
      <fieldset>
        <legend className="mb-1 text-[13px] font-semibold">{props.legend}</legend>
        {props.children}
        <div className="flex items-center gap-1.5" key={`${props.from}|${props.to}`}>
          <input
            id={`${id}f`}
            name="from"
            inputMode="decimal"
            className={input}
            aria-label={t('from')}
            placeholder={props.placeholders[0]}
            defaultValue={props.from}
          />
          <span aria-hidden>–</span>
          <input
            id={`${id}t`}
            name="to"
            inputMode="decimal"
            className={input}
            aria-label={t('to')}
            placeholder={props.placeholders[1]}
            defaultValue={props.to}
          />
        </div>
        <button type="submit" className="sr-only">
          {t('filters')}
        </button>
      </fieldset>
    </form>
  );
}

function PriceFacet({ params, onChange }: FacetProps) {
  const t = useTranslations('search');
  const shown = (name: string) => {
    const fen = params.get(name);
    return fen === null || !/^\d+$/.test(fen) ? '' : formatFen(fen);
  };
  const apply = (from: string, to: string) => {
    const min = parseYuan(from);
    const max = parseYuan(to);
    const next = setValue(setValue(params, 'min', min === null ? null : min.toString()), 'max', max === null ? null : max.toString());
    if (next.toString() !== params.toString()) onChange(next);
  };
  return <Range legend={t('price')} from={shown('min')} to={shown('max')} placeholders={[t('from'), t('to')]} onApply={apply} />;
}

function RangeBox({ facet, params, onChange }: FacetProps & { readonly facet: RangeFacet }) {
  const name = facetParameter(facet.key);
  const [from = '', to = ''] = (params.get(name) ?? '').split('..');
  const number = (text: string) => (/^-?\d+(\.\d+)?$/.test(text) ? text : '');
  const apply = (low: string, high: string) => {
    const value = number(low) === '' && number(high) === '' ? null : `${number(low)}..${number(high)}`;
    if (value !== params.get(name)) onChange(setValue(params, name, value));
  };
  const tallest = Math.max(1, ...facet.buckets);
  return (
    <Range
      legend={<ItemName names={facet.labels} />}
      from={from}
      to={to}
      placeholders={[String(facet.min), String(facet.max)]}
      onApply={apply}
    >
      <svg
        viewBox={`0 0 ${facet.buckets.length * 10} 24`}
        preserveAspectRatio="none"
        className="mb-1 h-6 w-full fill-accent/50"
        aria-hidden="true"
      >
        {facet.buckets.map((count, index) => {
          const height = Math.round((count * 24) / tallest);
          // biome-ignore lint/suspicious/noArrayIndexKey: a histogram's bars are known by their place
          return <rect key={index} x={index * 10 + 0.5} width={9} y={24 - height} height={height} />;
        })}
      </svg>
    </Range>
  );
}
