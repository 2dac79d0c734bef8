/** What order and quote procedures take, read once. A quote goes through unchanged: its hash covers every field of it. */
import { z } from 'zod';
import { ParseError } from '#ledger/primitives/errors.ts';
import {
  type ClassId,
  type ItemId,
  type OrderId,
  parseAccountId,
  parseClassId,
  parseItemId,
  parseOrderId,
  parseReferenceId,
} from '#ledger/primitives/ids.ts';
import { parseSaleId } from '#server/settlement/sale-id.ts';
import type {
  CancelOrderInput,
  FenText,
  OrderIntent,
  PayFrom,
  PlaceOrderInput,
  QuoteDocument,
  ReplaceOrderInput,
  TimeInForce,
} from '../views.ts';

/** A parser of ours as a field of zod: its code becomes the issue. */
export function parsed<T>(parse: (input: unknown) => T) {
  return z.unknown().transform((value, ctx): T => {
    try {
      return parse(value);
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      ctx.addIssue({ code: 'custom', message: error.code });
      return z.NEVER;
    }
  });
}

const QUANTITY_MAX = 10_000;
const ORDER_HEX_MAX = 6_000;
const hex = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^(?:[0-9a-f]{2})*$/);
const fenText = z.string().regex(/^(?:0|-?[1-9][0-9]{0,18})$/);
const iso = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const serial = z.string().regex(/^(?:0|[1-9][0-9]{0,18})$/);
const whole = (max: number) => z.number().int().min(0).max(max);

export const intent = z.enum([
  'listing',
  'buy_order',
  'take_listing',
  'serve_buy_order',
  'matched',
  'offer',
  'counter',
  'accept_offer',
  'accept_counter',
]);
const timeInForce = z.enum(['gtc', 'ioc', 'fok']);
const payFrom = z.enum(['balance', 'outside']);

const quoteInput = z.strictObject({
  intent,
  classId: parsed(parseClassId),
  itemIds: z.array(parsed(parseItemId)).max(32).optional(),
  targetOrderId: parsed(parseOrderId).nullish(),
  priceFen: fenText,
  quantity: z.number().int().min(1).max(QUANTITY_MAX),
  timeInForce: timeInForce.optional(),
  payFrom: payFrom.optional(),
  replaces: parsed(parseOrderId).nullish(),
  expression: z.string().max(4_000).optional(),
  smallestFill: z.number().int().min(1).max(QUANTITY_MAX).optional(),
  lifeDays: z.number().int().min(0).max(1_000).optional(),
  namedBuyer: z.string().trim().max(80).optional(),
  lifeHours: z.number().int().min(0).max(10_000).optional(),
  smallestOfferFen: fenText.optional(),
});

const quoteDocument = z.strictObject({
  quoteId: z.string().max(80),
  chain: hex(64),
  intent,
  side: z.enum(['sell', 'buy']),
  mechanism: z.enum(['fixed_price', 'negotiated', 'price_time']),
  acct: parsed(parseAccountId),
  keyEpoch: whole(0xffff_ffff),
  keyIdx: whole(255),
  classId: parsed(parseClassId),
  classSerial: whole(0xffff_ffff),
  items: z.array(z.strictObject({ itemId: parsed(parseItemId), serial, ver: serial })).max(32),
  targetOrderId: parsed(parseOrderId).nullable(),
  replaces: parsed(parseOrderId).nullable(),
  namedBuyer: parsed(parseAccountId).nullable().optional(),
  namedSeller: parsed(parseAccountId).optional(),
  offerUntil: iso.optional(),
  smallestOfferFen: fenText.optional(),
  experimentId: z.string().max(40).nullable(),
  timeInForce,
  payFrom,
  expression: z.string().max(1_020),
  smallestFill: whole(QUANTITY_MAX),
  quantity: whole(QUANTITY_MAX),
  priceFen: fenText,
  grossFen: fenText,
  feeFen: fenText,
  royaltyFen: fenText,
  feeBps: whole(10_000),
  royaltyBps: whole(10_000),
  youPayFen: fenText,
  youReceiveFen: fenText,
  costBasisFen: fenText.nullable(),
  costSource: z.string().max(40).nullable(),
  estimatedLines: z.array(z.strictObject({ id: z.string().max(40), amountFen: fenText })).max(40),
  estimatedTaxFen: fenText,
  leftAfterAllFen: fenText,
  dayLine: z
    .strictObject({
      reaches: z.boolean(),
      salesBeforeFen: fenText,
      lineFen: fenText,
      reassessedTradeIds: z.array(parsed(parseSaleId)).max(200),
    })
    .nullable(),
  payoutAt: iso.nullable(),
  payoutHold: z.literal('new_instrument').optional(),
  transferableFrom: iso.nullable(),
  packHash: hex(64),
  disclosureVersion: z.string().max(20),
  orderNotBefore: iso,
  orderNotAfter: iso,
  issuedAt: iso,
  expiresAt: iso,
}) satisfies z.ZodType<QuoteDocument>;

const placeInput = z.strictObject({
  referenceId: parsed(parseReferenceId),
  intent,
  targetOrderId: parsed(parseOrderId).nullable(),
  signedOrder: hex(ORDER_HEX_MAX),
  terms: z.array(z.strictObject({ id: whole(15), salt: hex(32), value: hex(2_048) })).length(16),
  quote: z.strictObject({ document: quoteDocument, sig: hex(128) }),
}) satisfies z.ZodType<PlaceOrderInput>;

/** 100 rows, one passphrase, one batch signature (P-26). */
const placeManyInput = z.strictObject({ rows: z.array(placeInput).min(1).max(100) });

const cancelInput = z.strictObject({
  referenceId: parsed(parseReferenceId),
  orderId: parsed(parseOrderId),
  signedCancel: hex(8_000),
});

const replaceInput = z.strictObject({
  referenceId: parsed(parseReferenceId),
  cancel: cancelInput.omit({ referenceId: true }),
  place: placeInput.omit({ referenceId: true }),
}) satisfies z.ZodType<ReplaceOrderInput>;

/** What a client writes; the procedure gives it its defaults. */
export type QuoteInput = {
  readonly intent: OrderIntent;
  readonly classId: ClassId;
  readonly itemIds?: readonly ItemId[] | undefined;
  readonly targetOrderId?: OrderId | null | undefined;
  readonly priceFen: FenText;
  readonly quantity: number;
  readonly timeInForce?: TimeInForce | undefined;
  readonly payFrom?: PayFrom | undefined;
  readonly replaces?: OrderId | null | undefined;
  readonly expression?: string | undefined;
  readonly smallestFill?: number | undefined;
  /** Of an order that rests. */
  readonly lifeDays?: number | undefined;
  /** Of a listing for one person: account id, or name on the platform. */
  readonly namedBuyer?: string | undefined;
  /** Of an offer or a counter. */
  readonly lifeHours?: number | undefined;
  /** Of a listing, for one unit; absent: half of its price. */
  readonly smallestOfferFen?: FenText | undefined;
};

export const parseQuoteInput = (input: unknown): QuoteInput => quoteInput.parse(input);
export const parsePlaceOrder = (input: unknown): PlaceOrderInput => placeInput.parse(input);
export const parsePlaceMany = (input: unknown): { readonly rows: readonly PlaceOrderInput[] } => placeManyInput.parse(input);
export const parseReplaceOrder = (input: unknown): ReplaceOrderInput => replaceInput.parse(input);
export const parseCancelOrder = (input: unknown): CancelOrderInput => cancelInput.parse(input);
