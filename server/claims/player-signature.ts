/** The passphrase again, over a document of a dispute or a sworn claim. */
import { fromHex, toHex } from '#ledger/primitives/bytes.ts';
import type { AccountId } from '#ledger/primitives/ids.ts';
import { type CaseDocument, documentHash } from '#sandbox/cases/case-order.ts';
import { IDENTITY_REFUSALS, type Identity } from '#server/identity/identity.ts';
import { RefusalError } from '#server/refusal.ts';
import type { ClaimProof } from '#server/trpc/views.ts';

export const CLAIM_FORMAT = 'daoju.claim/1';
export type PlayerSigned = { readonly document: CaseDocument; readonly proof: ClaimProof };

/** @throws {RefusalError} a code of identity */
export async function requirePlayerSignature(
  { identity }: { readonly identity: Pick<Identity, 'confirm'> },
  acct: AccountId,
  { document, proof }: PlayerSigned,
) {
  const { challenge, issuedAt, signature } = proof;
  const bytes = fromHex(signature, 64);
  const facts = { document: toHex(documentHash(document)) };
  const refused = await identity.confirm(acct, CLAIM_FORMAT, facts, { challenge, issuedAt, signature: bytes });
  if (refused === null) return { document, signature: bytes, proof: { challenge, issuedAt, acct } };
  const { kind, message } = IDENTITY_REFUSALS[refused.code];
  throw new RefusalError(kind, refused.code, message, refused.facts ?? {});
}
