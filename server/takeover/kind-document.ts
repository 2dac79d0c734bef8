/**
 * A kind and its game as a market describes them, in a form that members copy (product O-05): what the ledger holds by hash is held against
 * it, names of games and descriptions are the operator's word. Pure.
 */
import { z } from 'zod';
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import type { ClassLeaf } from '#ledger/codec/leaves.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { extOf } from '#ledger/tx/ids.ts';
import { metaDocument } from '#server/studio/class-documents.ts';
import { termsSm3 } from '#server/studio/class-terms.ts';
import { attributeDefinition, classRow, classTerms } from '#server/studio/rows.schema.ts';

const hex32 = z.string().regex(/^[0-9a-f]{64}$/);

export const gameDocument = z.object({
  gameId: z.string(),
  studio: z.object({ acct: hex32, nameZh: z.string().nullable(), nameEn: z.string(), tier: z.enum(['standard', 'partner']) }),
  gameRef: z.string(),
  nameZh: z.string().nullable(),
  nameEn: z.string(),
  approvalNo: z.string().nullable(),
  affiliates: z.array(z.string()),
  sunsetTerms: z.string().nullable(),
  attributes: z.array(attributeDefinition),
});
export type GameDocument = z.infer<typeof gameDocument>;

export const kindDocument = z.object({
  serial: z.string().regex(/^\d{1,10}$/),
  studioAcct: hex32,
  gameId: z.string(),
  referenceId: z.string(),
  /** As its studio declared it; terms are those in force. */
  row: classRow,
  next: z.object({ terms: classTerms, from: z.iso.datetime() }).nullable(),
});
export type KindDocument = z.infer<typeof kindDocument>;

export const kindPage = z.object({ games: z.array(gameDocument), kinds: z.array(kindDocument) });
export type KindPage = z.infer<typeof kindPage>;

/** Whether the ledger says the same of the kind: issuer, reference, meta document, terms in force or announced. */
export function isKindOnLedger({ studioAcct, row, next }: KindDocument, leaf: ClassLeaf): boolean {
  const terms = [row.terms, ...(next === null ? [] : [next.terms])].map(termsSm3);
  return (
    toHex(leaf.issuer) === studioAcct &&
    equalBytes(leaf.ext, extOf(row.class_ref)) &&
    equalBytes(leaf.meta, sm3(canonicalBytes(metaDocument(row)))) &&
    terms.some((hash) => equalBytes(hash, leaf.terms))
  );
}
