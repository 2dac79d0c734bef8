/** Bodies of the REST API (product T-10): the one source of parsing and of the OpenAPI document. snake_case, ids and fen as strings. */
import { z } from 'zod';
import { attributeDefinition, attributeValue, changedTerms, classRow, importMapping, mintRow, names, ref } from '../studio/rows.schema.ts';

const referenceId = z
  .string()
  .regex(/^[\x21-\x7e]{1,64}$/)
  .meta({ id: 'ReferenceId', description: 'Unique per studio for ever; the same reference and body answer what they answered first.' });
const write = {
  reference_id: referenceId,
  dry_run: z.boolean().default(false).meta({ description: 'Full checks and effects, no entry, no reference_id used.' }),
};
/** LedgerTx that the studio signed itself, PCE of TxEnv in hex; absent: the hosted issuing key signs. */
const ledgerTxs = z
  .array(z.string().regex(/^(?:[0-9a-f]{2})+$/))
  .max(200)
  .optional();

export const postGame = z.strictObject({
  ...write,
  game_ref: ref,
  name: names,
  approval_no: z.string().min(1).max(64).optional(),
  affiliates: z.array(z.string().max(200)).max(50).default([]),
  sunset_terms: z.string().max(5000).optional(),
  attributes: z.array(attributeDefinition).max(32).default([]),
});
export const patchGame = z.strictObject({
  ...write,
  name: names.optional(),
  approval_no: z.string().min(1).max(64).optional(),
  affiliates: z.array(z.string().max(200)).max(50).optional(),
  sunset_terms: z.string().max(5000).optional(),
  attributes: z.array(attributeDefinition).max(32).optional(),
});
export const postHeartbeat = z.strictObject({ ...write });

export const postSunset = z.strictObject({
  ...write,
  last_day: z.iso.date().meta({ description: 'The game runs to the end of this day, Beijing time; at least 60 days ahead.' }),
  refund_terms: z.string().min(1).max(5000).meta({ description: 'What becomes of unused paid currency and services.' }),
  successor: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional()
    .meta({ description: 'Account that takes over the kinds.' }),
  ledger_txs: ledgerTxs,
});

const batchMode = z.enum(['atomic', 'per_item']).default('atomic').meta({
  description: 'More than 1,000 rows go with per_item only: they become a job, whose rows are worked off one batch after the other.',
});
/** The body as a whole ends before: it has at most 4 MiB. */
const MOST_ROWS = 100_000;
export const postItemClasses = z.strictObject({
  ...write,
  game_id: z.string(),
  mode: batchMode,
  rows: z.array(classRow).min(1).max(MOST_ROWS),
  ledger_txs: ledgerTxs,
});

/** The cap changes at once and only goes down; terms hold from the announced moment, seven days ahead or more. */
export const patchItemClass = z
  .strictObject({
    ...write,
    supply_cap: z.int().positive().optional(),
    terms: changedTerms.optional().meta({
      description: 'What changes against the terms in force. Replaces an announcement that is not in force yet; {} takes it back.',
    }),
    effective_from: z.iso
      .datetime({ offset: true })
      .optional()
      .meta({ description: 'At least 7 days and 10 minutes ahead; absent: the first full hour after that.' }),
    ledger_txs: ledgerTxs,
  })
  .refine((body) => body.supply_cap !== undefined || body.terms !== undefined, { message: 'supply_cap or terms must say what changes' })
  .refine((body) => body.effective_from === undefined || body.terms !== undefined, {
    message: 'only terms have a date',
    path: ['effective_from'],
  });

/** The body is the picture itself, so what every write carries stands in the query, which the signature covers. */
export const putArt = z.strictObject({
  reference_id: referenceId,
  dry_run: z.enum(['true', 'false']).default('false'),
  ledger_tx: z
    .string()
    .regex(/^(?:[0-9a-f]{2})+$/)
    .optional()
    .meta({ description: 'The LedgerTx that the studio signed itself, PCE of TxEnv in hex.' }),
});

export const postItemAttributes = z.strictObject({
  ...write,
  attributes: z.record(z.string(), attributeValue).refine((values) => Object.keys(values).length > 0, { message: 'say what changes' }),
  ledger_txs: ledgerTxs,
});

export const postMints = z.strictObject({
  ...write,
  game_id: z.string(),
  mode: batchMode,
  rows: z.array(mintRow).min(1).max(MOST_ROWS),
  ledger_txs: ledgerTxs,
});

export const postImport = z.strictObject({
  ...write,
  game_id: z.string(),
  kind: z.enum(['item_classes', 'mints']),
  mapping: importMapping.optional().meta({ description: 'Target field (dotted) to rule. Absent: rows have the form of the batch call.' }),
  rows: z.array(z.record(z.string(), z.unknown())).min(1).max(1_000_000),
});
export const postJobAct = z.strictObject({ ...write });

export type PostItemAttributes = z.infer<typeof postItemAttributes>;
export type PostItemClasses = z.infer<typeof postItemClasses>;
export type PostMints = z.infer<typeof postMints>;
export type PostImport = z.infer<typeof postImport>;
export type PostJobAct = z.infer<typeof postJobAct>;

/** Of every list; only for the document: a list takes what it knows and leaves the rest. */
export const LIST_QUERY = z.object({
  limit: z.int().min(1).max(200).optional(),
  cursor: z.string().optional(),
  where: z
    .string()
    .max(512)
    .optional()
    .meta({ description: 'Attribute expression, such as rarity in ("Rare", "Legendary") and drain <= 7.' }),
});
