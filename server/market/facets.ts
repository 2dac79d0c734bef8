/** Facets from the attribute schema (product P-10): each counts what would be found with all other filters as they are. Pure. */
import type { AttributeDefinition, AttributeValue, Facet, Names, SearchQuery } from '#server/trpc/views.ts';
import type { IndexedKind } from './catalogue-index.ts';

/** One filter of a query and the facet it belongs to; `''`: none, it always applies. */
export type Filter = { readonly key: string; readonly accepts: (kind: IndexedKind) => boolean };

const BUCKETS = 12;
const MOST_OPTIONS = 60;
const COLUMNS = [
  { key: 'category', labels: { zh: '类别', en: 'Category' }, read: (kind: IndexedKind) => kind.face.category },
  { key: 'rarity', labels: { zh: '稀有度', en: 'Rarity' }, read: (kind: IndexedKind) => kind.face.rarity },
] as const;

export function filtersOf(search: SearchQuery): readonly Filter[] {
  const filters: Filter[] = [];
  const words = (search.text ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length > 0) filters.push({ key: '', accepts: (kind) => words.every((word) => kind.text.includes(word)) });
  const { game, category, rarity } = search;
  if (game !== undefined) filters.push({ key: '', accepts: (kind) => kind.face.gameId === game });
  if (category !== undefined && category.length > 0) {
    const wanted = new Set(category);
    filters.push({ key: 'category', accepts: (kind) => wanted.has(kind.face.category) });
  }
  if (rarity !== undefined && rarity.length > 0) {
    const wanted = new Set(rarity);
    filters.push({ key: 'rarity', accepts: (kind) => kind.face.rarity !== null && wanted.has(kind.face.rarity) });
  }
  for (const [key, condition] of Object.entries(search.where ?? {})) {
    if ('length' in condition) {
      const wanted = new Set(condition);
      if (wanted.size > 0) filters.push({ key, accepts: (kind) => wanted.has(textOf(kind.shown[key])) });
      continue;
    }
    const { min, max } = condition;
    filters.push({
      key,
      accepts: (kind) => {
        const value = numberOf(kind.shown[key]);
        return value !== null && (min === undefined || value >= min) && (max === undefined || value <= max);
      },
    });
  }
  return filters;
}

/** For each kind, which filters refuse it: none, or exactly one, is all that facets need to know. */
export function matchKinds(
  kinds: readonly IndexedKind[],
  filters: readonly Filter[],
): { readonly found: readonly IndexedKind[]; readonly missedBy: ReadonlyMap<string, readonly IndexedKind[]> } {
  const found: IndexedKind[] = [];
  const missedBy = new Map<string, IndexedKind[]>();
  for (const kind of kinds) {
    let missed: string | null = null;
    let isOut = false;
    for (const filter of filters) {
      if (filter.accepts(kind)) continue;
      if (filter.key === '' || (missed !== null && missed !== filter.key)) {
        isOut = true;
        break;
      }
      missed = filter.key;
    }
    if (isOut) continue;
    if (missed === null) found.push(kind);
    else {
      const others = missedBy.get(missed);
      if (others === undefined) missedBy.set(missed, [kind]);
      else others.push(kind);
    }
  }
  return { found, missedBy };
}

export function facetsOf(
  definitions: readonly AttributeDefinition[],
  found: readonly IndexedKind[],
  missedBy: ReadonlyMap<string, readonly IndexedKind[]>,
): readonly Facet[] {
  const countedFor = (key: string): readonly IndexedKind[] => {
    const missed = missedBy.get(key);
    return missed === undefined ? found : [...found, ...missed];
  };
  const facets: Facet[] = [];
  for (const { key, labels, read } of COLUMNS) pushEnum(facets, key, labels, 'enum', countedFor(key).map(read));
  for (const { key, type, labels, filterable } of definitions) {
    if (!filterable) continue;
    const values = countedFor(key).flatMap((kind) => kind.shown[key] ?? []);
    // Of texts and dates the values themselves, the most common first, like those of an enum.
    if (type === 'boolean') pushEnum(facets, key, labels, type, values.map(textOf));
    else if (type !== 'integer' && type !== 'decimal') pushEnum(facets, key, labels, 'enum', values.map(textOf));
    if (type === 'integer' || type === 'decimal') pushRange(facets, key, labels, values);
  }
  return facets;
}

function pushEnum(facets: Facet[], key: string, labels: Names, kind: 'enum' | 'boolean', values: readonly (string | null)[]): void {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== null && value !== '') counts.set(value, (counts.get(value) ?? 0) + 1);
  if (counts.size === 0) return;
  const options = [...counts]
    .sort(([a, of], [b, than]) => than - of || (a < b ? -1 : 1))
    .slice(0, MOST_OPTIONS)
    .map(([value, count]) => ({ value, labels: { zh: null, en: value }, count }));
  facets.push({ key, labels, kind, options });
}

function pushRange(facets: Facet[], key: string, labels: Names, values: readonly AttributeValue[]): void {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  const numbers: number[] = [];
  for (const value of values) {
    const number = numberOf(value);
    if (number === null) continue;
    numbers.push(number);
    if (number < min) min = number;
    if (number > max) max = number;
  }
  if (numbers.length === 0) return;
  const buckets = Array.from({ length: BUCKETS }, () => 0);
  const width = max - min;
  for (const number of numbers) {
    const at = width === 0 ? 0 : Math.min(BUCKETS - 1, Math.floor(((number - min) / width) * BUCKETS));
    buckets[at] = (buckets[at] ?? 0) + 1;
  }
  facets.push({ key, labels, kind: 'range', min, max, buckets });
}

function textOf(value: AttributeValue | undefined): string {
  return value === undefined || value === null ? '' : String(value);
}

/** Decimals are declared as text or as numbers. */
function numberOf(value: AttributeValue | undefined): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}
