/** The private terms of an order (`ledger.md` 15.1, set 2): what the quote says, as the fields that the player's signature commits to. */
import { FIELD_SETS, FIELDS, fieldRoot, type OpenField } from '#ledger/merkle/field-tree.ts';
import { type Bytes, equalBytes, fromHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { termsValues } from '#ledger/tx/build-order.ts';
import type { OpenedField, QuoteDocument } from '#server/trpc/views.ts';

const EMPTY: Bytes = new Uint8Array(0);
const EXPRESSION = 8;

/** The 16 values that the terms of a quote must have, position = id. */
export function quotedTerms(quote: QuoteDocument, quoteHash: Uint8Array): readonly Bytes[] {
  return termsValues({
    limitPriceFen: BigInt(quote.priceFen),
    currency: 'CNY',
    orderType: quote.intent,
    timeInForce: quote.timeInForce,
    feeBpsMax: quote.feeBps,
    quoteHash,
    disclosureVersion: quote.disclosureVersion,
    expression: quote.expression,
    smallestFill: quote.smallestFill,
  });
}

/** All 16 fields in order of their ids. @throws {ParseError} `order_malformed` */
export function parseTerms(opened: readonly OpenedField[]): readonly OpenField[] {
  if (opened.length !== FIELDS) throw new ParseError('order_malformed', { field: 'terms' });
  return opened.map(({ id, salt, value }, index) => {
    if (id !== index) throw new ParseError('order_malformed', { field: 'terms', id });
    return { salt: fromHex(salt, 16), value: fromHex(value) };
  });
}

export function doTermsFit(fields: readonly OpenField[], expected: readonly Bytes[], root: Uint8Array): boolean {
  // An empty string may be written as such or left out: the expression of an order for one kind is both.
  const isLeftOut = (value: Uint8Array, id: number) => id === EXPRESSION && value.length === 0 && expected[id]?.length === 1;
  const fits = fields.every(({ value }, id) => equalBytes(value, expected[id] ?? EMPTY) || isLeftOut(value, id));
  return fits && equalBytes(fieldRoot(FIELD_SETS.terms, fields), root);
}
