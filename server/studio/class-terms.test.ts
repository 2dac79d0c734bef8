import { describe, expect, test } from 'vitest';
import { instant } from '#ledger/primitives/instant.ts';
import { announcedTerms, planTerms, type TermsOverTime, termsInForce } from './class-terms.ts';
import { classTerms } from './rows.schema.ts';

const DAY_MS = 86_400_000;
const now = instant(Date.parse('2026-11-27T08:30:00Z'));
const first = classTerms.parse({});
const higher = { ...first, royalty_bps: 300 };
const later = (ms: number) => instant(now + ms);
const announced: TermsOverTime = { first, next: { terms: higher, from: later(3 * DAY_MS) } };

describe('terms over time', () => {
  test('hold from the announced moment on, and not a millisecond before', () => {
    expect(termsInForce(announced, later(3 * DAY_MS - 1))).toBe(first);
    expect(termsInForce(announced, later(3 * DAY_MS))).toBe(higher);
    expect(announcedTerms(announced, later(3 * DAY_MS - 1))?.terms).toBe(higher);
    expect(announcedTerms(announced, later(3 * DAY_MS))).toBeNull();
  });

  test('an announcement says old and new value and begins at the first full hour after seven days', () => {
    expect(planTerms({ first, next: null }, { royalty_bps: 300, fee_bps: undefined }, null, now)).toEqual({
      kind: 'announced',
      terms: higher,
      from: Date.parse('2026-12-04T09:00:00Z'),
      changes: [{ term: 'royalty_bps', before: 200, now: 300 }],
    });
  });

  test('a date within the notice is refused with the earliest one', () => {
    const earliest = later(7 * DAY_MS + 600_000);
    const plan = (from: number) => planTerms({ first, next: null }, { royalty_bps: 300 }, instant(from), now).kind;
    expect(planTerms({ first, next: null }, { royalty_bps: 300 }, instant(earliest - 1), now)).toEqual({
      kind: 'rejected',
      code: 'notice_short',
      earliest,
    });
    expect(plan(earliest)).toBe('announced');
  });

  test('another announcement is against what is in force and replaces the first; nothing takes it back', () => {
    expect(planTerms(announced, { fee_bps: 400 }, null, now)).toMatchObject({ terms: { ...first, fee_bps: 400 } });
    expect(planTerms(announced, {}, null, now)).toMatchObject({ kind: 'withdrawn', terms: first });
    expect(planTerms(announced, { royalty_bps: 200 }, null, now)).toMatchObject({ kind: 'withdrawn' });
    expect(planTerms(announced, {}, null, later(3 * DAY_MS))).toMatchObject({ kind: 'rejected', code: 'terms_unchanged' });
  });
});
