/**
 * What every member checks of a kind's terms without seeing a price (`ledger.md` 10.3, `class_terms_breach`): the protection after a trade
 * is that of the terms. They may change between the settlement and its block, so those at either time are good. Royalty is checked by
 * those who see the price. Publicity is not: an earlier showing counts for the next listing, and showings are not on the ledger.
 */

import type { ClassLeaf } from '#ledger/codec/leaves.ts';
import type { Op } from '#ledger/codec/op-types.ts';
import type { TxBody } from '#ledger/codec/tx.ts';
import { type Bytes, toHex } from '#ledger/primitives/bytes.ts';
import type { LedgerCode } from '#ledger/tx/codes.ts';

/** What a check reads in the terms' document. */
export type TermsFacts = { readonly royaltyBps: number; readonly protectionHours: number };

export type ClassTermsFacts = {
  readonly body: TxBody;
  readonly sealedAt: bigint;
  readonly leaf: ClassLeaf | null;
  /** By hash in hex; a document that is not here yet is left out. */
  readonly documents: ReadonlyMap<string, TermsFacts>;
};

const HOUR_MS = 3_600_000;

export function checkClassTerms({ body, sealedAt, leaf, documents }: ClassTermsFacts): LedgerCode | null {
  const { op } = body;
  if (op.kind !== 'trade' || leaf === null) return null;
  const hashes = termsSince(leaf, body.notBefore, sealedAt).map(toHex);
  const terms = hashes.flatMap((hash) => documents.get(hash) ?? []);
  // What this member has not fetched yet says nothing about the trade: the round is repeated.
  if (terms.length < hashes.length) return 'media_missing';
  return terms.some(({ protectionHours }) => op.protectMs === protectionHours * HOUR_MS) ? null : 'class_terms_breach';
}

/** Hashes of the terms in force at some time between the two. */
export function termsSince(leaf: ClassLeaf, from: bigint, until: bigint): readonly Bytes[] {
  if (leaf.nextTermsAt === 0n || until < leaf.nextTermsAt) return [leaf.terms];
  return from >= leaf.nextTermsAt ? [leaf.nextTerms] : [leaf.terms, leaf.nextTerms];
}

/** Every document that a check of this trade may ask for. */
export function termsOf(op: Op, leaf: ClassLeaf | null): readonly Bytes[] {
  if (op.kind !== 'trade' || leaf === null) return [];
  return leaf.nextTermsAt === 0n ? [leaf.terms] : [leaf.terms, leaf.nextTerms];
}
