/** What a row of the feed shows of a message, and what the filters ask of it (V-03). */
import type { FeedMessage } from '#server/realtime/events.ts';

export function textField(message: FeedMessage, name: string): string | null {
  const value = message.body[name];
  return typeof value === 'string' ? value : null;
}

const AMOUNTS = ['grossFen', 'priceFen', 'amountFen', 'totalFen', 'reconciliationDiffFen'] as const;
export function amountOf(message: FeedMessage): string | null {
  const amount = AMOUNTS.map((name) => textField(message, name)).find((text) => text !== null) ?? null;
  return amount !== null && /^-?\d+$/.test(amount) ? amount : null;
}

/** What a tax message says is owed, beside the price that it is owed on. */
export function taxOf(message: FeedMessage): string | null {
  const tax = message.type.startsWith('tax.trade.') ? textField(message, 'totalFen') : null;
  return tax !== null && /^-?\d+$/.test(tax) ? tax : null;
}

type Explained = { readonly zh: string; readonly en: string };
/** An alert says in both languages what it saw. */
export function explanationOf({ body: { explanation } }: FeedMessage): Explained | null {
  if (typeof explanation !== 'object' || explanation === null) return null;
  const { zh, en } = Object(explanation);
  return typeof zh === 'string' && typeof en === 'string' ? { zh, en } : null;
}

/** What the templates call by another name than what they measure. */
const MEASURE_OF: ReadonlyMap<string, string> = new Map(
  Object.entries({
    completionRate: 'releasedOrders',
    complaintsPer10k: 'complaints',
    alertsPer10k: 'alerts',
    alertPrecision: 'confirmedAlerts',
    medianHoursToSale: 'hoursToSale',
    flipShare7d: 'resoldWithin7d',
    reservedShare: 'reservedFen',
    offMarketShare: 'offMarketFen',
    outsideHalf: 'outsideHalfFen',
    outsideFull: 'outsideFullFen',
    abandonment: 'abandonedListings',
    taxDifference: 'shadowTaxFen',
    studioRevenue: 'royaltyFen',
    volume: 'turnoverFen',
    falseRejection: 'falseRejections',
    recall: 'seededFound',
    backlog: 'openReviews',
  }),
);
export const measureOf = (kpiId: string): string => MEASURE_OF.get(kpiId) ?? kpiId;

const SUBJECTS = [
  'tradeId',
  'giftId',
  'orderId',
  'accessId',
  'freezeId',
  'alertId',
  'caseId',
  'experimentId',
  'sellerRef',
  'paymentId',
] as const;
export const subjectOf = (message: FeedMessage): string =>
  SUBJECTS.map((name) => textField(message, name)).find((text) => text !== null) ?? String(message.body.height ?? '');

export function flagsOf(message: FeedMessage): readonly string[] {
  const { flags } = message.body;
  return Array.isArray(flags) ? flags.filter((flag) => typeof flag === 'string') : [];
}

/** Made once per message: a search over fifty thousand rows reads texts that are there already. */
const texts = new WeakMap<FeedMessage, string>();
function searchText(message: FeedMessage): string {
  const known = texts.get(message);
  if (known !== undefined) return known;
  const text = JSON.stringify(message.body).toLowerCase();
  texts.set(message, text);
  return text;
}

export type FeedPlace = { readonly gameId: string; readonly classId: string };
/** By the kinds and trades that messages name. */
export type FeedPlaces = ReadonlyMap<string, FeedPlace>;

/** Of the kind or the trade it names; null: it names none, or one whose game and kind have not come yet. */
export function placeOf(message: FeedMessage, places: FeedPlaces): FeedPlace | null {
  const id = textField(message, 'classId') ?? textField(message, 'tradeId');
  return id === null ? null : (places.get(id) ?? null);
}

/** References of people stand behind a purse (`held:…`) or alone. */
const PERSON = /(?:^|:)([0-9a-f]{64})$/;
const NAMES_PERSON = /(?:Ref|Acct|^acct)$/;
const people = new WeakMap<FeedMessage, readonly string[]>();

/** References of the people that a message names, once each. */
export function peopleOf(message: FeedMessage): readonly string[] {
  const known = people.get(message);
  if (known !== undefined) return known;
  const { postings, ...body } = message.body;
  const named = Object.entries(body).flatMap(([name, value]) => (NAMES_PERSON.test(name) ? [value] : []));
  const paid = Array.isArray(postings) ? postings.map((posting) => Object(posting).account) : [];
  const found = [...named, ...paid].flatMap((value) => (typeof value === 'string' ? (PERSON.exec(value)?.[1] ?? []) : []));
  const once = [...new Set(found)];
  people.set(message, once);
  return once;
}

/** Empty texts and null ask for nothing. */
export type FeedFilter = {
  readonly type: string;
  readonly flag: string;
  readonly game: string;
  readonly kind: string;
  readonly person: string;
  readonly minFen: bigint | null;
  readonly maxFen: bigint | null;
  readonly text: string;
  /** With the blocks and measurements that come by the clock, whether anything happens or not. */
  readonly hasPulse: boolean;
};

/** On a quiet day they would bury everything that happens. */
export const isPulse = ({ type }: FeedMessage): boolean => type === 'ledger.block' || type === 'sbx.kpi';

export function fitsFilter(message: FeedMessage, filter: FeedFilter, places: FeedPlaces): boolean {
  const { type, flag, game, kind, person, minFen, maxFen, text } = filter;
  if (type === '' ? !filter.hasPulse && isPulse(message) : message.type !== type) return false;
  if (flag !== '' && !flagsOf(message).includes(flag)) return false;
  if (person !== '' && !peopleOf(message).includes(person)) return false;
  if (game !== '' || kind !== '') {
    const place = placeOf(message, places);
    if (game !== '' && place?.gameId !== game) return false;
    if (kind !== '' && place?.classId !== kind) return false;
  }
  if (minFen !== null || maxFen !== null) {
    const amount = amountOf(message);
    if (amount === null || (minFen !== null && BigInt(amount) < minFen) || (maxFen !== null && BigInt(amount) > maxFen)) return false;
  }
  return text === '' || searchText(message).includes(text);
}

export const rowKey = ({ room, seq }: FeedMessage): string => `${room} ${seq}`;

export const newestFirst = (a: FeedMessage, b: FeedMessage) => (a.ts === b.ts ? b.seq - a.seq : a.ts < b.ts ? 1 : -1);

/** Both are in order. What arrives is nearly always newer than all that is there, an older page older: fifty thousand rows are then copied and
 *  not compared. */
export function mergeNewest(fresh: readonly FeedMessage[], shown: readonly FeedMessage[]): readonly FeedMessage[] {
  const [first, last, newest, oldest] = [fresh[0], fresh.at(-1), shown[0], shown.at(-1)];
  if (first === undefined || last === undefined) return shown;
  if (newest === undefined || oldest === undefined || newestFirst(last, newest) < 0) return [...fresh, ...shown];
  if (newestFirst(oldest, first) < 0) return [...shown, ...fresh];
  return [...fresh, ...shown].sort(newestFirst);
}

/** Of each sort at once: a question stands in an address, and a server refuses addresses above 16 KB. */
const MOST_ASKED = 120;

/** What the messages name and nobody has asked for yet. */
export function idsOf(messages: readonly FeedMessage[], name: 'classId' | 'tradeId', asked: ReadonlySet<string>): string[] {
  const ids = new Set<string>();
  for (const message of messages) {
    const id = textField(message, name);
    if (id !== null && !asked.has(id)) ids.add(id);
    if (ids.size === MOST_ASKED) break;
  }
  return [...ids];
}
