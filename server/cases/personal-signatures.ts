/** Personal signatures under agreements and steps (V-01): kept with the document they are under, and verified again whenever they are read. */
import { findNamePart, OID, parseCertificate } from '#ledger/pki/certificate.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { type CaseDocument, signedDocument } from '#sandbox/cases/case-order.ts';
import type { Tx } from '#server/db.ts';
import type { StaffSession } from '#server/identity/identity.ts';
import type { Queryable } from '#server/journal/rows.repo.ts';
import type { PersonalSignature } from '#server/trpc/views.ts';
import { insertSignature, type KeptSignature, listKeptSignatures } from './cases.repo.ts';
import { type CaseGround, requireStaffSignature } from './sign-acts.ts';

export type Signed = { readonly actId: string; readonly signature: string };
/** Who signed: a step that waits is finished when the session is long over. */
export type Official = Omit<StaffSession, 'sessionId'>;
export type SignedAct = { readonly document: CaseDocument; readonly bytes: Uint8Array; readonly staff: Official };

/** @throws {RefusalError} `sig_invalid` */
export async function requirePersonal(ground: CaseGround, staff: Official, document: CaseDocument, signature: string): Promise<SignedAct> {
  return { document, bytes: await requireStaffSignature(ground, staff, document, signature), staff };
}

/** In the commit of what was signed. `subjectId`: what the act is about. */
export async function keepPersonal(tx: Tx, subjectId: string, { document, bytes, staff }: SignedAct, at: Instant): Promise<void> {
  await insertSignature(tx, {
    subjectId: `${subjectId}/${document.actId ?? ''}`,
    act: document.act ?? '',
    staff,
    document,
    signature: bytes,
    at,
  });
}

export type ReadSignature = KeptSignature & { readonly view: PersonalSignature };

/** Under acts about `subjectId`; `isSound`: the certificate's key signed exactly the document that is kept. */
export async function readPersonal(
  { sql, ledger }: { readonly sql: Queryable; readonly ledger: CaseGround['ledger'] },
  subjectId: string,
): Promise<readonly ReadSignature[]> {
  return (await listKeptSignatures(sql, subjectId)).map((kept) => {
    const message = signedDocument(kept.document, toHex(ledger.chain), kept.certificateSerial);
    const certificates = kept.certificates.map((der) => parseCertificate(der));
    const signer = certificates.find(({ publicKey }) => ledger.sm2.verify(publicKey, message, kept.signature)) ?? null;
    const named = signer ?? certificates[0];
    const name = (named === undefined ? null : findNamePart(named.subject, OID.commonName)) ?? '';
    return { ...kept, view: { name, certificateSerial: kept.certificateSerial, isSound: signer !== null } };
  });
}
