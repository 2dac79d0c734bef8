/** An assessment as a document: what its hash covers, and how its inputs are kept and read back. */
import { canonicalBytes, canonicalText } from '#ledger/codec/canonical-json.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { fen } from '#ledger/primitives/fen.ts';
import { instant } from '#ledger/primitives/instant.ts';
import type { AssessInput, Assessment } from '#sandbox/tax/assessment.ts';
import { inputFromRecord, recordFromInput } from '#sandbox/tax/document.ts';

/** SM3 of the RFC 8785 document of what was assessed: pack, inputs, lines and totals; the trace follows from them. */
export function assessmentHash(assessment: Assessment): Bytes {
  return sm3(canonicalBytes(assessmentDocument(assessment)));
}

export function assessmentDocument(assessment: Assessment) {
  return {
    schema: 'daoju.assessment/1',
    packHash: assessment.packHash,
    input: inputDocument(assessment.input),
    lines: assessment.lines.map((line) => ({ id: line.id, amountFen: String(line.amountFen) })),
    salesFen: String(assessment.salesFen),
    feeFen: String(assessment.feeFen),
    royaltyFen: String(assessment.royaltyFen),
    gainFen: assessment.gainFen === null ? null : String(assessment.gainFen),
    taxTotalFen: String(assessment.taxTotalFen),
    sellerAfterAllFen: String(assessment.sellerAfterAllFen),
  };
}

/** The input as JSON; amounts are strings. `parseInputDocument` reads it back. */
export function inputDocument(input: AssessInput) {
  const text = (amount: bigint | null) => (amount === null ? null : String(amount));
  return {
    txType: input.txType,
    paidAt: Number(input.paidAt),
    grossFen: String(input.grossFen),
    feeBps: input.feeBps,
    royaltyBps: input.royaltyBps,
    feeFen: text(input.feeFen),
    royaltyFen: text(input.royaltyFen),
    basis:
      input.basis === null
        ? null
        : { mode: input.basis.mode, costFen: text(input.basis.costFen), source: input.basis.source, flags: [...input.basis.flags] },
    window:
      input.window.kind === 'total'
        ? { kind: 'total', totalFen: String(input.window.totalFen) }
        : { kind: 'frozen', isTaxable: input.window.isTaxable },
    place: input.place,
    vatStatus: input.vatStatus,
    flags: [...input.flags],
  };
}
export type InputDocument = ReturnType<typeof inputDocument>;

export function parseInputDocument(document: InputDocument): AssessInput {
  const amount = (value: string | null) => (value === null ? null : fen(BigInt(value)));
  const { basis, window } = document;
  return {
    txType: document.txType,
    paidAt: instant(document.paidAt),
    grossFen: fen(BigInt(document.grossFen)),
    feeBps: document.feeBps,
    royaltyBps: document.royaltyBps,
    feeFen: amount(document.feeFen),
    royaltyFen: amount(document.royaltyFen),
    basis: basis === null ? null : { mode: basis.mode, costFen: amount(basis.costFen), source: basis.source, flags: basis.flags },
    window:
      window.kind === 'total'
        ? { kind: 'total', totalFen: fen(BigInt(window.totalFen ?? '0')) }
        : { kind: 'frozen', isTaxable: window.isTaxable ?? false },
    place: document.place,
    vatStatus: document.vatStatus,
    flags: document.flags,
  };
}

/** What `pay` carries in its extension, so that a supervisor can assess again what it cannot look up (`ledger.md` 15.3). */
export function inputText(input: AssessInput): string {
  return canonicalText(recordFromInput(input));
}

/** Null for a text that is no input, from whoever sealed it. */
export function parseInputText(text: string): AssessInput | null {
  try {
    const record: unknown = JSON.parse(text);
    return isRecord(record) ? inputFromRecord(record) : null;
  } catch (error) {
    if (error instanceof ParseError || error instanceof SyntaxError) return null;
    throw error;
  }
}

function isRecord(value: unknown): value is Parameters<typeof inputFromRecord>[0] {
  return typeof value === 'object' && value !== null && Object.values(value).every((each) => each === null || typeof each !== 'object');
}
