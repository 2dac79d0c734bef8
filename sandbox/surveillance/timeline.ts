/** Entries by their time, of which every later part can be counted and summed without reading it. */

export type Timeline<T> = {
  /** Entries mostly come in time order; one that comes late is put in its place, which is returned. */
  readonly add: (entry: T, at: number, amount: bigint) => number;
  /** From `at` on, inclusive: the place of the first, how many there are, and their sum. */
  readonly since: (at: number) => { readonly from: number; readonly count: number; readonly sum: bigint };
  /** From a place on, which stays the same when earlier entries are forgotten. */
  readonly from: (place: number) => readonly T[];
  readonly forget: (before: number) => void;
  /** When the first one was; `null`: there is none. */
  readonly first: () => number | null;
};

/** `before`: the sum of all earlier ones, so that sums are exact differences and nothing has to be added up again. */
type Slot<T> = { readonly entry: T; readonly at: number; readonly amount: bigint; before: bigint };

export function createTimeline<T>(): Timeline<T> {
  let slots: Slot<T>[] = [];
  let forgotten = 0;
  let total = 0n;
  const placeOf = (at: number): number => {
    let [low, high] = [0, slots.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((slots[middle]?.at ?? at) < at) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    add: (entry, at, amount) => {
      let place = slots.length;
      while (place > 0 && (slots[place - 1]?.at ?? at) > at) place -= 1;
      const before = slots[place]?.before ?? total;
      const slot = { entry, at, amount, before };
      if (place === slots.length) slots.push(slot);
      else {
        for (const later of slots.slice(place)) later.before += amount;
        slots.splice(place, 0, slot);
      }
      total += amount;
      return forgotten + place;
    },
    since: (at) => {
      const place = placeOf(at);
      return { from: forgotten + place, count: slots.length - place, sum: total - (slots[place]?.before ?? total) };
    },
    from: (place) => slots.slice(Math.max(0, place - forgotten)).map(({ entry }) => entry),
    forget: (before) => {
      const place = placeOf(before);
      forgotten += place;
      slots = slots.slice(place);
    },
    first: () => slots[0]?.at ?? null,
  };
}
