/** Answers of the REST API (product T-10): the types that routes answer with and the OpenAPI document are both made from these. snake_case,
 *  ids and fen as strings; clients accept members that are not named here. */
import { z } from 'zod';
import { artRow, attributeHistoryRow, hopRow, instantText, refusedRow } from '../studio/list-rows.schema.ts';
import { attributeValue, changedTerms, mintSchedule } from '../studio/rows.schema.ts';

/** What a route may hand over: the parsed type, read only. */
export type Answered<Schema extends z.ZodType> = Frozen<z.input<Schema>>;
type Frozen<T> = T extends readonly (infer Row)[]
  ? readonly Frozen<Row>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;

const replayed = z.boolean().meta({ description: 'true: the answer that this reference_id got first.' });

/** The same reference before the market was taken over: its LedgerTx are known, its answer is not. */
export const knownBefore = z
  .object({ reference_id: z.string(), tx_ids: z.array(z.string()), replayed: z.literal(true) })
  .meta({ id: 'KnownBefore', description: 'The write was done before this market was taken over; nothing is done twice.' });

const rejectedRow = z.object({ row: z.int(), state: z.literal('rejected'), id: z.string().nullable(), code: z.string() });
const accepted = z.object({ row: z.int(), state: z.literal('accepted'), id: z.string() });
const placed = z.object({ row: z.int(), state: z.literal('sequenced'), id: z.string() });

const sequenced = {
  state: z.enum(['sequenced', 'certified']),
  rows: z.array(z.union([placed, rejectedRow])),
  tx_ids: z.array(z.string()),
  replayed,
};
const tried = {
  state: z.literal('dry_run'),
  rows: z.array(z.union([accepted, rejectedRow])),
  ledger_tx_bodies: z.array(z.string()).meta({ description: 'PCE of the TxBody in hex, to sign as one batch.' }),
  replayed: z.literal(false),
};
export const sequencedAnswer = z.object(sequenced);
export const triedAnswer = z.object(tried);

/** A write that ends on the ledger, with what it says beside its rows. */
function ledgerAnswer<Facts extends z.ZodRawShape>(facts: Facts) {
  return z.union([z.object({ ...sequenced, ...facts }), z.object({ ...tried, ...facts }), knownBefore]);
}

const counts = z.object({ total: z.int(), new: z.int(), same: z.int(), refused: z.int() });
export const queuedJob = z.object({ job_id: z.string(), state: z.literal('queued'), counts, replayed });
export const triedJob = z.object({ state: z.literal('dry_run'), counts, refused_rows: z.array(refusedRow) });
export const importAnswer = z.union([queuedJob, triedJob, knownBefore]).meta({ id: 'ImportAnswer' });

/** A batch, or the job that a long one becomes. */
export const batchAnswer = z.union([ledgerAnswer({}), queuedJob, triedJob]).meta({ id: 'BatchAnswer' });

const acceptedGame = z.object({ game_id: z.string(), state: z.literal('accepted'), replayed });
export const gameAnswer = z.union([acceptedGame, z.object({ state: z.literal('dry_run') }), knownBefore]).meta({ id: 'GameAnswer' });

const progress = {
  total: z.int(),
  done: z.int(),
  certified: z.int(),
  refused: z.int(),
  per_minute: z.int(),
  eta_seconds: z.int().nullable(),
  refused_rows: z.array(refusedRow),
};
const jobState = z.enum(['queued', 'running', 'paused', 'finished', 'failed']);
export const jobAnswer = z.object({ job_id: z.string(), state: jobState, ...progress }).meta({ id: 'Job' });
export const jobActAnswer = z
  .union([
    z.object({ job_id: z.string(), state: jobState, ...progress, replayed }),
    z.object({ job_id: z.string(), state: z.literal('dry_run'), ...progress }),
    knownBefore,
  ])
  .meta({ id: 'JobActAnswer' });

const termValue = z.union([z.int(), z.boolean(), mintSchedule]);
const termChange = z.object({ term: changedTerms.keyof(), before: termValue, now: termValue });
export const classChangeAnswer = ledgerAnswer({
  class_id: z.string(),
  supply_cap: z.object({ before: z.string().nullable(), now: z.string() }).optional(),
  terms: z
    .object({
      state: z.enum(['announced', 'withdrawn']),
      effective_from: instantText.nullable(),
      changes: z.array(termChange),
      terms_sm3: z.string(),
    })
    .optional(),
}).meta({ id: 'ItemClassChange' });

