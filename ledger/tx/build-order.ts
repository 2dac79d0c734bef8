/** Builds an Order and its committed terms (`ledger.md` 6.1, 15.1 set 2) where the signer is: browser, SDK or demonstration client. */
import type { Order } from '#ledger/codec/order.ts';
import { encodeWith, type Writer } from '#ledger/codec/writer.ts';
import { FIELD_SETS, FIELDS, fieldRoot, type OpenField } from '#ledger/merkle/field-tree.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';

export interface OrderTerms {
  /** Price of one unit, in fen. */
  readonly limitPriceFen: bigint;
  readonly currency: string;
  readonly orderType: string;
  readonly timeInForce: string;
  readonly feeBpsMax: number;
  /** 32 bytes: what the signer was shown. */
  readonly quoteHash: Uint8Array;
  readonly disclosureVersion: string;
  readonly expression: string;
  readonly smallestFill: number;
}

const SCHEMA = 1;
const EMPTY: Bytes = new Uint8Array(0);
const u16 = (value: number): Bytes => encodeWith((writer: Writer, v: number) => writer.u16(v), value);
const u64 = (value: bigint): Bytes => encodeWith((writer: Writer, v: bigint) => writer.u64(v), value);
const text = (value: string): Bytes => encodeWith((writer: Writer, v: string) => writer.string(v), value);

/** The 16 values of set 2, position = id; unused ones are empty. */
export function termsValues(terms: OrderTerms): readonly Bytes[] {
  const values = [
    u16(SCHEMA),
    u64(terms.limitPriceFen),
    text(terms.currency),
    text(terms.orderType),
    text(terms.timeInForce),
    u16(terms.feeBpsMax),
    new Uint8Array(terms.quoteHash),
    text(terms.disclosureVersion),
    text(terms.expression),
    u16(terms.smallestFill),
  ];
  return Array.from({ length: FIELDS }, (_, id) => values[id] ?? EMPTY);
}

/** A fresh salt for every field; the opened fields go beside the order, their root into it. */
export function commitTerms(
  terms: OrderTerms,
  random: (length: number) => Uint8Array,
): { readonly root: Bytes; readonly fields: readonly OpenField[] } {
  const fields = termsValues(terms).map((value) => ({ salt: random(16), value }));
  return { root: fieldRoot(FIELD_SETS.terms, fields), fields };
}

export interface OrderDraft {
  readonly chain: Uint8Array;
  readonly acct: Uint8Array;
  readonly side: 'sell' | 'buy';
  readonly cls: number;
  /** A sell order names each Item with its version; a buy order none, or the wanted ones with version 0. */
  readonly items: readonly { readonly serial: bigint; readonly ver: bigint }[];
  readonly quantity: number;
  /** Milliseconds since 1970. */
  readonly notBefore: bigint;
  readonly notAfter: bigint;
  readonly termsRoot: Uint8Array;
  /** The only account that may be the other side; absent: anybody. */
  readonly counterparty?: Uint8Array | null;
}

export function buildOrder(draft: OrderDraft, random: (length: number) => Uint8Array): Order {
  return {
    chain: new Uint8Array(draft.chain),
    salt: new Uint8Array(random(16)),
    acct: new Uint8Array(draft.acct),
    side: draft.side === 'sell' ? 0 : 1,
    cls: draft.cls,
    items: [...draft.items].sort((a, b) => (a.serial < b.serial ? -1 : a.serial > b.serial ? 1 : 0)),
    quantity: draft.quantity,
    counterparty: draft.counterparty ? new Uint8Array(draft.counterparty) : null,
    notBefore: draft.notBefore,
    notAfter: draft.notAfter,
    terms: new Uint8Array(draft.termsRoot),
  };
}
