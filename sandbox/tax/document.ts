/** The assessment as a document: what is hashed (`assessmentHash` on the ledger, RFC 8785), what a browser computes again, and how the
 *  two are compared. Words of the trace are left out of the hash, so that a better sentence does not change a past assessment. */
import { canonicalBytes, type Json } from '#ledger/codec/canonical-json.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { type Fen, parseFen } from '#ledger/primitives/fen.ts';
import { parseInstant, toIso } from '#ledger/primitives/instant.ts';
import { type RulePack, TX_TYPES } from '../packs/rule-pack.ts';
import { assess } from './assess.ts';
import type { AssessInput, Assessment, Basis } from './assessment.ts';

/** A flat record: one row in a table of facts, and the argument of `inputFromRecord`. */
export type InputRecord = Readonly<Record<string, string | number | boolean | null>>;

export function recordFromInput(input: AssessInput): InputRecord {
  const { basis, window } = input;
  return {
    txType: input.txType,
    paidAt: toIso(input.paidAt),
    grossFen: `${input.grossFen}`,
    feeBps: input.feeBps,
    royaltyBps: input.royaltyBps,
    feeFen: textOrNull(input.feeFen),
    royaltyFen: textOrNull(input.royaltyFen),
    basisMode: basis?.mode ?? null,
    basisSource: basis?.source ?? null,
    costFen: textOrNull(basis?.costFen ?? null),
    basisFlags: basis?.flags.join(' ') ?? '',
    windowTotalFen: window.kind === 'total' ? `${window.totalFen}` : null,
    windowIsTaxable: window.kind === 'frozen' ? window.isTaxable : null,
    place: input.place,
    vatStatus: input.vatStatus,
    flags: input.flags.join(' '),
  };
}

/** @throws {ParseError} `assess_input_malformed` or the code of the field */
export function inputFromRecord(record: InputRecord): AssessInput {
  const mode = optional(record, 'basisMode', ['COST', 'FIXED_COST', 'ZERO_COST', 'PCT_OF_REVENUE'] as const);
  const source = optional(record, 'basisSource', BASIS_SOURCES);
  const basis: Basis | null =
    mode === null || source === null ? null : { mode, source, costFen: fenOrNull(record.costFen), flags: words(record.basisFlags) };
  return {
    txType: oneOf(record, 'txType', TX_TYPES),
    paidAt: parseInstant(record.paidAt),
    grossFen: parseFen(record.grossFen),
    feeBps: bps(record, 'feeBps'),
    royaltyBps: bps(record, 'royaltyBps'),
    feeFen: fenOrNull(record.feeFen),
    royaltyFen: fenOrNull(record.royaltyFen),
    basis,
    window:
      typeof record.windowIsTaxable === 'boolean'
        ? { kind: 'frozen', isTaxable: record.windowIsTaxable }
        : { kind: 'total', totalFen: parseFen(record.windowTotalFen) },
    place: word(record, 'place'),
    vatStatus: word(record, 'vatStatus'),
    flags: words(record.flags),
  };
}

const BASIS_SOURCES = ['PLATFORM_RECORD', 'VOUCHER', 'TAX_OFFICE', 'EARNED', 'GIFT_RECEIVED', 'NONE', 'STATED'] as const;

export function assessmentDocument(assessment: Assessment): Json {
  return {
    schema: 'daoju.assessment/1',
    packId: assessment.packId,
    packVersion: assessment.packVersion,
    packHash: assessment.packHash,
    input: recordFromInput(assessment.input),
    isTaxable: assessment.isTaxable,
    salesFen: `${assessment.salesFen}`,
    feeFen: `${assessment.feeFen}`,
    royaltyFen: `${assessment.royaltyFen}`,
    gainFen: textOrNull(assessment.gainFen),
    lines: assessment.lines.map(({ id, amountFen, baseFen, rate }) => ({
      id,
      amountFen: `${amountFen}`,
      baseFen: `${baseFen}`,
      rate,
    })),
    taxTotalFen: `${assessment.taxTotalFen}`,
    sellerAfterAllFen: `${assessment.sellerAfterAllFen}`,
    flags: assessment.flags,
  };
}

/** SM3 of the document's RFC 8785 bytes, lower-case hex: field 9 of `pay` (`ledger.md` 15.1). */
export function assessmentHash(assessment: Assessment): string {
  return toHex(sm3(canonicalBytes(assessmentDocument(assessment))));
}

export type Recomputed =
  | { readonly kind: 'same' }
  | { readonly kind: 'different'; readonly line: string; readonly recorded: string; readonly computed: string };

/** Runs the pack on recorded inputs and compares line by line: *compute again* (product V-07), and the check of a supervising member. */
export function computeAgain(
  recorded: { readonly inputs: InputRecord; readonly lines: readonly { readonly id: string; readonly amountFen: string }[] },
  pack: RulePack,
): Recomputed {
  const answer = assess(inputFromRecord(recorded.inputs), pack);
  if (answer.kind === 'rejected') return { kind: 'different', line: 'pack', recorded: 'assessed', computed: answer.code };
  const { lines } = answer.assessment;
  for (let i = 0; i < Math.max(lines.length, recorded.lines.length); i++) {
    const ours = lines[i];
    const theirs = recorded.lines[i];
    const computed = ours === undefined ? '' : `${ours.id} ${ours.amountFen}`;
    const written = theirs === undefined ? '' : `${theirs.id} ${theirs.amountFen}`;
    if (computed !== written) return { kind: 'different', line: ours?.id ?? theirs?.id ?? '', recorded: written, computed };
  }
  return { kind: 'same' };
}

function textOrNull(amount: Fen | null): string | null {
  return amount === null ? null : `${amount}`;
}
function fenOrNull(value: unknown): Fen | null {
  return value === null || value === undefined ? null : parseFen(value);
}
function words(value: unknown): readonly string[] {
  return typeof value === 'string' && value !== '' ? value.split(' ') : [];
}
/** Whether the pack knows the word shows when it is assessed. */
function word(record: InputRecord, key: string): string {
  const value = record[key];
  if (typeof value === 'string' && /^[A-Z][A-Z_]{0,31}$/.test(value)) return value;
  throw new ParseError('assess_input_malformed', { field: key });
}
function bps(record: InputRecord, key: string): number {
  const value = record[key];
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 10_000) return value;
  throw new ParseError('assess_input_malformed', { field: key });
}
function oneOf<const T extends string>(record: InputRecord, key: string, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === record[key]);
  if (found === undefined) throw new ParseError('assess_input_malformed', { field: key });
  return found;
}
function optional<const T extends string>(record: InputRecord, key: string, allowed: readonly T[]): T | null {
  return record[key] === null || record[key] === undefined ? null : oneOf(record, key, allowed);
}
