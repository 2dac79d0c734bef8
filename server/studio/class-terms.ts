/** Terms of a kind over time (product T-06): in force, announced, and what an announcement changes. Pure; the ledger keeps the same pair of
 *  hashes in its ClassLeaf. */
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import { SMALLEST_OFFER_BPS } from '../settlement/offer-thread.ts';
import type { ChangedTermsRow, ClassTermsRow } from './rows.schema.ts';

const HOUR_MS = 3_600_000;
const NOTICE_MS = 7 * 24 * HOUR_MS;
/** The notice is counted from the block that holds the entry, which is sealed after the call and, in a bad hour, later than usual. */
const SEALING_MS = 10 * 60_000;

/** Columns of `catalogue.item_classes`. */
export type TermColumns = {
  readonly royalty_bps: number;
  readonly fee_bps: number;
  readonly publicity_hours: number;
  readonly protection_hours: number;
  readonly resale_wait_trading_days: number;
  readonly collectible: boolean;
  readonly giftable: boolean;
  readonly resalable: boolean;
  readonly mint_schedule: MintSchedule;
  readonly smallest_offer_bps: number;
  /** Announced before a term existed: without it. */
  readonly next_terms: StoredTerms | null;
  readonly next_terms_at: Date | null;
};
export const TERM_COLUMNS =
  'c.royalty_bps, c.fee_bps, c.publicity_hours, c.protection_hours, c.resale_wait_trading_days, c.collectible, c.giftable, c.resalable, c.mint_schedule, c.smallest_offer_bps, c.next_terms, c.next_terms_at';

export type MintSchedule = ClassTermsRow['mint_schedule'];
/** Terms that kinds did not have at first, with what held without them. */
type LaterTerm = 'is_resalable' | 'mint_schedule' | 'smallest_offer_bps';
type StoredTerms = Omit<ClassTermsRow, LaterTerm> & Partial<Pick<ClassTermsRow, LaterTerm>>;

/** As they were stored. */
export function readTerms(terms: StoredTerms): ClassTermsRow {
  return { is_resalable: true, mint_schedule: [], smallest_offer_bps: SMALLEST_OFFER_BPS, ...terms };
}

export type Announced = { readonly terms: ClassTermsRow; readonly from: Instant };
export type TermsOverTime = { readonly first: ClassTermsRow; readonly next: Announced | null };

export function termsOverTime(row: TermColumns): TermsOverTime {
  const first = {
    royalty_bps: row.royalty_bps,
    fee_bps: row.fee_bps,
    publicity_hours: publicityOf(row.publicity_hours),
    protection_hours: row.protection_hours === 72 ? (72 as const) : (168 as const),
    resale_wait_trading_days: row.resale_wait_trading_days,
    is_collectible: row.collectible,
    is_giftable: row.giftable,
    is_resalable: row.resalable,
    mint_schedule: row.mint_schedule,
    smallest_offer_bps: row.smallest_offer_bps,
  };
  const { next_terms: terms, next_terms_at: from } = row;
  return { first, next: terms === null || from === null ? null : { terms: readTerms(terms), from: instant(from.getTime()) } };
}

function publicityOf(hours: number): ClassTermsRow['publicity_hours'] {
  return hours === 24 || hours === 72 || hours === 168 ? hours : 0;
}

/** From the announced moment on, that moment included. */
export function termsInForce({ first, next }: TermsOverTime, now: Instant): ClassTermsRow {
  return next !== null && now >= next.from ? next.terms : first;
}

/** What is announced and not in force yet. */
export function announcedTerms({ next }: TermsOverTime, now: Instant): Announced | null {
  return next !== null && now < next.from ? next : null;
}

/** How many units may have been issued by then, this moment included; null: as many as the cap allows. */
export function issuableAt(schedule: MintSchedule, at: number): number | null {
  return schedule.length === 0 ? null : (schedule.findLast(({ from }) => Date.parse(from) <= at)?.total ?? 0);
}

export type TermName = keyof ClassTermsRow;
export type TermValue = ClassTermsRow[TermName];
export type TermChange = { readonly term: TermName; readonly before: TermValue; readonly now: TermValue };

const TERMS: readonly TermName[] = [
  'royalty_bps',
  'fee_bps',
  'publicity_hours',
  'protection_hours',
  'resale_wait_trading_days',
  'is_collectible',
  'is_giftable',
  'is_resalable',
  'mint_schedule',
  'smallest_offer_bps',
];

export function changesOf(before: ClassTermsRow, after: ClassTermsRow): readonly TermChange[] {
  return TERMS.flatMap((term) => (isSame(before[term], after[term]) ? [] : [{ term, before: before[term], now: after[term] }]));
}

function isSame(one: TermValue, other: TermValue): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

/**
 * The document that the ledger names. A term that came later is left out where it says what held without it, so that a kind declared
 * before keeps the hash that stands in its ClassLeaf.
 */
export function termsDocument(held: ClassTermsRow): Readonly<Record<string, unknown>> {
  const { is_resalable, mint_schedule, smallest_offer_bps, ...terms } = held;
  return {
    ...terms,
    ...(is_resalable ? {} : { is_resalable }),
    ...(mint_schedule.length === 0 ? {} : { mint_schedule }),
    ...(smallest_offer_bps === SMALLEST_OFFER_BPS ? {} : { smallest_offer_bps }),
  };
}

/** What a ClassDefine or ClassUpdate holds of the terms. */
export function termsSm3(terms: ClassTermsRow): Bytes {
  return sm3(canonicalBytes(termsDocument(terms)));
}

export type TermsPlan =
  | { readonly kind: 'announced'; readonly terms: ClassTermsRow; readonly from: Instant; readonly changes: readonly TermChange[] }
  /** Back to the terms in force: what was announced will not come. */
  | { readonly kind: 'withdrawn'; readonly terms: ClassTermsRow; readonly changes: readonly TermChange[] }
  | { readonly kind: 'rejected'; readonly code: 'terms_unchanged' | 'notice_short'; readonly earliest: Instant };

/** `changed` is against the terms in force and replaces an earlier announcement. Without `from`: the first full hour after the notice. */
export function planTerms(over: TermsOverTime, changed: ChangedTermsRow, from: Instant | null, now: Instant): TermsPlan {
  const before = termsInForce(over, now);
  const terms = { ...before, ...definedOf(changed) };
  const changes = changesOf(before, terms);
  const earliest = instant(now + NOTICE_MS + SEALING_MS);
  if (changes.length === 0) {
    if (announcedTerms(over, now) === null) return { kind: 'rejected', code: 'terms_unchanged', earliest };
    return { kind: 'withdrawn', terms: before, changes };
  }
  if (from !== null && from < earliest) return { kind: 'rejected', code: 'notice_short', earliest };
  return { kind: 'announced', terms, from: from ?? instant(Math.ceil(earliest / HOUR_MS) * HOUR_MS), changes };
}

/** Optional members that are given as `undefined` change nothing. */
function definedOf(changed: ChangedTermsRow): Partial<ClassTermsRow> {
  return Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined));
}
