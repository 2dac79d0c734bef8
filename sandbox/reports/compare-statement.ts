/** Holds a bank's statement of one account against our own journal, entry by entry. Pure. */
import { beijingDate, type Instant } from '#ledger/primitives/instant.ts';
import type { ReadEntry, ReadStatement } from './camt-grammar.ts';
import { isoId } from './iso-20022.ts';

export const DIFFERENCE_KINDS = [
  'missing_with_us',
  'missing_at_bank',
  'amount_differs',
  'direction_differs',
  'date_differs',
  'balance_differs',
] as const;
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

/** A movement of the account by our own books, under the reference that we asked the bank to book it with. */
export type OwnEntry = {
  readonly ref: string;
  readonly source: string;
  readonly at: Instant;
  readonly amountFen: bigint;
  readonly isCredit: boolean;
  readonly orderId: string | null;
  readonly tradeId: string | null;
};
export type OwnAccount = {
  readonly openingFen: bigint;
  readonly closingFen: bigint;
  /** Of the period and of the days beside it: what the bank booked before midnight we may have booked after. */
  readonly entries: readonly OwnEntry[];
};
export type Difference = {
  readonly kind: DifferenceKind;
  /** Ours where we know the entry, else the bank's; `OPBD` or `CLBD` of a balance. */
  readonly ref: string;
  /** In the bank's file; null: it is not there. */
  readonly line: number | null;
  readonly orderId: string | null;
  readonly tradeId: string | null;
  /** Fen with its sign, a direction or a date; null: nothing. */
  readonly ours: string | null;
  readonly theirs: string | null;
};

type Pair = { readonly theirs: ReadEntry; readonly ours: OwnEntry };

export function compareStatement(statement: ReadStatement, own: OwnAccount): readonly Difference[] {
  const booked = statement.entries.filter(({ status }) => status === 'BOOK');
  const { pairs, unknown, left } = matchEntries(booked, own.entries);
  const isOfPeriod = ({ at }: OwnEntry) => at >= statement.from && at < statement.before;
  return [
    ...balanceDifferences(statement, own),
    ...[...pairs.flatMap(pairDifferences), ...unknown.map(unknownOf)].sort((a, b) => (a.line ?? 0) - (b.line ?? 0)),
    ...left.filter(isOfPeriod).map(missingOf),
  ];
}

/** By the entry's own reference, then by the bank's, then by the order and trade that it names. Each counts once. */
function matchEntries(booked: readonly ReadEntry[], entries: readonly OwnEntry[]) {
  const pairs: Pair[] = [];
  let theirs: readonly ReadEntry[] = booked;
  let ours: readonly OwnEntry[] = entries;
  for (const route of ROUTES) {
    const byKey = Map.groupBy(
      ours.flatMap((entry) => route.ofOurs(entry).map((key) => ({ key, entry }))),
      ({ key }) => key,
    );
    const taken = new Set<OwnEntry>();
    const rest = theirs.filter((entry) => {
      const candidates = route.ofTheirs(entry).flatMap((key) => byKey.get(key) ?? []);
      const free = candidates.map((candidate) => candidate.entry).filter((candidate) => !taken.has(candidate));
      const match = free.find((candidate) => isSame(candidate, entry)) ?? (route.isExact ? free[0] : undefined);
      if (match === undefined) return true;
      taken.add(match);
      pairs.push({ theirs: entry, ours: match });
      return false;
    });
    theirs = rest;
    ours = ours.filter((entry) => !taken.has(entry));
  }
  return { pairs, unknown: theirs, left: ours };
}

const isSame = (ours: OwnEntry, theirs: ReadEntry): boolean => ours.amountFen === theirs.amountFen && ours.isCredit === theirs.isCredit;

type Route = {
  /** The key names one entry, whatever else differs; otherwise amount and direction have to agree too. */
  readonly isExact: boolean;
  readonly ofOurs: (entry: OwnEntry) => readonly string[];
  readonly ofTheirs: (entry: ReadEntry) => readonly string[];
};
const present = (texts: readonly (string | null)[]): readonly string[] => texts.filter((text) => text !== null);

/** References are held short: a bank may give back the whole id or the 35 characters that it was sent. */
const ROUTES: readonly Route[] = [
  { isExact: true, ofOurs: ({ ref }) => [isoId(ref)], ofTheirs: ({ ref }) => (ref === null ? [] : [isoId(ref)]) },
  {
    isExact: false,
    ofOurs: ({ source }) => [isoId(source)],
    ofTheirs: ({ servicerRef, details }) => present([servicerRef, ...details.map((each) => each.servicerRef)]).map(isoId),
  },
  {
    isExact: false,
    ofOurs: ({ orderId, tradeId }) => present([orderId, tradeId]).map(isoId),
    ofTheirs: ({ details }) => details.flatMap(({ endToEndId, txId, remittance }) => present([endToEndId, txId, ...remittance]).map(isoId)),
  },
];

const signed = ({ amountFen, isCredit }: Pick<OwnEntry, 'amountFen' | 'isCredit'>): string => String(isCredit ? amountFen : -amountFen);
const way = (isCredit: boolean): string => (isCredit ? 'CRDT' : 'DBIT');

function pairDifferences({ theirs, ours }: Pair): readonly Difference[] {
  const { ref, orderId, tradeId } = ours;
  const facts = { ref, line: theirs.line, orderId, tradeId };
  const ourDate = beijingDate(ours.at);
  return [
    ...(ours.amountFen === theirs.amountFen
      ? []
      : [{ ...facts, kind: 'amount_differs' as const, ours: String(ours.amountFen), theirs: String(theirs.amountFen) }]),
    ...(ours.isCredit === theirs.isCredit
      ? []
      : [{ ...facts, kind: 'direction_differs' as const, ours: way(ours.isCredit), theirs: way(theirs.isCredit) }]),
    ...(ourDate === theirs.bookedOn ? [] : [{ ...facts, kind: 'date_differs' as const, ours: ourDate, theirs: theirs.bookedOn }]),
  ];
}

function unknownOf(theirs: ReadEntry): Difference {
  const ref = theirs.ref ?? theirs.servicerRef ?? theirs.details[0]?.endToEndId ?? '';
  return { kind: 'missing_with_us', ref, line: theirs.line, orderId: null, tradeId: null, ours: null, theirs: signed(theirs) };
}

function missingOf(ours: OwnEntry): Difference {
  const { ref, orderId, tradeId } = ours;
  return { kind: 'missing_at_bank', ref, line: null, orderId, tradeId, ours: signed(ours), theirs: null };
}

function balanceDifferences({ openingFen, closingFen, line }: ReadStatement, own: OwnAccount): readonly Difference[] {
  const rows = [
    ['OPBD', own.openingFen, openingFen],
    ['CLBD', own.closingFen, closingFen],
  ] as const;
  return rows
    .filter(([, ours, theirs]) => ours !== theirs)
    .map(([ref, ours, theirs]) => ({
      kind: 'balance_differs',
      ref,
      line,
      orderId: null,
      tradeId: null,
      ours: String(ours),
      theirs: String(theirs),
    }));
}
