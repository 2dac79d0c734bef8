/** Steps 2 to 4: the operator's signature, its certificates at the time of signing, the time stamp. */
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { type Certificate, findNamePart, findPem, isSameName, OID } from '#ledger/pki/certificate.ts';
import { GBT_35275, parseSignedData, type SignedData, verifySignedData } from '#ledger/pki/signed-data.ts';
import { parseTimeStamp, type TimeStamp } from '#ledger/pki/time-stamp.ts';
import { type CertificateUse, verifyChain } from '#ledger/pki/verify-chain.ts';
import { equalBytes, fromUtf8, toHex } from '#ledger/primitives/bytes.ts';
import { type ErrorFacts, ParseError } from '#ledger/primitives/errors.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import { chainFrom, readPool } from '#ledger/verify/verify-certificates.ts';
import { fileOf, type PackageFiles } from './check-files.ts';
import { MANIFEST_FILE, type Manifest, SIGNATURE_FILE, TIME_STAMP_FILE } from './manifest.ts';
import { type EvidenceCode, EvidenceFailure, requireEvidence } from './steps.ts';

/** What lies under `pki/`: nothing in here is trusted by itself. */
export type Shelf = { readonly pool: readonly Certificate[]; readonly crls: readonly Uint8Array[] };
export type Trust = { readonly roots: readonly Uint8Array[]; readonly sm2: Sm2 };
export type Checked = { readonly code: EvidenceCode | null; readonly facts: ErrorFacts };

export const TOLERANCE_MS = 300_000;

export function readShelf(files: PackageFiles): Shelf {
  const texts = [...files].filter(([path]) => path.startsWith('pki/') && path.endsWith('.pem')).map(([, bytes]) => fromUtf8(bytes));
  return {
    pool: readPool(texts.flatMap((text) => findPem(text, 'CERTIFICATE'))),
    crls: texts.flatMap((text) => findPem(text, 'X509 CRL')),
  };
}

/** Step 2. @throws {EvidenceFailure} */
export function checkManifestSignature(files: PackageFiles, sm2: Sm2): SignedData {
  const manifest = fileOf(files, MANIFEST_FILE);
  const signed = parsed('signature_malformed', () => parseSignedData(fileOf(files, SIGNATURE_FILE), GBT_35275));
  requireEvidence(signed.content === null, 'signature_malformed', { what: 'not detached' });
  requireEvidence(verifySignedData(sm2, signed, manifest), 'signature_invalid');
  return signed;
}

/** Step 3. `operators`: names that the configuration gives to members with the operator's role. @throws {EvidenceFailure} */
export function checkSigner(signed: SignedData, shelf: Shelf, trust: Trust, operators: readonly string[]): Checked {
  requireEvidence(trust.roots.length > 0, 'roots_missing');
  const organisation = findNamePart(signed.certificate.subject, OID.organization) ?? '';
  requireEvidence(operators.includes(organisation), 'signer_not_operator', { organisation });
  return {
    code: checkChain(signed.certificate, shelf, trust, { at: signed.signingTime, use: 'signing' }),
    facts: { signedAt: toIso(signed.signingTime), organisation },
  };
}

/** @returns a reservation when the root is a test root */
function checkChain(
  leaf: Certificate,
  shelf: Shelf,
  { roots, sm2 }: Trust,
  { at, use }: { readonly at: Instant; readonly use: CertificateUse },
): EvidenceCode | null {
  const result = verifyChain({ chain: chainFrom(leaf, shelf.pool), anchors: roots, at, use, sm2, crls: shelf.crls });
  if (result.kind === 'rejected') throw new EvidenceFailure(result.code, { position: result.position });
  const root = result.chain.at(-1);
  return root !== undefined && findNamePart(root.subject, OID.organization) === 'NOT_LICENSED' ? 'certificate_not_licensed' : null;
}

/** Step 4. `stamp` is `null` when the manifest says under its signature that there is none. @throws {EvidenceFailure} */
export function checkTimeStamp(
  files: PackageFiles,
  manifest: Manifest,
  signed: SignedData,
  { shelf, trust, now }: { readonly shelf: Shelf; readonly trust: Trust; readonly now: Instant | null },
): Checked & { readonly stamp: TimeStamp | null } {
  const token = files.get(TIME_STAMP_FILE);
  if (manifest.timeStamp === 'none') {
    requireEvidence(token === undefined, 'file_unlisted', { path: TIME_STAMP_FILE });
    return { stamp: null, code: 'time_stamp_none', facts: {} };
  }
  requireEvidence(token !== undefined, 'time_stamp_missing');
  const stamp = parsed('time_stamp_malformed', () => parseTimeStamp(token, trust.sm2));
  requireEvidence(equalBytes(stamp.imprint, sm3(fileOf(files, MANIFEST_FILE))), 'time_stamp_of_other');
  requireEvidence(now === null || stamp.genTime <= now + TOLERANCE_MS, 'time_stamp_future', { genTime: toIso(stamp.genTime) });
  requireEvidence(stamp.genTime >= signed.signingTime - TOLERANCE_MS, 'time_order', { genTime: toIso(stamp.genTime) });
  // A party that stamps its own documents proves nothing by it.
  const isOwn =
    isSameName(stamp.certificate.subject, signed.certificate.subject) ||
    equalBytes(stamp.certificate.publicKey, signed.certificate.publicKey);
  requireEvidence(!isOwn, 'time_stamp_invalid', { reason: 'stamped by the signer' });
  const reservation = checkChain(stamp.certificate, shelf, trust, { at: stamp.genTime, use: 'time_stamping' });
  const name = findNamePart(stamp.certificate.subject, OID.commonName) ?? '';
  const facts = {
    genTime: toIso(stamp.genTime),
    serial: stamp.serial.toString(),
    authority: name,
    certificate: toHex(stamp.certificate.fingerprint),
  };
  return { stamp, code: reservation === null ? null : 'time_stamp_simulated', facts };
}

function parsed<T>(code: EvidenceCode, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new EvidenceFailure(error.code === 'time_stamp_signature' ? 'time_stamp_invalid' : code, { because: error.code });
  }
}
