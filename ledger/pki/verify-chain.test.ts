import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { generatePrivateKey, publicKeyOf, type Sm2, signDigest, zOf } from '#ledger/crypto/sm2.ts';
import { SM2_N, toScalar } from '#ledger/crypto/sm2-curve.ts';
import { signatureToDer } from '#ledger/crypto/sm2-der.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { openSslSm2, systemRandom } from '#ledger/node/sm2-openssl.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { parseInstant } from '#ledger/primitives/instant.ts';
import { findOpenSsl } from '#test/support/find-openssl.ts';
import { vectorText } from '#test/support/published-vectors.ts';
import { findNamePart, findPem, OID, parseCertificate, parsePem, toPem } from './certificate.ts';
import { parseCertificateRequest } from './certificate-request.ts';
import { parseCrl } from './crl.ts';
import { type CertificateProfile, type Issuer, issueCertificate, issueCrl, requestCertificate } from './issue-certificate.ts';
import { type ChainInput, type ChainResult, verifyChain } from './verify-chain.ts';

const sm2 = openSslSm2();
const openssl = findOpenSsl();
const AT = parseInstant('2026-11-23T12:00:00Z');
const FROM = parseInstant('2026-01-01T00:00:00Z');
const UNTIL = parseInstant('2028-01-01T00:00:00Z');

const keyOf = () => {
  const privateKey = generatePrivateKey(systemRandom);
  return { privateKey, publicKey: publicKeyOf(privateKey) };
};
const rootKey = keyOf();
const orgKey = keyOf();
const personKey = keyOf();
const root: Issuer = { name: { commonName: 'Daoju test root', organization: 'NOT_LICENSED' }, privateKey: rootKey.privateKey };
const org: Issuer = { name: { commonName: 'Supervisor CA', organization: 'Supervisor' }, privateKey: orgKey.privateKey };
const PERSON = { commonName: '王检查', organization: 'Supervisor', organizationalUnit: 'inspector', serialNumber: 'S-0001' };
let serials = 0;

function issue(
  issuer: Issuer,
  subject: Issuer['name'],
  publicKey: Bytes,
  profile: CertificateProfile,
  dates: { from?: typeof AT; until?: typeof AT; by?: Sm2 } = {},
): Bytes {
  serials += 1;
  const request = {
    issuer,
    subject,
    publicKey,
    profile,
    serial: Uint8Array.of(serials),
    notBefore: dates.from ?? FROM,
    notAfter: dates.until ?? UNTIL,
  };
  return issueCertificate(dates.by ?? sm2, request);
}
const ROOT = issue(root, root.name, rootKey.publicKey, { kind: 'authority', pathLength: 1 });
const ORG = issue(root, org.name, orgKey.publicKey, { kind: 'authority', pathLength: 0 });
const LEAF = issue(org, PERSON, personKey.publicKey, { kind: 'signing' });

const verify = (input: Partial<ChainInput>): ChainResult =>
  verifyChain({ chain: [LEAF, ORG, ROOT], anchors: [sm3(ROOT)], at: AT, use: 'signing', sm2, ...input });
const codeOf = (input: Partial<ChainInput>): string => {
  const result = verify(input);
  return result.kind === 'verified' ? 'verified' : `${result.code}@${result.position}`;
};

test('person, organisation, root: verified, and the leaf says who it is', () => {
  const result = verify({});
  assert(result.kind === 'verified', 'the chain holds');
  expect(toHex(result.leaf.publicKey)).toBe(toHex(personKey.publicKey));
  expect(
    [OID.commonName, OID.organization, OID.organizationalUnit, OID.serialNumber, OID.country].map((oid) =>
      findNamePart(result.leaf.subject, oid),
    ),
  ).toEqual(['王检查', 'Supervisor', 'inspector', 'S-0001', 'CN']);
});

