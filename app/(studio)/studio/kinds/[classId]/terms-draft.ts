/** What stands in the form of a kind's terms, and the change that it asks for. Times are typed in Beijing time. */
import { formatFen, parseYuan } from '#app/_client/format.ts';
import type { AnnouncedTerms, StudioKind, StudioTerms } from '#server/trpc/views.ts';

export type Draft = {
  /** Percent with two decimals. */
  readonly royalty: string;
  readonly fee: string;
  readonly smallestOffer: string;
  readonly publicity: StudioTerms['publicity_hours'];
  readonly protection: StudioTerms['protection_hours'];
  readonly wait: string;
  readonly cap: string;
  readonly isCollectible: boolean;
  readonly isGiftable: boolean;
  readonly isResalable: boolean;
  readonly schedule: readonly { readonly key: number; readonly from: string; readonly total: string }[];
};
export type DraftFault = 'royalty' | 'fee' | 'smallestOffer' | 'wait' | 'cap' | 'schedule';
export type ReadDraft = {
  readonly faults: readonly DraftFault[];
  /** Against the terms in force. */
  readonly changes: AnnouncedTerms['changes'];
  readonly hasTerms: boolean;
  readonly change: { readonly supply_cap?: number; readonly terms?: Partial<StudioTerms> };
};

const BEIJING_MS = 8 * 3_600_000;
const MINUTES = 'yyyy-mm-ddThh:mm'.length;

const beijingFromIso = (iso: string): string => new Date(Date.parse(iso) + BEIJING_MS).toISOString().slice(0, MINUTES);
export const isoFromBeijing = (text: string): string => new Date(Date.parse(`${text}:00.000Z`) - BEIJING_MS).toISOString();

export function draftOf({ terms, supplyCap }: StudioKind): Draft {
  return {
    royalty: formatFen(BigInt(terms.royalty_bps)),
    fee: formatFen(BigInt(terms.fee_bps)),
    smallestOffer: formatFen(BigInt(terms.smallest_offer_bps)),
    publicity: terms.publicity_hours,
    protection: terms.protection_hours,
    wait: String(terms.resale_wait_trading_days),
    cap: supplyCap === null ? '' : String(supplyCap),
    isCollectible: terms.is_collectible,
    isGiftable: terms.is_giftable,
    isResalable: terms.is_resalable,
    schedule: terms.mint_schedule.map(({ from, total }, key) => ({ key, from: beijingFromIso(from), total: String(total) })),
  };
}

/** Two decimals of a percent are basis points, as two decimals of a yuan are fen. */
function bps(text: string, most: bigint): number | null {
  const value = parseYuan(text);
  return value === null || value < 0n || value > most ? null : Number(value);
}

function count(text: string, most: number): number | null {
  const digits = text.normalize('NFKC').replace(/[\s,]/g, '');
  return /^\d{1,15}$/.test(digits) && Number(digits) <= most ? Number(digits) : null;
}

function scheduleOf(steps: Draft['schedule'], known: StudioTerms['mint_schedule']): StudioTerms['mint_schedule'] | null {
  const read = steps.map(({ from, total }) => {
    const most = count(total, Number.MAX_SAFE_INTEGER);
    if (from === '' || most === null) return null;
    // A moment that was not touched keeps its seconds.
    const same = known.find((step) => beijingFromIso(step.from) === from);
    return { from: same?.from ?? isoFromBeijing(from), total: most };
  });
  const whole = read.filter((step) => step !== null);
  const ascends = whole.every((step, at) => {
    const before = whole[at - 1];
    return before === undefined || (Date.parse(before.from) < Date.parse(step.from) && before.total < step.total);
  });
  return whole.length === read.length && ascends ? whole : null;
}

const ROYALTY_MAX = 1_000n;
const FEE_MAX = 10_000n;
const SMALLEST_OFFER_MAX = 10_000n;
const WAIT_MAX = 365;

export function readDraft({ terms, supplyCap, issued }: StudioKind, draft: Draft): ReadDraft {
  const royalty = bps(draft.royalty, ROYALTY_MAX);
  const fee = bps(draft.fee, FEE_MAX);
  const smallestOffer = bps(draft.smallestOffer, SMALLEST_OFFER_MAX);
  const wait = count(draft.wait, WAIT_MAX);
  const cap = draft.cap.trim() === '' ? null : count(draft.cap, supplyCap ?? Number.MAX_SAFE_INTEGER);
  const schedule = scheduleOf(draft.schedule, terms.mint_schedule);
  const isCapSound = draft.cap.trim() === '' ? supplyCap === null : cap !== null && cap >= Math.max(issued, 1);
  const faults: DraftFault[] = [
    ...(royalty === null ? (['royalty'] as const) : []),
    ...(fee === null ? (['fee'] as const) : []),
    ...(smallestOffer === null ? (['smallestOffer'] as const) : []),
    ...(wait === null ? (['wait'] as const) : []),
    ...(isCapSound ? [] : (['cap'] as const)),
    ...(schedule === null ? (['schedule'] as const) : []),
  ];
  const wanted: StudioTerms = {
    royalty_bps: royalty ?? terms.royalty_bps,
    fee_bps: fee ?? terms.fee_bps,
    publicity_hours: draft.publicity,
    protection_hours: draft.protection,
    resale_wait_trading_days: wait ?? terms.resale_wait_trading_days,
    is_collectible: draft.isCollectible,
    is_giftable: draft.isGiftable,
    is_resalable: draft.isResalable,
    mint_schedule: schedule ?? terms.mint_schedule,
    smallest_offer_bps: smallestOffer ?? terms.smallest_offer_bps,
  };
  const changes = TERM_NAMES.flatMap((term) =>
    isSame(terms[term], wanted[term]) ? [] : [{ term, before: terms[term], now: wanted[term] }],
  );
  const changed: Partial<StudioTerms> = Object.fromEntries(changes.map(({ term, now }) => [term, now]));
  return {
    faults,
    changes,
    hasTerms: changes.length > 0,
    change: {
      ...(cap === null || cap === supplyCap ? {} : { supply_cap: cap }),
      ...(changes.length === 0 ? {} : { terms: changed }),
    },
  };
}

export const TERM_NAMES = [
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
] as const satisfies readonly (keyof StudioTerms)[];

const isSame = (one: unknown, other: unknown): boolean => one === other || JSON.stringify(one) === JSON.stringify(other);
