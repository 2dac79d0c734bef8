/** What some of the people add to a replay. Parts are sums of whole amounts, so that their number and order cannot change a figure. */
import { beijingDate } from '#ledger/primitives/instant.ts';
import type { AllowedSet } from './allow.ts';
import { compareText, type ReplayFacts } from './facts.ts';
import type { Grouping, ReplayInputs } from './inputs.ts';
import { type Assessed, assessPerson, type LaterRefund, type PersonSide, type Sale, type WindowCount } from './ledger-of-person.ts';
import type { Rules } from './rules.ts';
import type { IsInScope } from './scope.ts';

export const CAUSES = ['BLOCKED', 'WINDOW', 'COST', 'BASE', 'RATE'] as const;
export type Cause = (typeof CAUSES)[number];

export type ReplayRow = {
  readonly tradeId: string;
  /** Set for an entry that a later refund makes. */
  readonly refundId: string | null;
  readonly lineId: string;
  readonly baselineFen: bigint;
  readonly draftFen: bigint;
  /** `null` only in detail ALL: nothing changed. */
  readonly cause: Cause | null;
};
export type Mismatch = { readonly tradeId: string; readonly lineId: string; readonly storedFen: string; readonly computedFen: string };

/** Baseline and draft beside each other. */
export type Pair = { baseline: bigint; draft: bigint };
/** `total` and each kind of line; `fee`, `royalty`, `sellerNet`. */
export type Columns = Map<string, Pair>;
export type PersonSum = { readonly personRef: string; readonly group: string; readonly baselineFen: bigint; readonly draftFen: bigint };

export type Part = {
  readonly columns: Columns;
  readonly groups: ReadonlyMap<Grouping, Map<string, Columns>>;
  readonly rows: ReplayRow[];
  readonly people: PersonSum[];
  readonly mismatches: Mismatch[];
  readonly dayLine: { readonly baseline: WindowSum; readonly draft: WindowSum };
  trades: number;
};
export type WindowSum = { taxable: number; crossings: number; reassessed: number };

export function emptyPart(groupBy: readonly Grouping[]): Part {
  const none = (): WindowSum => ({ taxable: 0, crossings: 0, reassessed: 0 });
  return {
    columns: new Map(),
    groups: new Map(groupBy.map((grouping) => [grouping, new Map<string, Columns>()])),
    rows: [],
    people: [],
    mismatches: [],
    dayLine: { baseline: none(), draft: none() },
    trades: 0,
  };
}

/** Sales by seller, each with its refunds; in order of arrival if the facts are. */
export function salesByPerson({ trades, gifts, refunds }: ReplayFacts): ReadonlyMap<string, readonly Sale[]> {
  const refundsOf = new Map<string, ReplayFacts['refunds'][number][]>();
  for (const refund of refunds) {
    const list = refundsOf.get(refund.tradeId);
    if (list === undefined) refundsOf.set(refund.tradeId, [refund]);
    else list.push(refund);
  }
  const people = new Map<string, Sale[]>();
  const add = (sale: Sale) => {
    const list = people.get(sale.sellerRef);
    if (list === undefined) people.set(sale.sellerRef, [sale]);
    else list.push(sale);
  };
  for (const trade of trades) {
    const { id, seq, txType, paidAt, sellerRef, buyerRef, classId, gameId, grossFen, stored } = trade;
    const own = refundsOf.get(id)?.toSorted((a, b) => a.at - b.at || compareText(a.id, b.id)) ?? [];
    const at = { at: paidAt, date: beijingDate(paidAt) };
    add({ id, seq, kind: 'trade', txType, ...at, sellerRef, buyerRef, classId, gameId, grossFen, trade, gift: null, stored, refunds: own });
  }
  for (const gift of gifts) {
    const { id, seq, givenAt, giverRef, classId, gameId, referencePriceFen, costFen, stored } = gift;
    const grossFen = referencePriceFen ?? costFen ?? 0n;
    const at = { at: givenAt, date: beijingDate(givenAt) };
    const parties = { sellerRef: giverRef, buyerRef: null };
    add({ id, seq, kind: 'gift', txType: 'GIFT', ...at, ...parties, classId, gameId, grossFen, trade: null, gift, stored, refunds: [] });
  }
  return people;
}

export type PersonGround = {
  readonly inputs: ReplayInputs;
  readonly rules: Rules;
  readonly allowed: AllowedSet;
  readonly groupOf: (personRef: string) => string;
  readonly isInScope: IsInScope;
};

