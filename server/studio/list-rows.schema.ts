/** Rows that studios are answered: one source for what is read from the database and for the OpenAPI document. snake_case, ids and fen as
 *  strings. */
import { z } from 'zod';
import { ART_TYPES } from './art-format.ts';
import { attributeValue } from './rows.schema.ts';

export const fenText = z
  .string()
  .regex(/^-?[0-9]+$/)
  .meta({ id: 'Fen', description: 'An integer number of fen.' });
export const instantText = z.string().meta({ id: 'Instant', format: 'date-time', description: 'ISO 8601, UTC.' });
const countText = z
  .string()
  .regex(/^[0-9]+$/)
  .meta({ description: 'A number that may pass 2^53.' });
export const acctText = z.string().meta({ id: 'AccountId', description: 'Account id, 64 hex digits.' });

export const classListRow = z
  .object({
    ledger_serial: countText,
    class_id: z.string(),
    class_ref: z.string(),
    name_zh: z.string().nullable(),
    name_en: z.string(),
    is_certified: z.boolean(),
  })
  .meta({ id: 'ItemClass' });

export const itemListRow = z
  .object({
    ledger_serial: countText,
    item_id: z.string(),
    class_id: z.string(),
    class_ref: z.string(),
    item_ref: z.string(),
    owner: acctText,
    ver: countText,
  })
  .meta({ id: 'Item' });

export const tradeListRow = z
  .object({
    seq: countText,
    trade_id: z.string(),
    class_id: z.string(),
    class_ref: z.string(),
    mechanism: z.string(),
    quantity: z.int(),
    price_fen: fenText,
    gross_fen: fenText,
    royalty_fen: fenText,
    state: z.string().meta({ description: 'One of trade_state of /enums, or a later one.' }),
    settled_at: instantText,
    item_ids: z.array(z.string()),
  })
  .meta({ id: 'Trade' });

export const listingListRow = z
  .object({
    seq: countText,
    order_id: z.string(),
    class_id: z.string(),
    class_ref: z.string(),
    price_fen: fenText,
    placed_at: instantText,
    live_from: instantText,
    expires_at: instantText,
    item_ids: z.array(z.string()),
  })
  .meta({ id: 'Listing' });

export const hopRow = z
  .object({ act: z.enum(['issued', 'sold', 'given', 'returned', 'court']), at: instantText, from: acctText.nullable(), to: acctText })
  .meta({ id: 'Hop' });

const attributeValues = z.record(z.string(), attributeValue);
export const attributeHistoryRow = z
  .object({ at: instantText, before: attributeValues, after: attributeValues })
  .meta({ id: 'AttributeHistory' });

export const artRow = z
  .object({
    sm3: z.string(),
    media_sm3: z.string().meta({ description: 'What the ledger holds: the digest of path, sm3 and size.' }),
    media_type: z.enum(ART_TYPES),
    width: z.int(),
    height: z.int(),
    size: z.int(),
    set_at: instantText,
    tx_id: z.string(),
  })
  .meta({ id: 'Art' });

export const refusedRow = z.object({ row: z.int(), row_ref: z.string(), code: z.string() }).meta({ id: 'RefusedRow' });

export type ClassListRow = Readonly<z.infer<typeof classListRow>>;
export type ItemListRow = Readonly<z.infer<typeof itemListRow>>;
export type TradeListRow = Readonly<z.infer<typeof tradeListRow>>;
export type ListingListRow = Readonly<z.infer<typeof listingListRow>>;
export type HopRow = Readonly<z.infer<typeof hopRow>>;
export type ArtRow = Readonly<z.infer<typeof artRow>>;
export type RefusedRow = Readonly<z.infer<typeof refusedRow>>;
