import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { generatePrivateKey, publicKeyOf, type Sm2, signDigest } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { parseCertificate } from '#ledger/pki/certificate.ts';
import { type CertificateProfile, type Issuer, issueCertificate, issueCrl } from '#ledger/pki/issue-certificate.ts';
import { type Bytes, concat, fromHex, toBase64, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import { findOpenSsl } from '#test/support/find-openssl.ts';
import { seededRandom } from '#test/support/seeded-random.ts';
import { openVisitor, refusalOf, startTestServer, type TestServer } from '#test/support/server.ts';

export const DAY = 86_400_000;
export let server: TestServer;
export const random = seededRandom('certificates');
export const openssl = findOpenSsl();

export async function openWorld(): Promise<void> {
  server = await startTestServer();
}
export async function closeWorld(): Promise<void> {
  await server.stop();
}

export const sm2 = () => server.services.ledger.sm2;
export const keyOf = () => {
  const privateKey = generatePrivateKey((length) => random.bytes(length));
  return { privateKey, publicKey: publicKeyOf(privateKey) };
};

/** What no reader takes has no serial to sign either. */
export function serialOf(certificate: Uint8Array): string {
  try {
    return toHex(parseCertificate(certificate).serial);
  } catch {
    return '00';
  }
}

/** Signs in with a certificate over a key at hand. */
export async function enter(certificate: Uint8Array, privateKey: Uint8Array) {
  const browser = openVisitor(server.base);
  const { chain, challenge, issuedAt } = await browser.api.staff.challenge.mutate();
  const certificateSerial = serialOf(certificate);
  const message = concat(utf8('daoju.sign-in/1\n'), canonicalBytes({ chain, certificateSerial, challenge, issuedAt }));
  const signature = toHex(sm2().sign(privateKey, message));
  return { browser, signIn: browser.api.staff.signIn.mutate({ certificate: toBase64(certificate), challenge, issuedAt, signature }) };
}
export const codeOf = async (certificate: Uint8Array, privateKey: Uint8Array) =>
  (await refusalOf((await enter(certificate, privateKey)).signIn)).code;

/** An authority that this installation has never seen, with a root of its own. */
export function outsideAuthority(name: string) {
  const [rootKey, caKey] = [keyOf(), keyOf()];
  const root: Issuer = { name: { commonName: `${name} root`, organization: name }, privateKey: rootKey.privateKey };
  const ca: Issuer = { name: { commonName: `${name} CA`, organization: name }, privateKey: caKey.privateKey };
  let serial = 1;
  const from = () => instant(server.clock.now() - DAY);
  const issue = (
    issuer: Issuer,
    subject: Issuer['name'],
    publicKey: Bytes,
    profile: CertificateProfile,
    days = 365,
    by: Sm2 = sm2(),
    since = from(),
  ) =>
    issueCertificate(by, {
      ...{ issuer, subject, publicKey, profile },
      serial: Uint8Array.of(serial++),
      notBefore: since,
      notAfter: instant(server.clock.now() + days * DAY),
    });
  const rootDer = issue(root, root.name, rootKey.publicKey, { kind: 'authority', pathLength: 1 }, 4000);
  const caDer = issue(root, ca.name, caKey.publicKey, { kind: 'authority', pathLength: 0 }, 2000);
  const person = (
    unit: string,
    publicKey: Bytes,
    profile: CertificateProfile = { kind: 'signing' },
    days = 365,
    by?: Sm2,
    since?: Instant,
  ) =>
    issue(
      ca,
      { commonName: '张监管', organization: name, organizationalUnit: unit, serialNumber: 'X-1' },
      publicKey,
      profile,
      days,
      by,
      since,
    );
  const crl = (issuer: Issuer, number: number, revoked: readonly Uint8Array[] = [], days = 30) =>
    issueCrl(sm2(), {
      ...{ issuer, number },
      thisUpdate: instant(server.clock.now() - (server.clock.now() % 1000)),
      nextUpdate: instant(server.clock.now() + days * DAY),
      revoked: revoked.map((der) => ({ serial: parseCertificate(der).serial, at: instant(server.clock.now() - 1000) })),
    });
  return { root, ca, rootDer, caDer, person, crl };
}
/** As an authority signs that takes OpenSSL 3 by its word: the digest of the bytes alone. */
export const withoutId: Sm2 = {
  verify: () => false,
  sign: (privateKey, message) => {
    const signature = signDigest(privateKey, sm3(message), 12_345_678_987_654_321n);
    if (signature === null) throw new Error('another nonce is needed');
    return signature;
  },
};
export const onAnotherCurve = (der: Uint8Array) => fromHex(toHex(der).replace('2a811ccf5501822d', '2a811ccf5501822e'));

export const IMPORT = { crls: [], trustsRoots: false, isLicensed: false, purpose: 'staff' } as const;
