/** Where a unit's value stands among all live units of its kind (P-13). */
import type { AttributeValues } from '#server/studio/attribute-values.ts';
import type { UnitValues } from '#server/studio/item-attributes.repo.ts';
import type { AttributePlace } from '#server/trpc/views.ts';

/** @param own what the unit itself has */
export function placesOf(own: AttributeValues, { live, declared, changed }: UnitValues): Readonly<Record<string, AttributePlace>> {
  const placeOf = (key: string, value: AttributeValues[string]): AttributePlace => {
    // A changed unit that says nothing about this attribute has the kind's value.
    const values = changed.map((each) => each[key] ?? declared[key]);
    const unchanged = live - changed.length;
    const count = (fits: (other: AttributeValues[string] | undefined) => boolean) =>
      values.filter(fits).length + (fits(declared[key]) ? unchanged : 0);
    const isNumber = typeof value === 'number';
    return {
      of: live,
      same: count((other) => other === value),
      above: isNumber ? count((other) => typeof other === 'number' && other > value) : null,
    };
  };
  return Object.fromEntries(Object.entries(own).map(([key, value]) => [key, placeOf(key, value)]));
}