/** Adds one person to a part. */
export function addPerson(part: Part, personRef: string, sales: readonly Sale[], ground: PersonGround): void {
  const { inputs, rules, allowed } = ground;
  const { period, options } = inputs;
  const isInside = (date: string) => date >= period.from && date < period.to;
  const removes = options.blocked === 'REMOVE';
  const baseline = assessPerson(sales, { side: 'baseline', rules, isRemoved: () => false, isInside });
  const draft = assessPerson(sales, { side: 'draft', rules, isRemoved: (id) => removes && allowed.blocked.has(id), isInside });
  const group = ground.groupOf(personRef);
  const { isInScope } = ground;
  const person: PersonState = { part, inputs, group, isInside, isInScope, baseline, draft, before: 0n, after: 0n };
  for (const sale of sales) addSale(person, sale);
  part.people.push({ personRef, group, baselineFen: person.before, draftFen: person.after });
  addWindows(part.dayLine.baseline, baseline.windows);
  addWindows(part.dayLine.draft, draft.windows);
}

function addWindows(sum: WindowSum, windows: readonly WindowCount[]): void {
  for (const { taxable, crossings, reassessed } of windows) {
    sum.taxable += taxable;
    sum.crossings += crossings;
    sum.reassessed += reassessed;
  }
}

type PersonState = {
  readonly part: Part;
  readonly inputs: ReplayInputs;
  readonly group: string;
  readonly isInside: (date: string) => boolean;
  readonly isInScope: IsInScope;
  readonly baseline: PersonSide;
  readonly draft: PersonSide;
  before: bigint;
  after: bigint;
};

function addSale(person: PersonState, sale: Sale): void {
  const { part, baseline, draft, isInside } = person;
  const before = baseline.sales.get(sale.id);
  if (before === undefined) return;
  const after = draft.sales.get(sale.id) ?? null;
  const isCounted = isInside(sale.date);
  if (isCounted) checkIdentity(part, sale, before);
  if (!person.isInScope(sale.gameId, sale.classId, sale.sellerRef)) return;
  if (isCounted) {
    part.trades += 1;
    addEntry(
      person,
      { sale, date: sale.date, refundId: null, before: momentOf(before), after: after === null ? null : momentOf(after) },
      before,
      after,
    );
  }
  // A refund reverses its order as that order was assessed: as recorded if the order lies before the period.
  const laterAfter = isCounted ? after : before;
  const refunds = new Map<string, { before: LaterRefund | null; after: LaterRefund | null }>();
  for (const each of before.later) refunds.set(each.refund.id, { before: each, after: null });
  for (const each of laterAfter?.later ?? [])
    refunds.set(each.refund.id, { before: refunds.get(each.refund.id)?.before ?? null, after: each });
  for (const [refundId, pair] of refunds) {
    const at = (pair.before ?? pair.after)?.refund.at;
    if (at === undefined || !isInside(beijingDate(at))) continue;
    const entry = { sale, date: beijingDate(at), refundId, before: changeOf(pair.before), after: changeOf(pair.after) };
    addEntry(person, entry, before, laterAfter);
  }
}

/** The baseline recomputed must be what was stored, to the fen. */
function checkIdentity(part: Part, sale: Sale, { program, lines }: Assessed): void {
  program.lines.forEach(({ id }, index) => {
    const stored = sale.stored.lines.find((line) => line.id === id)?.amountFen ?? null;
    const computed = lines.amounts[index] ?? 0n;
    if (stored === computed) return;
    part.mismatches.push({ tradeId: sale.id, lineId: id, storedFen: stored === null ? 'none' : `${stored}`, computedFen: `${computed}` });
  });
}

type Figures = {
  readonly amounts: ReadonlyMap<string, { readonly kind: string; readonly fen: bigint }>;
  readonly fee: bigint;
  readonly royalty: bigint;
  readonly net: bigint;
};
type Entry = {
  readonly sale: Sale;
  readonly date: string;
  readonly refundId: string | null;
  readonly before: Change | null;
  readonly after: Change | null;
};
/** Amounts by position in the program's lines. */
type Change = { readonly amounts: readonly bigint[]; readonly feeFen: bigint; readonly royaltyFen: bigint; readonly grossFen: bigint };

function momentOf({ lines, feeFen, royaltyFen, grossFen }: Assessed): Change {
  return { amounts: lines.amounts, feeFen, royaltyFen, grossFen };
}

function changeOf(later: LaterRefund | null): Change | null {
  if (later === null) return null;
  const { before, after } = later;
  return {
    amounts: after.lines.amounts.map((amount, index) => amount - (before.lines.amounts[index] ?? 0n)),
    feeFen: after.feeFen - before.feeFen,
    royaltyFen: after.royaltyFen - before.royaltyFen,
    grossFen: after.grossFen - before.grossFen,
  };
}

