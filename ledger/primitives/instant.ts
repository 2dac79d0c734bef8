/** Time as data: milliseconds since 1970 UTC. The only clock is `server/clock.ts`. */
import { ParseError } from './errors.ts';
import type { Branded } from './ids.ts';

export type Instant = Branded<number, 'Instant'>;

export function instant(ms: number): Instant {
  if (!Number.isSafeInteger(ms) || ms < 0) throw new ParseError('instant_malformed', { expected: 'milliseconds since 1970' });
  return ms as Instant;
}

/** ISO 8601 UTC with milliseconds. @throws {ParseError} `instant_malformed` */
export function parseInstant(input: unknown): Instant {
  if (typeof input === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/.test(input)) {
    const at = Date.parse(input);
    if (new Date(at).getUTCDate() === Number(input.slice(8, 10))) return instant(at);
  }
  throw new ParseError('instant_malformed', { expected: 'ISO 8601 UTC' });
}

/** A date of the calendar: `2026-02-30` is none, though `Date` reads the 2nd of March. */
export function isCalendarDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00.000Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

/** The last one is kept: a group writes its one moment some sixty times a trade. */
let last: { readonly at: Instant; readonly text: string } | null = null;

export function toIso(at: Instant): string {
  if (last?.at === at) return last.text;
  const text = new Date(at).toISOString();
  last = { at, text };
  return text;
}

const BEIJING_OFFSET_MS = 8 * 3_600_000;

/** `2026-11-22`: the Beijing calendar date (UTC+8, no summer time; rulebook 0.2). */
export function beijingDate(at: Instant): string {
  return new Date(at + BEIJING_OFFSET_MS).toISOString().slice(0, 10);
}

/** First instant of a Beijing date. */
export function startOfBeijingDate(date: string): Instant {
  return instant(Date.parse(`${date}T00:00:00.000Z`) - BEIJING_OFFSET_MS);
}
