/** People of the staff where no key is published: an authority of their own, roles granted as `cli -- ca import` does, personal signatures. */
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { generatePrivateKey, publicKeyOf } from '#ledger/crypto/sm2.ts';
import { parseCertificate } from '#ledger/pki/certificate.ts';
import { type Issuer, issueCertificate, issueCrl } from '#ledger/pki/issue-certificate.ts';
import { type Bytes, concat, toBase64, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { type CaseDocument, signedDocument } from '#sandbox/cases/case-order.ts';
import type { StaffRole } from '#server/trpc/views.ts';
import { seededRandom } from '#test/support/seeded-random.ts';
import { openVisitor, type TestServer, type Visitor } from '#test/support/server.ts';

const DAY_MS = 86_400_000;
const random = seededRandom('own officials');
/** Of all authorities here: a certificate is known by its number. */
let serial = 1;
const draw = () => generatePrivateKey((length) => random.bytes(length));

export type OwnOfficial = {
  readonly api: () => Visitor['api'];
  /** A session ends after half an hour. */
  signIn(): Promise<void>;
  sign(document: CaseDocument): string;
};
export type OwnAuthority = {
  /** PEM-ready: a certificate of an organisation or person. */
  certify(subject: Issuer['name'], publicKey: Bytes): Bytes;
  official(unit: string, name: string, staffId: string): Promise<OwnOfficial>;
};

export async function openOwnAuthority(server: TestServer, roles: Readonly<Record<string, StaffRole>>): Promise<OwnAuthority> {
  const { ledger, pki } = server.services;
  const { sm2 } = ledger;
  const root: Issuer = { name: { commonName: 'Own root', organization: 'Own' }, privateKey: draw() };
  const ca: Issuer = { name: { commonName: 'Own CA', organization: 'Own' }, privateKey: draw() };
  const issue = (issuer: Issuer, subject: Issuer['name'], publicKey: Bytes, profile: Parameters<typeof issueCertificate>[1]['profile']) =>
    issueCertificate(sm2, {
      ...{ issuer, subject, publicKey, profile, serial: Uint8Array.of(serial++) },
      notBefore: instant(server.clock.now() - DAY_MS),
      notAfter: instant(server.clock.now() + 900 * DAY_MS),
    });
  const rootDer = issue(root, root.name, publicKeyOf(root.privateKey), { kind: 'authority', pathLength: 1 });
  const caDer = issue(root, ca.name, publicKeyOf(ca.privateKey), { kind: 'authority', pathLength: 0 });
  const crl = (issuer: Issuer) =>
    issueCrl(sm2, {
      ...{ issuer, number: 1, revoked: [] },
      thisUpdate: instant(server.clock.now() - (server.clock.now() % 1000)),
      nextUpdate: instant(server.clock.now() + 60 * DAY_MS),
    });
  const taken = await pki.import({
    ...{ certificates: [rootDer, caDer], crls: [crl(root), crl(ca)], trustsRoots: true, isLicensed: false, purpose: 'staff' },
  });
  if (taken.kind !== 'imported') throw new Error(`not imported: ${JSON.stringify(taken)}`);
  const { fingerprint } = parseCertificate(caDer);
  for (const [unit, role] of Object.entries(roles)) await pki.grantRole(fingerprint, { unit, role, organisation: 'Own' });
  const certify = (subject: Issuer['name'], publicKey: Bytes) => issue(ca, subject, publicKey, { kind: 'signing' });
  return {
    certify,
    official: async (unit, name, staffId) => {
      const privateKey = draw();
      const subject = { commonName: name, organization: 'Own', organizationalUnit: unit, serialNumber: staffId };
      const certificate = certify(subject, publicKeyOf(privateKey));
      const certificateSerial = toHex(parseCertificate(certificate).serial);
      let visitor = openVisitor(server.base);
      const official: OwnOfficial = {
        api: () => visitor.api,
        signIn: async () => {
          visitor = openVisitor(server.base);
          const { chain, challenge, issuedAt } = await visitor.api.staff.challenge.mutate();
          const message = concat(utf8('daoju.sign-in/1\n'), canonicalBytes({ chain, certificateSerial, challenge, issuedAt }));
          const signature = toHex(sm2.sign(privateKey, message));
          await visitor.api.staff.signIn.mutate({ certificate: toBase64(certificate), challenge, issuedAt, signature });
        },
        sign: (document) => toHex(sm2.sign(privateKey, signedDocument(document, toHex(ledger.chain), certificateSerial))),
      };
      await official.signIn();
      return official;
    },
  };
}