function figuresOf(change: Change | null, assessed: Assessed | null, isGift: boolean): Figures {
  const amounts = new Map<string, { readonly kind: string; readonly fen: bigint }>();
  let tax = 0n;
  if (change !== null) {
    assessed?.program.lines.forEach(({ id, kind }, index) => {
      const amount = change.amounts[index] ?? 0n;
      tax += amount;
      amounts.set(id, { kind, fen: amount });
    });
  }
  const { feeFen: fee = 0n, royaltyFen: royalty = 0n, grossFen: gross = 0n } = change ?? {};
  return { amounts, fee, royalty, net: (isGift ? 0n : gross) - fee - royalty - tax };
}

function addEntry(person: PersonState, entry: Entry, before: Assessed, after: Assessed | null): void {
  const { part, inputs, group } = person;
  const { sale, date, refundId } = entry;
  const isGift = sale.kind === 'gift';
  const was = figuresOf(entry.before, before, isGift);
  const is = figuresOf(entry.after, after, isGift);
  const targets = [
    part.columns,
    ...inputs.options.groupBy.map((grouping) => columnsOf(part, grouping, keyOf(grouping, sale, date, group))),
  ];
  const add = (column: string, from: bigint, to: bigint) => {
    for (const target of targets) addPair(target, column, from, to);
  };
  for (const lineId of new Set([...was.amounts.keys(), ...is.amounts.keys()])) {
    const [old, now] = [was.amounts.get(lineId), is.amounts.get(lineId)];
    const [from, to] = [old?.fen ?? 0n, now?.fen ?? 0n];
    add(old?.kind ?? now?.kind ?? lineId, from, to);
    add('total', from, to);
    person.before += from;
    person.after += to;
    const cause = from === to ? null : causeOf(lineId, before, after);
    if (inputs.options.detail === 'ALL' || (inputs.options.detail === 'CHANGED' && cause !== null)) {
      part.rows.push({ tradeId: sale.id, refundId, lineId, baselineFen: from, draftFen: to, cause });
    }
  }
  add('fee', was.fee, is.fee);
  add('royalty', was.royalty, is.royalty);
  add('sellerNet', was.net, is.net);
}

function keyOf(grouping: Grouping, sale: Sale, date: string, group: string): string {
  switch (grouping) {
    case 'day':
      return date;
    case 'game':
      return sale.gameId;
    case 'itemClass':
      return sale.classId;
    case 'payerGroup':
      return group;
  }
}

function columnsOf(part: Part, grouping: Grouping, key: string): Columns {
  const groups = part.groups.get(grouping);
  const known = groups?.get(key);
  if (known !== undefined) return known;
  const made: Columns = new Map();
  groups?.set(key, made);
  return made;
}

export function addPair(columns: Columns, column: string, baseline: bigint, draft: bigint): void {
  const pair = columns.get(column);
  if (pair === undefined) columns.set(column, { baseline, draft });
  else {
    pair.baseline += baseline;
    pair.draft += draft;
  }
}

/** The first that applies. */
function causeOf(lineId: string, before: Assessed, after: Assessed | null): Cause {
  if (after === null) return 'BLOCKED';
  if (before.isTaxable !== after.isTaxable) return 'WINDOW';
  if (before.mode !== after.mode || before.costFen !== after.costFen) return 'COST';
  return baseOf(before, lineId) === baseOf(after, lineId) ? 'RATE' : 'BASE';
}

function baseOf({ program, lines }: Assessed, lineId: string): bigint | null {
  const index = program.lines.findIndex(({ id }) => id === lineId);
  return lines.bases[index] ?? null;
}

/** Adds the second part to the first. */
export function mergeInto(sum: Part, part: Part): void {
  const addColumns = (target: Columns, from: Columns) => {
    for (const [column, { baseline, draft }] of from) addPair(target, column, baseline, draft);
  };
  addColumns(sum.columns, part.columns);
  for (const [grouping, groups] of part.groups) for (const [key, columns] of groups) addColumns(columnsOf(sum, grouping, key), columns);
  for (const row of part.rows) sum.rows.push(row);
  for (const person of part.people) sum.people.push(person);
  for (const mismatch of part.mismatches) sum.mismatches.push(mismatch);
  for (const side of ['baseline', 'draft'] as const) {
    sum.dayLine[side].taxable += part.dayLine[side].taxable;
    sum.dayLine[side].crossings += part.dayLine[side].crossings;
    sum.dayLine[side].reassessed += part.dayLine[side].reassessed;
  }
  sum.trades += part.trades;
}
