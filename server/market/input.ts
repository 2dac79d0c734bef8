/** Shapes of what pages ask for. */
import { z } from 'zod';
import { parseAccountId, parseClassId, parseItemId, parseTradeId } from '#ledger/primitives/ids.ts';
import { RefusalError } from '#server/refusal.ts';
import type { SearchSort } from '#server/trpc/views.ts';

export const accountIdInput = z.string().max(64).transform(parseAccountId);
export const classIdInput = z.string().max(40).transform(parseClassId);
export const itemIdInput = z.string().max(40).transform(parseItemId);
export const tradeIdInput = z.string().max(40).transform(parseTradeId);
export const cursorInput = z.string().max(800).optional();
const fenInput = z.string().regex(/^\d{1,15}$/, 'an amount in fen');
const valuesInput = z.array(z.string().max(100)).max(100);

const SORTS = [
  'best_deal',
  'discount',
  'price_up',
  'price_down',
  'newest',
  'ending_soon',
  'most_traded',
  'fastest_sold',
  'rarity',
  'name',
] as const satisfies readonly SearchSort[];

export const searchInput = z.strictObject({
  text: z.string().max(100).optional(),
  game: z.string().max(60).optional(),
  category: valuesInput.optional(),
  rarity: valuesInput.optional(),
  where: z
    .record(
      z.string().max(60),
      z.union([valuesInput, z.strictObject({ min: z.number().finite().optional(), max: z.number().finite().optional() })]),
    )
    .optional(),
  expression: z.string().max(2_000).optional(),
  minFen: fenInput.optional(),
  maxFen: fenInput.optional(),
  listed: z.boolean().optional(),
  experiment: z.boolean().optional(),
  atOnce: z.boolean().optional(),
  transferable: z.boolean().optional(),
  sort: z.enum(SORTS).optional(),
  cursor: cursorInput,
});

const NOT_FOUND = {
  class_unknown: 'There is no such kind of item.',
  item_unknown: 'There is no such item.',
  trade_unknown: 'There is no such trade, or it is not yours.',
  experiment_unknown: 'There is no such experiment.',
  block_unknown: 'There is no such block yet.',
  entry_unknown: 'There is no such entry yet.',
  seller_unknown: 'Nobody of that account has offered anything here.',
  account_unknown: 'The ledger knows no such account.',
  tx_unknown: 'The ledger knows no such transaction.',
  job_unknown: 'There is no such import.',
  studio_unknown: 'There is no studio behind this certificate.',
  not_certified: 'The members have not certified this yet. Try again in a few seconds.',
} as const;

export type NotFoundCode = keyof typeof NOT_FOUND;

/** What a leaf that nobody has recorded is called. */
export const LEAF_UNKNOWN = { items: 'item_unknown', accounts: 'account_unknown', classes: 'class_unknown' } as const;
export const stateInput = z.strictObject({ register: z.enum(['items', 'accounts', 'classes']), id: z.string().max(70) });

/** @throws {RefusalError} */
export function found<T>(value: T | null, code: NotFoundCode): T {
  if (value === null) throw new RefusalError('not_found', code, NOT_FOUND[code]);
  return value;
}
