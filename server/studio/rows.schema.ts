/** Rows that studios send: one source for the REST API, its OpenAPI document and the imports. snake_case, ids and fen as strings. */
import { z } from 'zod';
import { SMALLEST_OFFER_BPS } from '../settlement/offer-thread.ts';

export const ref = z.string().min(1).max(200);
const nameText = z.string().trim().min(1).max(200);
export const names = z.strictObject({ zh: nameText.nullable().optional(), en: nameText }).meta({ id: 'Names' });

const attributeType = z.enum(['enum', 'integer', 'decimal', 'boolean', 'text', 'date']);
export const attributeDefinition = z
  .strictObject({
    key: z.string().regex(/^[a-z][A-Za-z0-9_]{0,39}$/),
    type: attributeType,
    label: names,
    unit: z.string().max(20).optional(),
    filterable: z.boolean().default(true),
    mutable: z.boolean().default(false).meta({ description: 'Whether the studio may change it on a single item later.' }),
    scale: z.int().min(0).max(9).optional().meta({ description: 'Decimals of a decimal attribute; every value keeps to them.' }),
  })
  .refine(({ type, scale }) => scale === undefined || type === 'decimal', { path: ['scale'], message: 'only a decimal has a scale' })
  .meta({ id: 'AttributeDefinition' });

const MINT_STEPS_MAX = 24;
export const mintSchedule = z
  .array(z.strictObject({ from: z.iso.datetime(), total: z.int().min(0) }))
  .max(MINT_STEPS_MAX)
  .refine((steps) => steps.every((step, at) => isLater(step, steps[at - 1])), {
    message: 'each step is later and larger than the one before',
  })
  .meta({
    id: 'MintSchedule',
    description: 'From each moment on at most so many units in all; before the first none. Empty: at any time as many as the cap allows.',
  });

type MintStepRow = { readonly from: string; readonly total: number };

function isLater(step: MintStepRow, before: MintStepRow | undefined): boolean {
  return before === undefined || (Date.parse(before.from) < Date.parse(step.from) && before.total < step.total);
}

export const attributeValue = z.union([z.string().max(64), z.number(), z.boolean()]);
const termFields = {
  royalty_bps: z.int().min(0).max(1000),
  fee_bps: z.int().min(0).max(10_000),
  publicity_hours: z.union([z.literal(0), z.literal(24), z.literal(72), z.literal(168)]),
  protection_hours: z.union([z.literal(72), z.literal(168)]),
  resale_wait_trading_days: z.int().min(0).max(365),
  is_collectible: z.boolean(),
  is_giftable: z.boolean(),
  is_resalable: z.boolean().meta({ description: 'Whether a player may sell it on.' }),
  mint_schedule: mintSchedule,
  smallest_offer_bps: z
    .int()
    .min(0)
    .max(10_000)
    .meta({ description: 'Share of a price below which no offer is taken, unless the listing says otherwise.' }),
};
export const classTerms = z
  .strictObject({
    royalty_bps: termFields.royalty_bps.default(200),
    fee_bps: termFields.fee_bps.default(500),
    publicity_hours: termFields.publicity_hours.default(0),
    protection_hours: termFields.protection_hours.default(168),
    resale_wait_trading_days: termFields.resale_wait_trading_days.default(0),
    is_collectible: termFields.is_collectible.default(false),
    is_giftable: termFields.is_giftable.default(true),
    is_resalable: termFields.is_resalable.default(true),
    mint_schedule: termFields.mint_schedule.default([]),
    smallest_offer_bps: termFields.smallest_offer_bps.default(SMALLEST_OFFER_BPS),
  })
  .meta({ id: 'ClassTerms' });
/** Only what changes against the terms in force. */
export const changedTerms = z.strictObject(termFields).partial().meta({ id: 'ChangedClassTerms' });

export const classRow = z
  .strictObject({
    class_ref: ref,
    name: names,
    description: names.optional(),
    category: z.string().min(1).max(60),
    type: z.string().min(1).max(60),
    type_zh: z.string().max(60).optional(),
    rarity: z.string().max(40).nullable().optional(),
    refinement: z.string().max(40).nullable().optional(),
    icon: z.string().regex(/^[a-z0-9-]{1,60}$/),
    kind: z.enum(['item', 'virtual_currency']).default('item'),
    is_interchangeable: z.boolean().default(false),
    origin: z.enum(['PLAY', 'PURCHASE', 'DRAW']).default('PLAY'),
    draw_table_sm3: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
    attributes: z.record(z.string(), attributeValue).default({}),
    contents: z
      .array(z.strictObject({ name: z.string().max(200), chance: z.number().min(0).max(100) }))
      .max(64)
      .default([]),
    supply_cap: z.int().positive().nullable().default(null),
    terms: classTerms.default(() => classTerms.parse({})),
  })
  .meta({ id: 'ItemClassRow' });

export const mintRow = z
  .strictObject({
    class_ref: ref,
    /** Account id, or `studio`. */
    to: z.union([z.string().regex(/^[0-9a-f]{64}$/), z.literal('studio')]),
    quantity: z.int().min(1).max(2000).default(1),
    item_refs: z.array(ref).max(2000).optional().meta({ description: 'One per unit; absent: {reference_id}/{row}/{unit} from 0.' }),
  })
  .meta({ id: 'MintRow' });
const blankRule = z.union([
  z.literal('absent'),
  z.literal('refuse'),
  z.strictObject({ default: z.union([z.string(), z.number(), z.boolean()]) }),
]);
const valueTable = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
const mappingRule = z.union([
  z.strictObject({ constant: z.union([z.string(), z.number(), z.boolean(), z.null()]) }),
  z.strictObject({
    path: z.string().meta({ description: 'Dotted path into the source row.' }),
    table: valueTable.optional(),
    blank: blankRule.default('absent'),
  }),
  z.strictObject({
    template: z.string().meta({ description: 'Text with {dotted.path} places; blank when a place is.' }),
    table: valueTable.optional(),
    blank: blankRule.default('absent'),
  }),
  z.strictObject({
    first: z
      .array(z.lazy((): z.ZodType => mappingRule))
      .min(1)
      .max(8)
      .meta({ description: 'The first rule that gives a value.' }),
  }),
  z.strictObject({ object: z.string().meta({ description: 'A path to an object that is taken whole, blanks left out.' }) }),
  z.strictObject({ list: z.string(), fields: z.record(z.string(), z.string()) }),
]);
export const importMapping = z.record(z.string(), mappingRule).meta({ id: 'ImportMapping' });

export type AttributeDefinitionRow = z.infer<typeof attributeDefinition>;
export type ClassTermsRow = z.infer<typeof classTerms>;
export type ChangedTermsRow = z.infer<typeof changedTerms>;
export type ClassRow = z.infer<typeof classRow>;
export type MintRow = z.infer<typeof mintRow>;
export type ImportMapping = z.infer<typeof importMapping>;
