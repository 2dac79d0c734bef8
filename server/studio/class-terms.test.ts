import { describe, expect, test } from 'vitest';
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { announcedTerms, issuableAt, planTerms, type TermsOverTime, termsInForce, termsOverTime, termsSm3 } from './class-terms.ts';
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

describe('the mint schedule', () => {
  const from = (ms: number) => new Date(now + ms).toISOString();
  const mint_schedule = [
    { from: from(0), total: 10 },
    { from: from(DAY_MS), total: 25 },
  ];

  test('opens step by step, each from its moment on, and none before the first', () => {
    expect([-1, 0, DAY_MS - 1, DAY_MS, 9 * DAY_MS].map((ms) => issuableAt(mint_schedule, now + ms))).toEqual([0, 10, 10, 25, 25]);
    expect(issuableAt([], now)).toBeNull();
  });

  test('is announced as a whole, and the same steps are no change', () => {
    const over = { first: { ...first, mint_schedule }, next: null };
    expect(planTerms(over, { mint_schedule: [...mint_schedule] }, null, now)).toMatchObject({ code: 'terms_unchanged' });
    expect(planTerms(over, { mint_schedule: [] }, null, now)).toMatchObject({
      changes: [{ term: 'mint_schedule', before: mint_schedule, now: [] }],
    });
  });

  test.each([
    ['a step that is not later', [mint_schedule[0], mint_schedule[0]]],
    ['a step that is not larger', [mint_schedule[0], { from: from(DAY_MS), total: 10 }]],
    ['a moment that is none', [{ from: 'soon', total: 1 }]],
    ['less than nothing', [{ from: from(0), total: -1 }]],
  ])('%s is refused', (_, steps) => {
    expect(classTerms.safeParse({ mint_schedule: steps }).success).toBe(false);
  });

  test('terms that say of what came later what held before have the hash that kinds were declared with then', () => {
    const { is_resalable: _, mint_schedule: __, smallest_offer_bps: ___, ...before } = first;
    expect(termsSm3(first)).toEqual(sm3(canonicalBytes(before)));
    expect(termsSm3({ ...first, is_resalable: false })).not.toEqual(termsSm3(first));
    expect(termsSm3({ ...first, mint_schedule })).not.toEqual(termsSm3(first));
    expect(termsSm3({ ...first, smallest_offer_bps: 4_999 })).not.toEqual(termsSm3(first));
  });

  test('an announcement of before is read with all of them as they were', () => {
    const { is_resalable: _, mint_schedule: __, smallest_offer_bps: ___, ...before } = higher;
    const row = {
      royalty_bps: 200,
      fee_bps: 500,
      publicity_hours: 0,
      protection_hours: 168,
      resale_wait_trading_days: 0,
      collectible: false,
      giftable: true,
      resalable: true,
      mint_schedule: [],
      smallest_offer_bps: 5_000,
      next_terms: before,
      next_terms_at: new Date(now),
    };
    expect(termsOverTime(row).next?.terms).toEqual(higher);
  });
});
