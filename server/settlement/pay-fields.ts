/** The private fields of a Trade (`ledger.md` 15.1, set 1): committed on the ledger, opened to parties and supervisors. */

import { encodeWith, type Writer } from '#ledger/codec/writer.ts';
import { FIELD_SETS, FIELDS, fieldRoot, type OpenField } from '#ledger/merkle/field-tree.ts';
import { type Bytes, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import type { Random } from '#server/random.ts';

export type PayFacts = {
  readonly grossFen: bigint;
  readonly feeFen: bigint;
  readonly royaltyFen: bigint;
  readonly taxLines: readonly { readonly id: string; readonly amountFen: bigint }[];
  readonly taxTotalFen: bigint;
  readonly sellerNetFen: bigint;
  readonly costBasisFen: bigint | null;
  readonly assessmentHash: Uint8Array;
  readonly paymentRef: string;
  readonly sellerRef: string;
  readonly buyerRef: string;
  readonly mechanism: string;
  readonly orderedAt: bigint;
  /** What the assessment was computed from (RFC 8785): the extension, so that a supervisor can compute it again. */
  readonly assessmentInput: string;
};

const EMPTY: Bytes = new Uint8Array(0);
const SALT_BYTES = 16;

function writeLines(writer: Writer, lines: PayFacts['taxLines']): void {
  writer.vec(lines, (w, line) => void w.string(line.id).u64(line.amountFen));
}
const u16 = (value: number): Bytes => encodeWith((writer: Writer, v: number) => void writer.u16(v), value);
const u64 = (value: bigint): Bytes => encodeWith((writer: Writer, v: bigint) => void writer.u64(v), value);
const text = (value: string): Bytes => encodeWith((writer: Writer, v: string) => void writer.string(v), value);

export type PayFields = { readonly fields: readonly OpenField[]; readonly root: Bytes };

export function payFields(facts: PayFacts, random: Random): PayFields {
  const values: readonly Bytes[] = [
    u16(1),
    u64(facts.grossFen),
    text('CNY'),
    u64(facts.feeFen),
    u64(facts.royaltyFen),
    encodeWith(writeLines, facts.taxLines),
    u64(facts.taxTotalFen),
    u64(facts.sellerNetFen),
    facts.costBasisFen === null ? EMPTY : u64(facts.costBasisFen),
    new Uint8Array(facts.assessmentHash),
    text(facts.paymentRef),
    text(facts.sellerRef),
    text(facts.buyerRef),
    text(facts.mechanism),
    u64(facts.orderedAt),
    encodeWith((writer: Writer, v: Bytes) => void writer.bytes(v), utf8(facts.assessmentInput)),
  ];
  const salts = random.bytes(SALT_BYTES * FIELDS);
  const fields = values.map((value, id) => ({ salt: salts.slice(id * SALT_BYTES, (id + 1) * SALT_BYTES), value }));
  return { fields, root: fieldRoot(FIELD_SETS.pay, fields) };
}

export function openedFields(
  fields: readonly OpenField[],
): readonly { readonly id: number; readonly salt: string; readonly value: string }[] {
  return fields.map(({ salt, value }, id) => ({ id, salt: toHex(salt), value: toHex(value) }));
}

/** Bytes of a document that the institution and we name alike. */
export function paymentRefOf(tradeId: string): string {
  return `split-${tradeId}`;
}
