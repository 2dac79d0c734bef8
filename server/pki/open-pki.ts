/** Builds `Pki` over the tables. Every answer is read from them, so that what a command imports counts from the next call on. */
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { type Certificate, isSameName, parseCertificate } from '#ledger/pki/certificate.ts';
import { parseCrl } from '#ledger/pki/crl.ts';
import { type CertificateUse, CHAIN_REFUSALS, type ChainRefusal, verifyChain } from '#ledger/pki/verify-chain.ts';
import { type Bytes, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { chainFrom } from '#ledger/verify/verify-certificates.ts';
import type { Clock } from '#server/clock.ts';
import type { Sql } from '#server/db.ts';
import { certificateViews } from './certificate-views.ts';
import { type DemonstrationSeed, seedDemonstration } from './demonstration-seed.ts';
import { kindOf, nameText, organisationOf } from './names.ts';
import {
  type AnchorRow,
  findGrant,
  insertAnchor,
  insertCertificate,
  insertCrl,
  insertGrant,
  listAnchors,
  listCertificates,
  listCrls,
  retire,
} from './pki.repo.ts';
import type { Import, Imported, Pki, PkiRefusal, TrustedCertificate } from './pki.ts';

export type PkiGround = { readonly sql: Sql; readonly clock: Clock; readonly sm2: Sm2 };

export function openPki({ sql, clock, sm2 }: PkiGround, demonstration: DemonstrationSeed | null): Pki {
  let seeded: Promise<void> | null = null;
  const ready = async (): Promise<void> => {
    if (demonstration === null) return;
    // A failed attempt is no answer: the next call tries again.
    seeded ??= seedDemonstration(sql, clock.now(), demonstration).catch((error: unknown) => {
      seeded = null;
      throw error;
    });
    await seeded;
    await demonstration.freshen(sql, clock.now());
  };

  const trust = async (der: Uint8Array, use: CertificateUse, at: Instant): Promise<TrustedCertificate | PkiRefusal> => {
    await ready();
    const leaf = readCertificate(der);
    if ('code' in leaf) return leaf;
    const [anchors, known, crls] = await Promise.all([listAnchors(sql), listCertificates(sql), listCrls(sql, clock.now())]);
    const pool = [...known, ...anchors].map((row) => parseCertificate(row.der));
    const chain = chainFrom(leaf, pool);
    const inForce = anchors.filter((anchor) => anchor.retiredAt === null || at < anchor.retiredAt);
    const lists = crls.map((crl) => crl.der);
    const result = verifyChain({ chain, anchors: inForce.map((anchor) => anchor.sm3), at, checkedAt: clock.now(), use, sm2, crls: lists });
    if (result.kind === 'rejected')
      return { kind: 'rejected', code: result.code, subject: nameText(result.position === 0 ? leaf.subject : leaf.issuer) };
    return {
      kind: 'trusted',
      leaf,
      chain: result.chain,
      crls: listsOf(result.chain, lists),
      isLicensed: isLicensed(result.chain, anchors),
    };
  };

  const note: Pki['note'] = async (certificate, purpose) => {
    await insertCertificate(sql, certificate, factsOf(certificate, purpose, clock.now()));
  };

  return {
    ready,
    trust,
    note,
    findRole: async (authority, unit) => findGrant(sql, authority.fingerprint, unit),
    grantRole: (authority, grant) => insertGrant(sql, { authority: new Uint8Array(authority), ...grant }, clock.now()),
    import: async (request) => {
      await ready();
      return importAll({ sql, clock, sm2 }, request);
    },
    signingCertificate: async (publicKey, use, at) => {
      await ready();
      const wanted = use === 'time_stamping' ? 'time_stamping' : use === 'encryption' ? 'encryption' : 'signing';
      const rows = (await listCertificates(sql))
        .filter((row) => row.kind === wanted && row.retiredAt === null && equalBytes(row.publicKey, publicKey))
        .sort((a, b) => b.notBefore - a.notBefore);
      for (const row of rows) {
        const answer = await trust(row.der, use, at);
        if (answer.kind === 'trusted') return answer;
      }
      return null;
    },
    list: async () => {
      await ready();
      const now = clock.now();
      const [anchors, rows, crls] = await Promise.all([listAnchors(sql), listCertificates(sql), listCrls(sql, now)]);
      return certificateViews({ anchors, rows, crls, now, sm2 });
    },
    shelf: async () => {
      await ready();
      const [anchors, rows, crls] = await Promise.all([listAnchors(sql), listCertificates(sql), listCrls(sql, clock.now())]);
      const others = rows.filter(({ purpose }) => purpose === 'authority' || purpose === 'node');
      return { certificates: [...anchors, ...others].map(({ der }) => der), crls: crls.map(({ der }) => der) };
    },
    retire: async (fingerprint) =>
      (await retire(sql, 'certificates', fingerprint, clock.now())) || (await retire(sql, 'anchors', fingerprint, clock.now())),
  };
}

/** The lists of the chain's issuers and no others: what a file for a court carries. */
function listsOf(chain: readonly Certificate[], lists: readonly Bytes[]): readonly Bytes[] {
  return lists.filter((der) => chain.slice(1).some((issuer) => isSameName(parseCrl(der).issuer, issuer.subject)));
}

function isLicensed(chain: readonly Certificate[], anchors: readonly AnchorRow[]): boolean {
  const root = chain.at(-1);
  return anchors.some((anchor) => anchor.isLicensed && root !== undefined && equalBytes(anchor.sm3, root.fingerprint));
}

function factsOf(certificate: Certificate, purpose: Import['purpose'], addedAt: Instant) {
  const kind = kindOf(certificate);
  return {
    kind,
    purpose: kind === 'authority' ? ('authority' as const) : purpose,
    subject: nameText(certificate.subject),
    organisation: organisationOf(certificate.subject),
    addedAt,
  };
}

function readCertificate(der: Uint8Array): Certificate | PkiRefusal {
  try {
    return parseCertificate(der);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return { kind: 'rejected', code: chainCode(error.code), subject: '?' };
  }
}

function chainCode(code: string): ChainRefusal {
  return CHAIN_REFUSALS.find((each) => each === code) ?? 'certificate_malformed';
}

const isRoot = (certificate: Certificate): boolean => isSameName(certificate.issuer, certificate.subject);

/** An outside authority's chain: roots first, then whatever hangs on them, each proven before a row is written. */
async function importAll({ sql, clock, sm2 }: PkiGround, request: Import): Promise<Imported | PkiRefusal> {
  const now = clock.now();
  const given: Certificate[] = [];
  for (const der of request.certificates) {
    const certificate = readCertificate(der);
    if ('code' in certificate) return certificate;
    given.push(certificate);
  }
  if (given.length + request.crls.length === 0) return { kind: 'rejected', code: 'nothing_to_import', subject: '' };
  const [anchors, known] = await Promise.all([listAnchors(sql), listCertificates(sql)]);
  const newRoots = request.trustsRoots ? given.filter(isRoot) : [];
  const trusted = [...anchors.filter((row) => row.retiredAt === null).map((row) => row.sm3), ...newRoots.map((root) => root.fingerprint)];
  const pool = [...given, ...[...known, ...anchors].map((row) => parseCertificate(row.der))];
  for (const certificate of given) {
    const refused = refuseImported(certificate, pool, trusted, now, sm2);
    if (refused !== null) return { kind: 'rejected', code: refused, subject: nameText(certificate.subject) };
  }
  const lists = readLists(request.crls, pool, sm2);
  if ('code' in lists) return lists;
  return sql.begin(async (tx) => {
    // `begin` hands out the same tagged templates as the pool.
    const counts = { anchors: 0, certificates: 0, crls: 0 };
    for (const root of newRoots) {
      const anchor = {
        sm3: root.fingerprint,
        der: root.der,
        subject: nameText(root.subject),
        isLicensed: request.isLicensed,
        addedAt: now,
      };
      if (await insertAnchor(tx, anchor)) counts.anchors += 1;
    }
    for (const certificate of given.filter((each) => !isRoot(each))) {
      if (await insertCertificate(tx, certificate, factsOf(certificate, request.purpose, now))) counts.certificates += 1;
    }
    for (const crl of lists.rows) if (await insertCrl(tx, sm3(crl.der), crl, now)) counts.crls += 1;
    return { kind: 'imported', ...counts };
  });
}

/** Everything but revocation: a list may come in a later call, and each use asks for it. */
function refuseImported(
  certificate: Certificate,
  pool: readonly Certificate[],
  anchors: readonly Uint8Array[],
  at: Instant,
  sm2: Sm2,
): ChainRefusal | null {
  const chain = chainFrom(certificate, pool);
  const kind = kindOf(certificate);
  if (kind !== 'authority') {
    const result = verifyChain({ chain, anchors, at, use: kind === 'time_stamping' ? 'time_stamping' : kind, sm2 });
    return result.kind === 'rejected' ? result.code : null;
  }
  const result = verifyChain({ chain, anchors, at, use: 'issuing', sm2 });
  return result.kind === 'rejected' ? result.code : null;
}

type Lists = { readonly rows: readonly { der: Bytes; issuer: string; thisUpdate: Instant; nextUpdate: Instant }[] };

function readLists(crls: readonly Uint8Array[], pool: readonly Certificate[], sm2: Sm2): Lists | PkiRefusal {
  const rows: { der: Bytes; issuer: string; thisUpdate: Instant; nextUpdate: Instant }[] = [];
  for (const der of crls) {
    try {
      const crl = parseCrl(der);
      const issuers = pool.filter((each) => isSameName(each.subject, crl.issuer));
      const issuer = issuers.find((each) => sm2.verify(each.publicKey, crl.tbs, crl.signature));
      if (issuer === undefined)
        return { kind: 'rejected', code: issuers.length === 0 ? 'issuer_unknown' : 'crl_signature', subject: nameText(crl.issuer) };
      rows.push({ der: new Uint8Array(der), issuer: toHex(sm3(crl.issuer.raw)), thisUpdate: crl.thisUpdate, nextUpdate: crl.nextUpdate });
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      return { kind: 'rejected', code: error.code === 'der_malformed' ? 'der_malformed' : 'crl_malformed', subject: '?' };
    }
  }
  return { rows };
}
