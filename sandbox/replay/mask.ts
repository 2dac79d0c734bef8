/** A result for readers without identity rights: cells of people under 20 say so and nothing more (rulebook 6.8, people). */
import type { Json } from '#ledger/codec/canonical-json.ts';

export const SMALL_CELL = 20;
export const HIDDEN = '< 20';

type Body = { readonly [key: string]: Json };

export function maskPeople(body: Body): Body {
  const people = objectOf(body.people);
  const all = objectOf(people.all);
  const affected = typeof all.affected === 'number' ? all.affected : 0;
  const groups = Object.fromEntries(Object.entries(objectOf(people.groups)).map(([group, cell]) => [group, maskCell(objectOf(cell))]));
  // Quantiles of a handful of people are those people's figures.
  const years = Object.fromEntries(
    Object.entries(objectOf(body.sellerYears)).map(([standing, cell]) => [standing, maskCell(objectOf(cell))]),
  );
  const sellerYears = body.sellerYears === null || body.sellerYears === undefined ? null : years;
  return { ...body, sellerYears, people: { all: maskCell(all), quantiles: affected < SMALL_CELL ? [] : (people.quantiles ?? []), groups } };
}

function maskCell(cell: Body): Body {
  return Object.fromEntries(
    Object.entries(cell).map(([key, count]) => [key, typeof count === 'number' && count > 0 && count < SMALL_CELL ? HIDDEN : count]),
  );
}

function objectOf(value: Json | undefined): Body {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value));
}
