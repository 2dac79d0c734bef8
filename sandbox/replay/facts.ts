/** What a replay takes in: recorded attempts, trades, gifts and refunds of people without names (rulebook 6.8). Rows come in any order;
 *  their digest is over the canonical rows in order, so that one changed byte changes it. */
import { canonicalText, type Json } from '#ledger/codec/canonical-json.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { toHex, utf8 } from '#ledger/primitives/bytes.ts';
import type { Fen } from '#ledger/primitives/fen.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Attempt, DecisionFacts } from '../decisions/decision.ts';
import type { BasisFacts } from '../tax/basis.ts';

export type ExperimentArm = { readonly id: string; readonly arm: string };

/** One order or gift as it was decided. */
export type AttemptFact = {
  readonly id: string;
  /** The order, when one came of it: what trades refer to. Of a gift its own id. */
  readonly orderId: string | null;
  readonly attempt: Attempt;
  readonly facts: DecisionFacts;
  readonly experiment: ExperimentArm | null;
  readonly recorded: { readonly kind: 'allow' | 'deny' | 'review'; readonly codes: readonly string[]; readonly packHash: string };
  /** What became of it: `placed`, or why it was not. */
  readonly outcome: string;
  /** Of an order that came of it: until when it stood, and the orders that ended when it came. Absent: it never stood open. */
  readonly standing?: { readonly endedAt: Instant | null; readonly replaces: readonly string[] };
};

/** Lines as stored with the final assessment. */
export type StoredLines = {
  readonly packHash: string;
  readonly isTaxable: boolean;
  readonly lines: readonly { readonly id: string; readonly amountFen: Fen }[];
};

export type TradeFact = {
  readonly id: string;
  /** Order of arrival. */
  readonly seq: bigint;
  readonly txType: 'P2P' | 'P2B' | 'PRIMARY';
  readonly paidAt: Instant;
  readonly sellerRef: string;
  readonly buyerRef: string;
  readonly sellOrderId: string;
  readonly buyOrderId: string;
  readonly classId: string;
  readonly gameId: string;
  readonly itemIds: readonly string[];
  readonly grossFen: Fen;
  readonly feeBps: number;
  readonly royaltyBps: number;
  readonly basis: BasisFacts;
  readonly place: string;
  readonly vatStatus: string;
  readonly experiment: ExperimentArm | null;
  readonly flags: readonly string[];
  readonly stored: StoredLines;
};

export type GiftFact = {
  readonly id: string;
  readonly seq: bigint;
  readonly givenAt: Instant;
  readonly giverRef: string;
  readonly classId: string;
  readonly gameId: string;
  readonly referencePriceFen: Fen | null;
  readonly costFen: Fen | null;
  readonly place: string;
  readonly stored: StoredLines;
};

export type RefundFact = {
  readonly id: string;
  readonly seq: bigint;
  readonly tradeId: string;
  readonly at: Instant;
  readonly amountFen: Fen;
  readonly feeReturned: boolean;
  readonly royaltyReturned: boolean;
};

/** What a ceiling counts: the market counts what was dealt, whatever became of it. */
export type DealtFact = Pick<
  TradeFact,
  'id' | 'txType' | 'paidAt' | 'sellerRef' | 'buyerRef' | 'sellOrderId' | 'buyOrderId' | 'itemIds' | 'grossFen'
>;
/** A trade that the members refused and the market undid: it never came to be, so that nothing of it is taxed, on no side. */
export type UndoneFact = DealtFact & Pick<TradeFact, 'classId' | 'gameId'>;

/** A sale of somebody who sells in the period: also from before it, as far as the year's lines reach back. */
export type SellerSaleFact = {
  readonly tradeId: string;
  readonly sellerRef: string;
  readonly at: Instant;
  /** When it was taken back. */
  readonly reversedAt: Instant | null;
  readonly grossFen: Fen;
  readonly items: number;
  /** Of them bought here by the seller. */
  readonly itemsBought: number;
};

/** What a payer is counted under; told by the reader of the facts, never a name. */
export type PersonFact = { readonly personRef: string; readonly group: string };