describe('refused, with the code and the place', () => {
  const leafBy = (issuer: Issuer, profile: CertificateProfile = { kind: 'signing' }) => issue(issuer, PERSON, personKey.publicKey, profile);
  test.each<readonly [string, Partial<ChainInput>, string]>([
    ['no chain', { chain: [] }, 'chain_too_long@0'],
    ['six certificates', { chain: [LEAF, ORG, ORG, ORG, ORG, ROOT] }, 'chain_too_long@0'],
    ['a root that is not pinned', { anchors: [sm3(ORG)] }, 'anchor_unknown@2'],
    ['no anchors at all', { anchors: [] }, 'anchor_unknown@2'],
    ['a chain that stops below the root', { chain: [LEAF, ORG] }, 'certificate_issuer_unknown@1'],
    ['the pinned root as a person', { chain: [ROOT] }, 'certificate_usage@0'],
    ['an organisation as a person', { chain: [ORG, ROOT] }, 'certificate_usage@0'],
    ['before its time', { at: parseInstant('2025-12-31T23:59:59Z') }, 'certificate_not_yet_valid@0'],
    ['after its time', { at: parseInstant('2028-01-01T00:00:01Z') }, 'certificate_expired@0'],
    [
      'an expired organisation',
      { chain: [LEAF, issue(root, org.name, orgKey.publicKey, { kind: 'authority', pathLength: 0 }, { until: FROM }), ROOT] },
      'certificate_expired@1',
    ],
    ['an encryption certificate that signs', { chain: [leafBy(org, { kind: 'encryption' }), ORG, ROOT] }, 'certificate_usage@0'],
    ['a signing certificate that receives keys', { use: 'encryption' }, 'certificate_usage@0'],
    ['an issuer of another name', { chain: [LEAF, ROOT] }, 'certificate_issuer_unknown@0'],
    [
      'a person who issues',
      { chain: [leafBy({ name: PERSON, privateKey: personKey.privateKey }), LEAF, ORG, ROOT] },
      'certificate_not_ca@0',
    ],
    [
      'the right name with another key',
      { chain: [leafBy({ ...org, privateKey: keyOf().privateKey }), ORG, ROOT] },
      'certificate_issuer_unknown@0',
    ],
  ])('%s', (_name, input, code) => expect(codeOf(input)).toBe(code));

  test('an authority below an organisation that may have none', () => {
    const branchKey = keyOf();
    const branch: Issuer = { name: { commonName: 'Branch', organization: 'Supervisor' }, privateKey: branchKey.privateKey };
    const BRANCH = issue(org, branch.name, branchKey.publicKey, { kind: 'authority', pathLength: null });
    expect(codeOf({ chain: [leafBy(branch), BRANCH, ORG, ROOT] })).toBe('certificate_path_length@1');
  });

  test('a signature made without the default user id', () => {
    const emptyId: Sm2 = { ...sm2, sign: (privateKey, message) => signed(privateKey, sm3(zOf(publicKeyOf(privateKey), ''), message)) };
    const bare: Sm2 = { ...sm2, sign: (privateKey, message) => signed(privateKey, sm3(message)) };
    for (const by of [emptyId, bare])
      expect(codeOf({ chain: [issue(org, PERSON, personKey.publicKey, { kind: 'signing' }, { by }), ORG, ROOT] })).toBe(
        'certificate_user_id@0',
      );
  });

  test('a signature by nobody', () => {
    const other: Sm2 = { ...sm2, sign: (privateKey, message) => sm2.sign(privateKey, Uint8Array.of(...message, 0)) };
    const chain = [issue(org, PERSON, personKey.publicKey, { kind: 'signing' }, { by: other }), ORG, ROOT];
    expect(codeOf({ chain })).toBe('certificate_signature@0');
  });

  test('a time stamper is no signer of documents, and a signer stamps no time', () => {
    const stamper = [leafBy(org, { kind: 'time_stamping' }), ORG, ROOT];
    expect(codeOf({ chain: stamper, use: 'time_stamping' })).toBe('verified');
    expect(codeOf({ chain: stamper })).toBe('certificate_usage@0');
    expect(codeOf({ use: 'time_stamping' })).toBe('certificate_usage@0');
  });

  // Reading comes before the signature, so a replaced identifier of the same length is refused for what it says.
  test.each([
    ['another curve', '2a811ccf5501822d', '2a811ccf5501822e', 'certificate_curve@0'],
    ['another signature algorithm', '2a811ccf55018375', '2a811ccf55018376', 'certificate_algorithm@0'],
    ['another key algorithm', '2a8648ce3d0201', '2a8648ce3d0202', 'certificate_algorithm@0'],
    ['an unknown critical extension', '551d13', '551d1e', 'certificate_extension_unknown@0'],
    ['an extension that stands twice', '551d23', '551d0e', 'certificate_malformed@0'],
    ['a default that is spelled out', '0101ff', '010100', 'certificate_malformed@0'],
  ])('%s', (_name, from, to, code) => {
    const hex = toHex(LEAF);
    expect(hex).toContain(from);
    expect(codeOf({ chain: [fromHex(hex.replace(from, to)), ORG, ROOT] })).toBe(code);
  });

  test('an authority that may sign documents too is still no person', () => {
    const both = toHex(ORG).replace('551d0f0101ff040403020106', '551d0f0101ff040403020186');
    expect(both).not.toBe(toHex(ORG));
    expect(codeOf({ chain: [fromHex(both), ROOT] })).toBe('certificate_usage@0');
  });

  test('a length that is not minimal', () => {
    const hex = toHex(LEAF);
    expect(hex.startsWith('3082')).toBe(true);
    expect(codeOf({ chain: [fromHex(hex.replace('3082', '308300')), ORG, ROOT] })).toBe('der_malformed@0');
  });

  test('no single flipped bit leaves a leaf valid', () => {
    for (let at = 0; at < LEAF.length; at++) {
      const altered = LEAF.slice();
      altered[at] = (altered[at] ?? 0) ^ (1 << (at % 8));
      expect([at, codeOf({ chain: [altered, ORG, ROOT] })]).not.toEqual([at, 'verified']);
    }
  });

  test('bytes cut short and bytes behind the end', () => {
    for (let length = 0; length < LEAF.length; length += 7)
      expect(codeOf({ chain: [LEAF.slice(0, length), ORG, ROOT] })).toBe('der_malformed@0');
    expect(codeOf({ chain: [Uint8Array.of(...LEAF, 0), ORG, ROOT] })).toBe('der_malformed@0');
  });
});

