/** What a supervisor reads in its part of an envelope (`ledger.md` 15.1): field sets back to facts. All 16 fields of a set are open to it. */
import { Reader } from '#ledger/codec/reader.ts';
import { commitmentOf, type GrantedKey, openPart } from '#ledger/crypto/envelope.ts';
import { AUDIENCE, type Disclosure, decodeEnvelope, SLOT } from '#ledger/crypto/envelope-codec.ts';
import { FIELDS } from '#ledger/merkle/field-tree.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { fromUtf8 } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import type { PayFacts } from '#server/settlement/pay-fields.ts';

/** Of `pay`, with the inputs of the assessment as they stand in its extension. */
export type ReadPay = Omit<PayFacts, 'assessmentInput'> & { readonly currency: string; readonly assessmentInput: string };
export type ReadTerms = {
  readonly limitPriceFen: bigint;
  readonly currency: string;
  readonly feeBpsMax: number;
  readonly orderType: string;
  readonly timeInForce: string;
  /** Empty: for the kind that the order names. */
  readonly expression: string;
  readonly smallestFill: number;
};

export type OpenedEnvelope =
  | { readonly kind: 'opened'; readonly bySlot: ReadonlyMap<number, Disclosure> }
  /** `wrap_unknown`: no key of ours; everything else is a fault of the envelope. */
  | { readonly kind: 'rejected'; readonly code: 'wrap_unknown' | 'unreadable' };

/** Opens the supervisors' part with whichever key it was wrapped for. */
export function openForSupervisor(bytes: Uint8Array, ref: Uint8Array, keys: readonly GrantedKey[]): OpenedEnvelope {
  try {
    const envelope = decodeEnvelope(bytes);
    if (envelope.ref.some((byte, at) => byte !== ref[at])) return { kind: 'rejected', code: 'unreadable' };
    for (const key of keys) {
      const opened = openPart(envelope, AUDIENCE.supervisors, key);
      if (opened.kind === 'opened') {
        return { kind: 'opened', bySlot: new Map(opened.disclosures.map((disclosure) => [disclosure.slot, disclosure])) };
      }
      if (opened.code !== 'wrap_unknown') return { kind: 'rejected', code: 'unreadable' };
    }
    return { kind: 'rejected', code: 'wrap_unknown' };
  } catch (error) {
    if (error instanceof ParseError) return { kind: 'rejected', code: 'unreadable' };
    throw error;
  }
}

/** The commitment that the disclosure leads to; `null` when a field of it is hidden from us. */
export function committed(disclosure: Disclosure | undefined): Bytes | null {
  return disclosure === undefined || disclosure.open.length !== FIELDS ? null : commitmentOf(disclosure);
}

/** @throws {ParseError} when a value is not of its field's type */
export function readPay(disclosure: Disclosure): ReadPay {
  const at = valuesOf(disclosure);
  return {
    grossFen: read(at(1), (r) => r.u64()),
    currency: read(at(2), (r) => r.string()),
    feeFen: read(at(3), (r) => r.u64()),
    royaltyFen: read(at(4), (r) => r.u64()),
    taxLines: read(at(5), (r) => r.vec((each) => ({ id: each.string(), amountFen: each.u64() }), { smallest: 9 })),
    taxTotalFen: read(at(6), (r) => r.u64()),
    sellerNetFen: read(at(7), (r) => r.u64()),
    costBasisFen: at(8).length === 0 ? null : read(at(8), (r) => r.u64()),
    assessmentHash: read(at(9), (r) => r.b32()),
    paymentRef: read(at(10), (r) => r.string()),
    sellerRef: read(at(11), (r) => r.string()),
    buyerRef: read(at(12), (r) => r.string()),
    mechanism: read(at(13), (r) => r.string()),
    orderedAt: read(at(14), (r) => r.u64()),
    assessmentInput: at(15).length === 0 ? '' : read(at(15), (r) => fromUtf8(r.bytes())),
  };
}

/** @throws {ParseError} */
export function readTerms(disclosure: Disclosure): ReadTerms {
  const at = valuesOf(disclosure);
  return {
    limitPriceFen: read(at(1), (r) => r.u64()),
    currency: read(at(2), (r) => r.string()),
    feeBpsMax: read(at(5), (r) => r.u16()),
    orderType: read(at(3), (r) => r.string()),
    timeInForce: read(at(4), (r) => r.string()),
    expression: at(8).length === 0 ? '' : read(at(8), (r) => r.string()),
    smallestFill: at(9).length === 0 ? 1 : read(at(9), (r) => r.u16()),
  };
}

export type ReadIdentity = {
  readonly name: string;
  readonly idNumber: string;
  readonly isAdult: boolean;
  readonly level: number;
  readonly provider: string;
  readonly verifiedAt: bigint;
};

/** Set 3. @throws {ParseError} */
export function readIdentity(disclosure: Disclosure): ReadIdentity {
  const at = valuesOf(disclosure);
  return {
    name: read(at(1), (r) => r.string()),
    idNumber: read(at(3), (r) => r.string()),
    isAdult: read(at(4), (r) => r.u8()) === 1,
    level: read(at(5), (r) => r.u8()),
    provider: read(at(6), (r) => r.string()),
    verifiedAt: read(at(7), (r) => r.u64()),
  };
}

export const TRADE_SLOTS = [SLOT.pay, SLOT.sellTerms, SLOT.buyTerms] as const;

function valuesOf(disclosure: Disclosure): (id: number) => Bytes {
  const values = new Map(disclosure.open.map((field) => [field.id, field.value]));
  return (id) => {
    const value = values.get(id);
    if (value === undefined) throw new ParseError('field_hidden', { id });
    return value;
  };
}

function read<T>(value: Bytes, take: (reader: Reader) => T): T {
  const reader = new Reader(value);
  const found = take(reader);
  reader.end();
  return found;
}
