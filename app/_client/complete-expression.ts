/** What may come next while an attribute expression is typed: names, then comparisons, then values, then how it goes on. Pure. */
import type { Facet } from '#server/trpc/views.ts';

const COLUMNS = ['category', 'type', 'rarity', 'refinement', 'class_ref'];
const MOST = 8;

export type Completion = {
  /** What is shown. */
  readonly text: string;
  /** The whole field once it is taken. */
  readonly result: string;
};

/** For the end of the text: that is where one types. */
export function completeExpression(source: string, facets: readonly Facet[]): readonly Completion[] {
  const names = [...new Set([...COLUMNS, ...facets.map((facet) => facet.key)])];
  const value =
    /(?:^|[\s(])(?<name>[A-Za-z][A-Za-z0-9_]*)\s*(?:(?:!=|<=|>=|[=<>])\s*|in\s*\(\s*(?:[^()]*,\s*)?)(?<part>"(?:[^"\\]|\\["\\])*|[^\s"(),=<>]*)$/.exec(
      source,
    );
  if (value?.groups !== undefined) {
    const { name = '', part = '' } = value.groups;
    return fitting(source, part, valuesOf(facets.find((facet) => facet.key === name)));
  }
  const [part = ''] = /[A-Za-z0-9_]*$/.exec(source) ?? [];
  const before = source.slice(0, source.length - part.length).trimEnd();
  if (before === '' || /(?:\b(?:and|or|not)|\()$/i.test(before)) return fitting(source, part, names);
  const isAfterName = names.some((name) => before.endsWith(name) && !/[A-Za-z0-9_"]/.test(before.at(-name.length - 1) ?? ' '));
  return fitting(source, part, isAfterName && part === '' ? ['=', '!=', '<', '>', 'in ('] : ['and', 'or']);
}

function valuesOf(facet: Facet | undefined): readonly string[] {
  if (facet === undefined) return [];
  if (facet.kind === 'range') return [String(facet.min), String(facet.max)];
  return facet.options.map(({ value }) => (facet.kind === 'boolean' ? value : `"${value.replace(/["\\]/g, '\\$&')}"`));
}

function fitting(source: string, part: string, words: readonly string[]): readonly Completion[] {
  const typed = part.replace(/^"/, '').toLowerCase();
  const kept = source.slice(0, source.length - part.length);
  return words
    .filter((word) => word !== part && word.replace(/^"/, '').toLowerCase().startsWith(typed))
    .slice(0, MOST)
    .map((word) => ({
      text: word,
      result: `${kept}${kept === '' || /[\s(]$/.test(kept) ? '' : ' '}${word}${word.endsWith('(') ? '' : ' '}`,
    }));
}