export const artAnswer = ledgerAnswer({
  class_id: z.string(),
  art: artRow.omit({ set_at: true, tx_id: true }).extend({ href: z.string() }),
}).meta({ id: 'ArtAnswer' });
export const artList = z.object({ rows: z.array(artRow) }).meta({ id: 'ArtList' });

const attributeChange = z.object({ key: z.string(), before: attributeValue.nullable(), now: attributeValue });
export const itemAttributesAnswer = ledgerAnswer({ item_id: z.string(), changes: z.array(attributeChange) }).meta({
  id: 'ItemAttributesAnswer',
});

export const sunsetAnswer = ledgerAnswer({ game_id: z.string(), last_day: z.iso.date() }).meta({ id: 'SunsetAnswer' });
const sunsetStep = z.object({
  step: z.enum(['issue_closed', 'orders_closed', 'protection_over', 'ended', 'archived']),
  is_done: z.boolean(),
  left: z.int(),
  until: instantText.nullable(),
});
const sunset = z.object({
  game_id: z.string(),
  announced_at: instantText,
  ends_at: instantText,
  days_left: z.int(),
  cause: z.enum(['studio', 'silence', 'members']),
  refund_terms: z.string(),
  successor: z.string().nullable(),
  archive: z.string().meta({ description: 'Digest of the list of art files.' }),
  tx_id: z.string(),
  checklist: z.array(sunsetStep),
  live_items: z.int(),
  file: z
    .object({ height: z.int(), sm3: z.string(), size: z.int(), tx_id: z.string().nullable(), href: z.string() })
    .nullable()
    .meta({ description: 'The archive with the proofs of all items, made by itself at the end; null before.' }),
});
export const sunsetState = z.object({ sunset: sunset.nullable() }).meta({ id: 'Sunset' });

/** A page of a list: all pages belong to one snapshot (T-18). */
export function pageOfRows<Row extends z.ZodType>(row: Row) {
  return z.object({
    rows: z.array(row),
    next_cursor: z.string().nullable(),
    snapshot: z.string().meta({ description: 'Height of the ledger that the list belongs to.' }),
  });
}

export const itemHistory = z.object({ rows: z.array(hopRow), attributes: z.array(attributeHistoryRow) }).meta({ id: 'ItemHistory' });

const listOfWords = z.array(z.string());
export const enumsAnswer = z
  .object({
    version: z.int(),
    trade_state: listOfWords,
    write_state: listOfWords,
    job_state: listOfWords,
    attribute_type: listOfWords,
    ledger_code: listOfWords,
  })
  .meta({ id: 'Enums' });
const perMinute = z.object({ standard: z.int(), partner: z.int() });
export const limitsAnswer = z.object({ public: perMinute, read: perMinute, write: perMinute }).meta({ id: 'Limits' });
export const problemsAnswer = z
  .record(z.string(), z.object({ status: z.int(), en: z.string(), zh: z.string() }))
  .meta({ id: 'Problems', description: 'By code.' });
export const statusAnswer = z
  .object({ chain: z.string(), certified_height: z.string(), halted: z.string().nullable() })
  .meta({ id: 'Status' });
/** An OpenAPI 3.1 document. */
export const documentAnswer = z.record(z.string(), z.unknown());

/** RFC 9457; `code` is one of /problems, or a later one. */
export const problemAnswer = z
  .object({
    type: z.string().meta({ description: 'Address of the page that explains the code.' }),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    trace_id: z.string(),
    fields: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    diff: z
      .array(z.object({ path: z.string(), before: z.unknown(), now: z.unknown() }))
      .optional()
      .meta({ description: 'What differs from the body that used the reference_id first.' }),
    rows: z
      .array(z.union([accepted, rejectedRow]))
      .optional()
      .meta({ description: 'Of a batch that is refused whole.' }),
    ledger_code: z.string().optional(),
    retry_after: z.int().optional().meta({ description: 'Seconds.' }),
    at: z.int().optional().meta({ description: 'UTF-16 offset of the fault in an expression.' }),
  })
  .meta({ id: 'Problem' });
