/**
 * What every member checks of a kind's terms without seeing a price (`ledger.md` 10.3, `class_terms_breach`): the protection after a trade
 * is that of the terms, only the studio itself sells what may not be sold on, and no more is issued than the mint schedule allows. Terms may
 * change between the settlement and its block, so those at either time are good. Royalty is checked by those who see the price. Publicity is not: an earlier showing counts for the next listing, and showings are not on the ledger.
 */

import type { ClassLeaf } from '#ledger/codec/leaves.ts';
import type { TxBody } from '#ledger/codec/tx.ts';
import { type Bytes, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import type { LedgerCode } from '#ledger/tx/codes.ts';
import { issuableAt, type MintSchedule } from '#server/studio/class-terms.ts';

/** What a check reads in the terms' document. */
export type TermsFacts = {
  readonly royaltyBps: number;
  readonly protectionHours: number;
  readonly isResalable: boolean;
  readonly mintSchedule: MintSchedule;
};

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
  const terms = documentsOf(leaf, { body, sealedAt, documents });
  // What this member has not fetched yet says nothing about the trade: the round is repeated.
  if (terms === null) return 'media_missing';
  const isFirstHand = equalBytes(op.sell.order.acct, leaf.issuer);
  const isGood = (each: TermsFacts) => op.protectMs === each.protectionHours * HOUR_MS && (isFirstHand || each.isResalable);
  return terms.some(isGood) ? null : 'class_terms_breach';
}

export type MintFacts = Omit<ClassTermsFacts, 'leaf'> & {
  /** Before the block. */
  readonly leafOf: (cls: number) => ClassLeaf | null;
  /** Issued of the kind by this Mint and those before it in the block. */
  readonly issuedInBlock: ReadonlyMap<number, bigint>;
};

/** No more of a kind than its mint schedule allows when the block is sealed. */
export function checkMint({ body, sealedAt, documents, leafOf, issuedInBlock }: MintFacts): LedgerCode | null {
  for (const [cls, issued] of issuedInBlock) {
    const leaf = leafOf(cls);
    if (leaf === null) continue;
    const terms = documentsOf(leaf, { body, sealedAt, documents });
    if (terms === null) return 'media_missing';
    const limits = terms.map(({ mintSchedule }) => issuableAt(mintSchedule, Number(sealedAt)));
    if (limits.every((limit) => limit !== null && leaf.minted + issued > BigInt(limit))) return 'class_terms_breach';
  }
  return null;
}

function documentsOf(leaf: ClassLeaf, { body, sealedAt, documents }: Omit<ClassTermsFacts, 'leaf'>): readonly TermsFacts[] | null {
  const hashes = termsSince(leaf, body.notBefore, sealedAt).map(toHex);
  const terms = hashes.flatMap((hash) => documents.get(hash) ?? []);
  return terms.length < hashes.length ? null : terms;
}

/** Hashes of the terms in force at some time between the two. */
export function termsSince(leaf: ClassLeaf, from: bigint, until: bigint): readonly Bytes[] {
  if (leaf.nextTermsAt === 0n || until < leaf.nextTermsAt) return [leaf.terms];
  return from >= leaf.nextTermsAt ? [leaf.nextTerms] : [leaf.terms, leaf.nextTerms];
}

/** Every document that a check of a trade or Mint of this kind may ask for. */
export function termsOf(leaf: ClassLeaf | null): readonly Bytes[] {
  if (leaf === null) return [];
  return leaf.nextTermsAt === 0n ? [leaf.terms] : [leaf.terms, leaf.nextTerms];
}