export type ReplayFacts = {
  /** As of one ledger height and feed number; the time only tells which periods are over. */
  readonly asOf: { readonly at: Instant; readonly ledgerHeight: bigint; readonly feedSeq: bigint };
  /** Beijing dates `[from, to)` that these rows cover without a hole, and the holes that are known. */
  readonly coverage: {
    readonly from: string;
    readonly to: string;
    readonly gaps: readonly { readonly from: string; readonly to: string; readonly what: string }[];
  };
  readonly people: readonly PersonFact[];
  readonly attempts: readonly AttemptFact[];
  readonly trades: readonly TradeFact[];
  readonly gifts: readonly GiftFact[];
  readonly refunds: readonly RefundFact[];
  /** Left out of the trades, and told. Absent: none. */
  readonly undone?: readonly UndoneFact[];
  /** From that Beijing date on. Absent: the year's lines are not counted. */
  readonly sellerYears?: { readonly from: string; readonly sales: readonly SellerSaleFact[] };
};

/** The same facts in the one order that counts: attempts by time and id, the rest by arrival. */
export function inOrder(facts: ReplayFacts): ReplayFacts {
  const bySeq = <T extends { readonly seq: bigint; readonly id: string }>(rows: readonly T[]): readonly T[] =>
    rows.toSorted((a, b) => (a.seq < b.seq ? -1 : a.seq > b.seq ? 1 : compareText(a.id, b.id)));
  return {
    ...facts,
    people: facts.people.toSorted((a, b) => compareText(a.personRef, b.personRef)),
    attempts: facts.attempts.toSorted((a, b) => a.attempt.at - b.attempt.at || compareText(a.id, b.id)),
    trades: bySeq(facts.trades),
    gifts: bySeq(facts.gifts),
    refunds: bySeq(facts.refunds),
    ...(facts.undone === undefined ? {} : { undone: facts.undone.toSorted((a, b) => a.paidAt - b.paidAt || compareText(a.id, b.id)) }),
    ...(facts.sellerYears === undefined
      ? {}
      : {
          sellerYears: {
            from: facts.sellerYears.from,
            sales: facts.sellerYears.sales.toSorted((a, b) => a.at - b.at || compareText(a.tradeId, b.tradeId)),
          },
        }),
  };
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const CHUNK_ROWS = 512;

/** SM3 over the SM3 of each chunk of canonical rows, lower-case hex. Facts must stand in order (`inOrder`). */
export function factsHash(facts: ReplayFacts): string {
  const { asOf, coverage } = facts;
  const head: Json = {
    schema: 'daoju.replay-facts/1',
    asOf: { ledgerHeight: `${asOf.ledgerHeight}`, feedSeq: `${asOf.feedSeq}` },
    coverage: { from: coverage.from, to: coverage.to, gaps: coverage.gaps.map((gap) => ({ ...gap })) },
    ...(facts.sellerYears === undefined ? {} : { sellerYearsFrom: facts.sellerYears.from }),
  };
  const digests = [sm3(utf8(canonicalText(head)))];
  for (const [kind, rows] of factRows(facts)) {
    for (let first = 0; first < rows.length; first += CHUNK_ROWS) {
      const text = rows.slice(first, first + CHUNK_ROWS).map((row) => `${kind} ${rowText(row)}\n`);
      digests.push(sm3(utf8(text.join(''))));
    }
  }
  return toHex(sm3(...digests));
}

export const FACT_KINDS = ['person', 'attempt', 'trade', 'gift', 'refund', 'sellerSale', 'undone'] as const;

/** Every row, kind by kind, in the order of the digest. */
export function factRows(facts: ReplayFacts): readonly (readonly [(typeof FACT_KINDS)[number], readonly object[]])[] {
  return [
    ['person', facts.people],
    ['attempt', facts.attempts],
    ['trade', facts.trades],
    ['gift', facts.gifts],
    ['refund', facts.refunds],
    ['sellerSale', facts.sellerYears?.sales ?? []],
    ['undone', facts.undone ?? []],
  ];
}

/** Keys in order, amounts and numbers of arrival as digits. Texts are ours (ids, codes), so JSON's own escapes are canonical. */
export function rowText(value: unknown): string {
  if (typeof value === 'bigint') return `"${value}"`;
  if (Array.isArray(value)) return `[${value.map(rowText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = new Map<string, unknown>(Object.entries(value));
  let text = '{';
  // Default sort is by UTF-16 code units, as RFC 8785 asks.
  for (const key of [...fields.keys()].sort()) {
    const field = fields.get(key);
    if (field === undefined) continue;
    if (text.length > 1) text += ',';
    text += `"${key}":${rowText(field)}`;
  }
  return `${text}}`;
}