// OpenSSL 3 applies the user id to one link only (openssl/openssl#23471), so each link is asked for alone.
test('OpenSSL agrees link by link, once it is told the user id', () => {
  const folder = mkdtempSync(join(tmpdir(), 'daoju-pki-'));
  try {
    for (const [name, der] of Object.entries({ LEAF, ORG, ROOT })) writeFileSync(join(folder, name), toPem(der));
    const flags = ['-vfyopt', 'distid:1234567812345678', '-attime', String(AT / 1000), '-partial_chain'];
    for (const [issuer, issued] of [
      ['ROOT', 'ROOT'],
      ['ROOT', 'ORG'],
      ['ORG', 'LEAF'],
    ] as const) {
      const { stdout } = spawnSync(openssl, ['verify', ...flags, '-CAfile', issuer, issued], { cwd: folder, encoding: 'utf8' });
      expect(stdout).toBe(`${issued}: OK\n`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('revocation', () => {
  const dates = { thisUpdate: parseInstant('2026-11-20T00:00:00Z'), nextUpdate: parseInstant('2026-11-30T00:00:00Z') };
  const { serial } = parseCertificate(LEAF);
  const ofRoot = issueCrl(sm2, { issuer: root, number: 1, ...dates, revoked: [] });
  const clean = issueCrl(sm2, { issuer: org, number: 1, ...dates, revoked: [{ serial: Uint8Array.of(0x7f, 1), at: FROM }] });
  const revoking = issueCrl(sm2, { issuer: org, number: 2, ...dates, revoked: [{ serial, at: FROM }] });
  const forged = issueCrl(sm2, { issuer: { ...org, privateKey: keyOf().privateKey }, number: 3, ...dates, revoked: [] });
  test.each<readonly [string, readonly Uint8Array[], string]>([
    ['clean lists of both issuers', [ofRoot, clean], 'verified'],
    ['no list of the organisation', [ofRoot], 'crl_missing@0'],
    ['no list of the root', [clean], 'crl_missing@1'],
    ['the person is on the newer list', [ofRoot, clean, revoking], 'certificate_revoked@0'],
    ['a list signed by somebody else', [ofRoot, clean, forged], 'crl_signature@0'],
    ['a list that is none', [Uint8Array.of(0x30, 0)], 'der_malformed@0'],
  ])('%s', (_name, crls, code) => expect(codeOf({ crls })).toBe(code));
  test('a list past its next update', () => {
    expect(codeOf({ crls: [ofRoot, clean], at: parseInstant('2026-12-01T00:00:00Z') })).toBe('crl_stale@0');
  });

  test('counts from its date: what was signed before it stays valid, also when a later list is asked', () => {
    const since = parseInstant('2026-11-22T08:00:00Z');
    const later = { thisUpdate: parseInstant('2026-11-24T00:00:00Z'), nextUpdate: parseInstant('2026-12-24T00:00:00Z') };
    const crls = [
      issueCrl(sm2, { issuer: root, number: 9, ...later, revoked: [] }),
      issueCrl(sm2, { issuer: org, number: 9, ...later, revoked: [{ serial, at: since }] }),
    ];
    const checkedAt = parseInstant('2026-11-25T00:00:00Z');
    expect(codeOf({ crls, checkedAt, at: parseInstant('2026-11-22T07:59:59Z') })).toBe('verified');
    expect(codeOf({ crls, checkedAt, at: since })).toBe('certificate_revoked@0');
    expect(codeOf({ crls, at: AT })).toBe('crl_stale@0');
  });

  test('OpenSSL reads the same list: signature, number and the revoked serial with its date', () => {
    const folder = mkdtempSync(join(tmpdir(), 'daoju-crl-'));
    try {
      writeFileSync(join(folder, 'crl.der'), revoking);
      const { stdout } = spawnSync(openssl, ['crl', '-inform', 'DER', '-in', 'crl.der', '-noout', '-text'], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect(stdout).toContain('X509v3 CRL Number');
      expect(stdout.toLowerCase()).toContain(`serial number: ${toHex(serial)}`);
      expect(stdout).toContain('Revocation Date: Jan  1 00:00:00 2026 GMT');
      checkSignature(folder, parseCrl(revoking), orgKey.publicKey);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("Tongsuo's published certificates", () => {
  const pem = (name: string) => parsePem(vectorText(`crypto-sm/tongsuo/certs/${name}`));
  const parseCodeOf = (der: Uint8Array): string => {
    try {
      parseCertificate(der);
      return 'parsed';
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      return error.code;
    }
  };
  const authorities = pem('sm2/chain-ca.crt');
  const under = (name: string, use: ChainInput['use'], at = AT) => {
    const chain = [...pem(name), ...ordered(authorities)];
    return codeOf({ chain, anchors: chain.slice(-1).map((der) => sm3(der)), use, at });
  };

  test.each([
    ['sm2/client_sign.crt', 'signing', 'verified'],
    ['sm2/server_sign.crt', 'signing', 'verified'],
    ['sm2/client_enc.crt', 'encryption', 'verified'],
    ['sm2/server_enc.crt', 'encryption', 'verified'],
    ['sm2/client_enc.crt', 'signing', 'certificate_usage@0'],
    ['sm2/client_sign_expire.crt', 'signing', 'certificate_expired@0'],
    ['sm2/server_enc_expire.crt', 'encryption', 'certificate_expired@0'],
    ['sm2/server_sign2.crt', 'signing', 'certificate_issuer_unknown@0'],
  ] as const)('%s for %s: %s', (name, use, code) => expect(under(name, use)).toBe(code));

  test('an old spelling of the key algorithm is refused', () => {
    for (const name of ['sm2-cert.pem', 'sm2-root-cert.pem'])
      for (const der of pem(name)) expect(parseCodeOf(der)).toBe('certificate_algorithm');
  });

  test('signed without Z: refused under the default user id', () => {
    for (const name of ['sm2-noza-cert.pem', 'sm2-noza-root-cert.pem']) {
      for (const der of pem(name)) {
        const code = parseCodeOf(der);
        if (code !== 'parsed') {
          expect(code).toBe('certificate_algorithm');
          continue;
        }
        const certificate = parseCertificate(der);
        const [parent] = pem('sm2-noza-root-cert.pem');
        assert(parent !== undefined, 'the file holds a certificate');
        expect(sm2.verify(parseCertificate(parent).publicKey, certificate.tbs, certificate.signature)).toBe(false);
      }
    }
  });

  test('PEM goes back and forth', () => {
    for (const der of authorities) expect(parsePem(toPem(der)).map(toHex)).toEqual([toHex(der)]);
    expect(() => parsePem('nothing')).toThrow('certificate_malformed');
  });
});

/** Issuer after issued: the self-signed root last. */
function ordered(certificates: readonly Bytes[]): readonly Bytes[] {
  const isRoot = (der: Bytes) => {
    const { issuer, subject } = parseCertificate(der);
    return toHex(issuer.raw) === toHex(subject.raw);
  };
  return [...certificates].sort((a, b) => Number(isRoot(a)) - Number(isRoot(b)));
}

/** The signature over the raw TBS under the default id, by OpenSSL alone. */
function checkSignature(folder: string, { tbs, signature }: { tbs: Bytes; signature: Bytes }, publicKey: Bytes): void {
  writeFileSync(join(folder, 'tbs'), tbs);
  writeFileSync(join(folder, 'sig'), signatureToDer(signature));
  writeFileSync(join(folder, 'key.der'), fromHex(`3059301306072a8648ce3d020106082a811ccf5501822d03420004${toHex(publicKey)}`));
  const key = ['-verify', '-pubin', '-inkey', 'key.der', '-keyform', 'DER'];
  const options = ['-rawin', '-digest', 'sm3', '-pkeyopt', 'distid:1234567812345678', '-in', 'tbs', '-sigfile', 'sig'];
  const { stdout } = spawnSync(openssl, ['pkeyutl', ...key, ...options], { cwd: folder, encoding: 'utf8' });
  expect(stdout).toContain('Signature Verified Successfully');
}

describe('a request for a certificate', () => {
  const request = requestCertificate(sm2, PERSON, personKey.privateKey);
  test('names its subject and proves its key; OpenSSL agrees', () => {
    const read = parseCertificateRequest(request, sm2);
    expect(toHex(read.publicKey)).toBe(toHex(personKey.publicKey));
    expect(read.subject.parts.find(({ oid }) => oid === OID.commonName)?.text).toBe(PERSON.commonName);
    const flags = ['req', '-inform', 'DER', '-verify', '-noout', '-vfyopt', 'distid:1234567812345678'];
    const { stdout, stderr } = spawnSync(openssl, flags, { input: request, encoding: 'utf8' });
    expect(`${stdout}${stderr}`).toMatch(/verify OK/);
  });
  test('no flipped bit is accepted', () => {
    for (let at = 0; at < request.length; at++) {
      const altered = request.slice();
      altered[at] = (altered[at] ?? 0) ^ (1 << (at % 8));
      expect(() => parseCertificateRequest(altered, sm2), `byte ${at}`).toThrow();
    }
  });
  test("Tongsuo's request is read, the one without Z refused", () => {
    const [good, bare] = ['sm2-csr.pem', 'sm2-noza-csr.pem'].map(
      (name) => findPem(vectorText(`crypto-sm/tongsuo/certs/${name}`), 'CERTIFICATE REQUEST')[0],
    );
    assert(good !== undefined && bare !== undefined, 'both files hold a request');
    expect(codeOfRequest(good)).toBe('certificate_algorithm');
    expect(codeOfRequest(bare)).toMatch(/certificate_algorithm|request_signature/);
  });
  const codeOfRequest = (der: Uint8Array): string => {
    try {
      parseCertificateRequest(der, sm2);
      return 'read';
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      return error.code;
    }
  };
});

function signed(privateKey: Uint8Array, digest: Uint8Array): Bytes {
  for (;;) {
    const signature = signDigest(privateKey, digest, (toScalar(systemRandom(32)) % (SM2_N - 1n)) + 1n);
    if (signature !== null) return signature;
  }
}
