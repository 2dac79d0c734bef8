/** A live list under somebody's eyes, newest first: pure, so that what waits and what is shown can be tested without a page. */
export type Held<Row> = { readonly shown: readonly Row[]; readonly waiting: number };

/**
 * While somebody reads, rows that came above the first one they know wait; the known ones stay where they are and follow their newest
 * facts. A list that has turned over entirely, or nobody reads, is shown as it is.
 */
export function holdRows<Row>(
  shown: readonly Row[],
  newest: readonly Row[],
  keyOf: (row: Row) => string | number,
  isReading: boolean,
): Held<Row> {
  const [first] = shown;
  if (!isReading || first === undefined) return { shown: newest, waiting: 0 };
  const place = newest.findIndex((row) => keyOf(row) === keyOf(first));
  if (place === 0) return { shown: newest, waiting: 0 };
  const byKey = new Map(newest.map((row) => [keyOf(row), row]));
  const known = new Set(shown.map(keyOf));
  const waiting = newest.filter((row) => !known.has(keyOf(row))).length;
  return { shown: shown.map((row) => byKey.get(keyOf(row)) ?? row), waiting };
}
