/** Ceilings of a pack on what one person does in a window (rulebook 10.2 KR-04): which window it is, and whether an attempt exceeds. */
import { fenOf } from '../packs/pack.ts';
import type { CalendarWindow, CapRule, RulePack } from '../packs/rule-pack.ts';

/** The window of a date: `2026-11-22`, `2026-11`, `2026-Q4`, `2026-H2`, `2026`. Weeks begin on Monday and are named by it. */
export function capWindow(window: CalendarWindow, date: string): string {
  const year = date.slice(0, 'yyyy'.length);
  const month = Number(date.slice(5, 7));
  switch (window) {
    case 'DAY':
      return date;
    case 'WEEK':
      return mondayOf(date);
    case 'MONTH':
      return date.slice(0, 'yyyy-mm'.length);
    case 'QUARTER':
      return `${year}-Q${Math.ceil(month / 3)}`;
    case 'HALF_YEAR':
      return `${year}-H${month <= 6 ? 1 : 2}`;
    case 'YEAR':
      return year;
  }
}

const DAY_MS = 86_400_000;

function mondayOf(date: string): string {
  const at = Date.parse(`${date}T00:00:00.000Z`);
  const sinceMonday = (new Date(at).getUTCDay() + 6) % 7;
  return new Date(at - sinceMonday * DAY_MS).toISOString().slice(0, 'yyyy-mm-dd'.length);
}

/** @param soFar what the person did in the window before this attempt */
export function exceedsCap(pack: RulePack, cap: CapRule, soFar: bigint, attempt: bigint): boolean {
  const max = fenOf(pack, cap.max);
  const total = soFar + attempt;
  return cap.inclusive ? total > max : total >= max;
}
