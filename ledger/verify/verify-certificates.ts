/**
 * Certificates of the members that voted (`ledger.md` 17, step 12): the configuration pins each by SM3, the chain adds a name. Ledger
 * proofs need no revocation list (`ledger.md` 20): a key that is void is replaced in the configuration.
 */
import type { Member } from '#ledger/codec/config.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { type Certificate, findNamePart, isSameName, OID, parseCertificate } from '#ledger/pki/certificate.ts';
import { verifyChain } from '#ledger/pki/verify-chain.ts';
import { type Bytes, equalBytes, isZero } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { demand } from './verdict.ts';

const MAX_DEPTH = 5;

/** Certificates at hand, in any order; what can't be read is left out, and a chain that needs it is refused. */
export function readPool(certificates: readonly Uint8Array[]): readonly Certificate[] {
  return certificates.flatMap((der) => {
    try {
      return [parseCertificate(der)];
    } catch (error) {
      if (error instanceof ParseError) return [];
      throw error;
    }
  });
}

/** Leaf first, by the names of the issuers, up to a self-signed one or where the pool ends. */
export function chainFrom(leaf: Certificate, pool: readonly Certificate[]): readonly Bytes[] {
  const chain = [leaf];
  for (let last = leaf; !isSameName(last.issuer, last.subject) && chain.length < MAX_DEPTH; ) {
    const { issuer, authorityKeyId } = last;
    const named = pool.filter((each) => each.isCa && isSameName(each.subject, issuer));
    // Two generations of one authority have one name and two keys.
    const next =
      named.find(({ subjectKeyId }) => authorityKeyId !== null && subjectKeyId !== null && equalBytes(subjectKeyId, authorityKeyId)) ??
      named[0];
    if (next === undefined) break;
    chain.push(next);
    last = next;
  }
  return chain.map(({ der }) => der);
}

/** One member's certificate at the time of the header. @throws {VerifyFailure} E60 */
export function verifyMemberCertificate(
  member: Member,
  pool: readonly Certificate[],
  options: { readonly roots: readonly Uint8Array[]; readonly at: Instant; readonly sm2: Sm2 },
): void {
  const facts = { member: member.id };
  demand(!isZero(member.cert), 'E60', 'member_without_certificate', facts);
  const leaf = pool.find(({ fingerprint }) => equalBytes(fingerprint, member.cert));
  demand(leaf !== undefined, 'E60', 'certificate_not_in_file', facts);
  demand(equalBytes(leaf.publicKey, member.pub), 'E60', 'certificate_of_another_key', facts);
  demand(findNamePart(leaf.subject, OID.organization) === member.org, 'E60', 'certificate_of_another_name', facts);
  const { roots, at, sm2 } = options;
  const result = verifyChain({ chain: chainFrom(leaf, pool), anchors: roots, at, use: 'signing', sm2 });
  demand(result.kind === 'verified', 'E60', result.kind === 'rejected' ? result.code : '', {
    ...facts,
    ...(result.kind === 'rejected' ? { position: result.position } : {}),
  });
}
