/** The address of a search holds the whole query (P-10), so that it can be shared, saved and gone back to. */
import type { SearchQuery, SearchSort } from '#server/trpc/views.ts';

const SORTS = [
  'best_deal',
  'discount',
  'price_up',
  'price_down',
  'newest',
  'ending_soon',
  'most_traded',
  'fastest_sold',
  'rarity',
  'name',
] as const satisfies readonly SearchSort[];
export type Sort = SearchSort;
export const isSort = (value: string): value is Sort => SORTS.some((sort) => sort === value);
export { SORTS };

const ATTRIBUTE = 'a.';
type Range = { readonly min?: number; readonly max?: number };

function readRange(text: string): Range | null {
  const match = /^(-?\d+(?:\.\d+)?)?\.\.(-?\d+(?:\.\d+)?)?$/.exec(text);
  if (match === null) return null;
  const [, min, max] = match;
  return { ...(min === undefined ? {} : { min: Number(min) }), ...(max === undefined ? {} : { max: Number(max) }) };
}

export function readSearchAddress(params: URLSearchParams): SearchQuery {
  const where: Record<string, readonly string[] | Range> = {};
  for (const key of new Set(params.keys())) {
    if (!key.startsWith(ATTRIBUTE)) continue;
    const values = params.getAll(key);
    where[key.slice(ATTRIBUTE.length)] = readRange(values[0] ?? '') ?? values;
  }
  const text = params.get('q')?.trim();
  const sort = params.get('sort') ?? '';
  const fen = (name: string) => (/^\d{1,12}$/.test(params.get(name) ?? '') ? (params.get(name) ?? undefined) : undefined);
  return {
    text: text === '' || text === undefined ? undefined : text,
    game: params.get('game') ?? undefined,
    category: params.has('category') ? params.getAll('category') : undefined,
    rarity: params.has('rarity') ? params.getAll('rarity') : undefined,
    where: Object.keys(where).length === 0 ? undefined : where,
    expression: params.get('where') ?? undefined,
    minFen: fen('min'),
    maxFen: fen('max'),
    listed: params.get('listed') === '1' ? true : undefined,
    experiment: params.get('experiment') === '1' ? true : undefined,
    atOnce: params.get('atOnce') === '1' ? true : undefined,
    transferable: params.get('transferable') === '1' ? true : undefined,
    sort: isSort(sort) ? sort : undefined,
  };
}

/** The address parameter of a facet: kinds have columns of their own for category and rarity, attributes a prefix. */
export const facetParameter = (key: string): string => (key === 'category' || key === 'rarity' ? key : `${ATTRIBUTE}${key}`);

/** The parameters after one value was switched on or off. */
export function toggleValue(params: URLSearchParams, name: string, value: string): URLSearchParams {
  const next = new URLSearchParams(params);
  const values = next.getAll(name);
  next.delete(name);
  for (const kept of values.filter((other) => other !== value)) next.append(name, kept);
  if (!values.includes(value)) next.append(name, value);
  return next;
}

export function setValue(params: URLSearchParams, name: string, value: string | null): URLSearchParams {
  const next = new URLSearchParams(params);
  if (value === null || value === '') next.delete(name);
  else next.set(name, value);
  return next;
}
